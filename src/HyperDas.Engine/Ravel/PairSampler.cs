using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// Draws candidate examples for one domain and split as the original does (docs/methods.md#pairs-as-hyperdas-draws-them): base and source
/// entity until their values differ, a template that asks for the attribute, and any context for the source.
/// </summary>
internal sealed class PairSampler
{
    // One value may outnumber all others a thousand to one; an unlucky draw is then abandoned instead of repeated endlessly.
    private const int MaxRedraws = 1000;

    private readonly RavelDomain _domain;
    private readonly InstructionStyle _style;
    private readonly RavelEntity[] _entities;
    private readonly Dictionary<string, RavelTemplate[]> _templates;
    private readonly string[] _sourceAttributes;
    private readonly ILookup<string, RavelDistractor> _ownDistractors;
    private readonly RavelDistractor[] _anyDistractors;
    private readonly Dictionary<string, RavelEntity[]> _withValue = [];

    internal PairSampler(RavelDomain domain, RavelSplit split, RavelEntitySplit entitySplit, InstructionStyle style)
    {
        _domain = domain;
        _style = style;
        _entities = [.. domain.Entities.Where(entity => entitySplit == RavelEntitySplit.Both || entity.Split == split)];
        _templates = domain.Templates.Where(template => template.Split == split && domain.Attributes.Contains(template.Attribute))
            .GroupBy(template => template.Attribute).ToDictionary(group => group.Key, group => group.ToArray());
        _sourceAttributes = [.. domain.Attributes.Where(_templates.ContainsKey)];
        RavelDistractor[] distractors = [.. domain.Distractors.Where(distractor => distractor.Split == split)];
        _ownDistractors = distractors.Where(distractor => distractor.Entity is not null).ToLookup(distractor => distractor.Entity!);
        _anyDistractors = [.. distractors.Where(distractor => distractor.Entity is null)];
    }

    /// <summary>Why no example in this split can ask for an attribute, or null when one can.</summary>
    internal string? Obstacle(string attribute)
    {
        if (!_templates.ContainsKey(attribute))
        {
            return "no template asks for it";
        }
        RavelEntity[] known = WithValue(attribute);
        return known.Length == 0 || known.All(entity => SameValue(entity.Values[attribute], known[0].Values[attribute]))
            ? "its entities have fewer than two different values"
            : null;
    }

    /// <summary>
    /// Draws a base prompt that asks for <paramref name="asked"/> and a source; null when no differing values were found.
    /// </summary>
    internal Candidate? Draw(string target, string asked, SeededRandom random)
    {
        RavelEntity[] entities = WithValue(asked);
        for (int redraw = 0; redraw < MaxRedraws; redraw++)
        {
            RavelEntity @base = random.Pick(entities);
            RavelEntity source = random.Pick(entities);
            if (!SameValue(@base.Values[asked], source.Values[asked]))
            {
                RavelTemplate template = random.Pick(_templates[asked]);
                return new Candidate(
                    @base, source, template, Example(target, asked, @base, source, template, SourceTemplate(source, random)));
            }
        }
        return null;
    }

    private RavelExample Example(
        string target, string asked, RavelEntity @base, RavelEntity source, RavelTemplate template, string sourceTemplate)
    {
        (string prefix, string suffix) = TemplateSlot.Fill(template.Text, @base.Name);
        (string sourcePrefix, string sourceSuffix) = TemplateSlot.Fill(sourceTemplate, source.Name);
        return new RavelExample
        {
            Domain = _domain.Name,
            Kind = target == asked ? RavelExampleKind.Cause : RavelExampleKind.Isolate,
            Attribute = target,
            AskedAttribute = asked,
            Instruction = RavelInstruction.Text(_style, _domain.Name, target, @base.Name, source.Name),
            BaseEntity = @base.Name,
            SourceEntity = source.Name,
            BasePrefix = prefix,
            BaseSuffix = suffix,
            SourcePrefix = sourcePrefix,
            SourceSuffix = sourceSuffix,
            BaseTemplate = template.Text,
            SourceTemplate = sourceTemplate,
            BaseValue = @base.Values[asked],
            SourceValue = source.Values[asked],
        };
    }

    /// <summary>Distractors count as one more attribute where the entity has any.</summary>
    private string SourceTemplate(RavelEntity source, SeededRandom random)
    {
        RavelDistractor[] distractors = [.. _ownDistractors[source.Name], .. _anyDistractors];
        int choice = random.Next(_sourceAttributes.Length + (distractors.Length > 0 ? 1 : 0));
        return choice < _sourceAttributes.Length ? random.Pick(_templates[_sourceAttributes[choice]]).Text : random.Pick(distractors).Text;
    }

    private RavelEntity[] WithValue(string attribute)
    {
        if (!_withValue.TryGetValue(attribute, out RavelEntity[]? entities))
        {
            entities = [.. _entities.Where(entity => entity.Values.GetValueOrDefault(attribute, "").Length > 0)];
            _withValue[attribute] = entities;
        }
        return entities;
    }

    /// <summary>
    /// Whether two values are the same: the official files spell one category in singular and plural
    /// (docs/methods.md#oddities-of-the-official-files, 4), which is no difference to patch.
    /// </summary>
    internal static bool SameValue(string one, string other) =>
        string.Equals(one, other, StringComparison.OrdinalIgnoreCase)
        || string.Equals(one + "s", other, StringComparison.OrdinalIgnoreCase)
        || string.Equals(one, other + "s", StringComparison.OrdinalIgnoreCase);

    /// <summary>A drawn example and the facts that it requires.</summary>
    internal sealed record Candidate(RavelEntity Base, RavelEntity Source, RavelTemplate Template, RavelExample Example)
    {
        /// <summary>A swap can only come out right if the source's value, too, is answered in the base's words.</summary>
        internal IEnumerable<(RavelEntity Entity, RavelTemplate Template)> Facts => Example.Kind == RavelExampleKind.Cause
            ? [(Base, Template), (Source, Template)]
            : [(Base, Template)];
    }
}
