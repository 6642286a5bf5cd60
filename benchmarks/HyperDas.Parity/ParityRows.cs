using System.Text.Json;
using HyperDas.Engine.Ravel;

namespace HyperDas.Parity;

/// <summary>
/// The rows that the original was trained and scored on, in its own 13 columns (docs/methods.md#published-datasets), one JSON object a
/// line, as a dataset: <c>train.jsonl</c>, of which whole templates may be held out as validation examples, and <c>test.jsonl</c>.
/// </summary>
internal static class ParityRows
{
    // One base template in ten, by a hash of its text that doesn't change between runs.
    private const uint HeldOutShare = 10;

    /// <summary>Reads both files.</summary>
    /// <param name="folder">Where they are.</param>
    /// <param name="holdOut">Make validation examples of a tenth of the training templates, and take them out of training.</param>
    public static RavelDataset Read(string folder, bool holdOut)
    {
        RavelExample[] train = [.. Rows(Path.Combine(folder, "train.jsonl"))];
        RavelExample[] test = [.. Rows(Path.Combine(folder, "test.jsonl"))];
        return new RavelDataset(
            Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)),
            [.. train.Select(e => e.Domain).Distinct()],
            [.. train.Select(e => e.Attribute).Distinct()],
            [.. train.Where(e => !holdOut || !IsHeldOut(e))],
            [.. train.Where(IsHeldOut)],
            test,
            Seed: 42,
            new RavelBuildCounts(train.Length + test.Length, 0, 0, 0));
    }

    /// <summary>The same rows with instructions that name the concept alone.</summary>
    public static RavelDataset ConceptOnly(RavelDataset dataset)
    {
        return dataset with { Train = Renamed(dataset.Train), Val = Renamed(dataset.Val), Test = Renamed(dataset.Test) };

        static RavelExample[] Renamed(IReadOnlyList<RavelExample> examples) =>
            [.. examples.Select(e => e with { Instruction = RavelInstruction.Concept(e.Domain, e.Attribute) })];
    }

    private static bool IsHeldOut(RavelExample example)
    {
        uint hash = 2166136261;
        foreach (char c in example.BaseTemplate)
        {
            hash = unchecked((hash ^ c) * 16777619);
        }
        return hash % HeldOutShare == 0;
    }

    private static IEnumerable<RavelExample> Rows(string file)
    {
        foreach (string line in File.ReadLines(file))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement row = document.RootElement;
            bool isCause = Text("attribute_type") == "causal";
            string instruction = Text("edit_instruction");
            yield return new RavelExample
            {
                Domain = Text("domain"),
                Kind = isCause ? RavelExampleKind.Cause : RavelExampleKind.Isolate,
                Attribute = instruction.Split(" - ")[^1],
                AskedAttribute = Text("attribute"),
                Instruction = instruction,
                BaseEntity = Text("entity"),
                SourceEntity = Text("counterfactual_entity"),
                BasePrefix = Text("input_prefix"),
                BaseSuffix = Text("input_suffix"),
                SourcePrefix = Text("counterfactual_input_prefix"),
                SourceSuffix = Text("counterfactual_input_suffix"),
                BaseTemplate = Text("input_prefix")[..^Text("entity").Length] + "%s" + Text("input_suffix"),
                BaseValue = Text("target"),
                SourceValue = Text("counterfactual_target"),
            };

            string Text(string key) => row.GetProperty(key).GetString()!;
        }
    }
}
