using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Ravel;

namespace HyperDas.Engine.Tests.Fuzzing.Targets;

/// <summary>A dataset as JSON Lines, with its manifest and without.</summary>
internal sealed class DatasetTarget : FuzzTarget
{
    private const string FileName = "tiny.jsonl";

    public DatasetTarget()
    {
        using TemporaryFolder folder = new();
        RavelDatasetFile.Write(TinyDataset.Create(), Path.Combine(folder.Path, FileName));
        FuzzFile[] both = FuzzFile.Of(folder.Path, FuzzFile.KindOf, FileName);
        Seeds = [both, [.. both.Where(f => f.IsFixed).Select(f => f with { IsFixed = false })]];
    }

    internal override string Name => "dataset";

    internal override IReadOnlyList<FuzzFile[]> Seeds { get; }

    internal override IReadOnlyList<string> Words =>
        ["hyperdas-ravel-dataset", "train", "val", "test", "cause", "isolate", "format", "version", "domains", "attributes", "split",
            "kind", "heldOut", "entity", "sourceTemplate", "provenance", "sha256"];

    internal override void Read(string folder)
    {
        RavelDataset dataset = RavelDatasetFile.Read(Path.Combine(folder, FileName));
        foreach (RavelExample example in Enum.GetValues<RavelSplit>().SelectMany(dataset.Split))
        {
            _ = (example.Label.Length, example.BasePrompt.Length, example.Domain.Length, example.Instruction.Length);
        }
        _ = (dataset.Domains.Sum(d => d.Length), dataset.Attributes.Sum(a => a.Length),
            dataset.Provenance?.SourceFiles.Sum(f => f.Name.Length));
    }
}
