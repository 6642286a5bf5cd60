using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Tests.Ravel;

/// <summary>Interchange examples as one writes them down.</summary>
internal static class Examples
{
    /// <summary>An example whose prompts mark the entity's end with a bar: <c>"Vienna| is in"</c>.</summary>
    internal static RavelExample Of(
        string basePrompt, string label, string sourcePrompt = "I love Paris|", string instruction = "the country of a city",
        RavelExampleKind kind = RavelExampleKind.Cause)
    {
        string[] parts = basePrompt.Split('|');
        string[] sourceParts = sourcePrompt.Split('|');
        return new RavelExample
        {
            Domain = "city",
            Kind = kind,
            Attribute = "Country",
            AskedAttribute = kind == RavelExampleKind.Cause ? "Country" : "Language",
            Instruction = instruction,
            BaseEntity = "Vienna",
            SourceEntity = "Paris",
            BasePrefix = parts[0],
            BaseSuffix = parts[1],
            SourcePrefix = sourceParts[0],
            SourceSuffix = sourceParts[1],
            BaseTemplate = "%s is in",
            BaseValue = kind == RavelExampleKind.Isolate ? label : "Austria",
            SourceValue = kind == RavelExampleKind.Cause ? label : "French",
        };
    }

    /// <summary>Ids with nothing behind them but their lengths: for collation.</summary>
    internal static TokenizedExample Ids(
        int[] @base, int label, int visible, int[] source, int sourceVisible, int[] instruction, bool isCause = true) => new()
    {
        BaseIds = @base,
        PromptLength = @base.Length - label,
        BaseVisible = visible,
        BaseEntityIndex = visible - 1,
        SourceIds = source,
        SourceVisible = sourceVisible,
        SourceEntityIndex = sourceVisible - 1,
        InstructionIds = instruction,
        IsCause = isCause,
    };
}
