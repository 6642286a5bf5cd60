namespace HyperDas.Engine.Ravel.Instances;

/// <summary>Converts a drawn pair to an example for one target attribute.</summary>
internal sealed class ExampleWriter(RavelDomain domain, InstanceKnowledge knowledge, RavelHeldOut heldOut, InstructionStyle style)
{
    private static readonly string[] s_degrees = ["Latitude", "Longitude"];

    private readonly Dictionary<string, RavelEntity> _entities = domain.Entities.ToDictionary(
        entity => entity.Name, StringComparer.Ordinal);

    /// <summary>The example; null when both labels are the same and the effect would be invisible.</summary>
    internal RavelExample? Write(InstanceDraw pair, string target)
    {
        string asked = pair.BaseTemplate.Attribute!;
        string baseLabel = Label(pair.BaseTemplate.Text, pair.BaseEntity, asked);
        string sourceLabel = Label(pair.BaseTemplate.Text, pair.SourceEntity, asked);
        if (baseLabel == sourceLabel)
        {
            return null;
        }
        (string prefix, string suffix) = TemplateSlot.Fill(pair.BaseTemplate.Text, pair.BaseEntity);
        (string sourcePrefix, string sourceSuffix) = TemplateSlot.Fill(pair.SourceTemplate.Text, pair.SourceEntity);
        return new RavelExample
        {
            Domain = domain.Name,
            Kind = target == asked ? RavelExampleKind.Cause : RavelExampleKind.Isolate,
            Attribute = target,
            AskedAttribute = asked,
            Instruction = RavelInstruction.Text(style, domain.Name, target, pair.BaseEntity, pair.SourceEntity),
            BaseEntity = pair.BaseEntity,
            SourceEntity = pair.SourceEntity,
            BasePrefix = prefix,
            BaseSuffix = suffix,
            SourcePrefix = sourcePrefix,
            SourceSuffix = sourceSuffix,
            BaseTemplate = pair.BaseTemplate.Text,
            SourceTemplate = pair.SourceTemplate.Text,
            BaseValue = baseLabel,
            SourceValue = sourceLabel,
            ValuesAreVerbatim = true,
            BaseGoldValue = Gold(pair.BaseEntity, asked),
            SourceGoldValue = Gold(pair.SourceEntity, asked),
            HeldOut = heldOut,
        };
    }

    private string Label(string template, string entity, string asked)
    {
        string label = knowledge.Answer(template, entity)?.Label ?? "";
        return s_degrees.Contains(asked) ? CompletionLabel.WholeDegrees(label) : label;
    }

    private string Gold(string entity, string asked) => _entities[entity].Values.GetValueOrDefault(asked, "");
}
