using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Ravel;

namespace HyperDas.Engine.Tests.Fuzzing.Targets;

/// <summary>A Hugging Face folder with an Arrow stream.</summary>
internal sealed class ArrowTarget : FuzzTarget
{
    public ArrowTarget()
    {
        using TemporaryFolder folder = new();
        Seeds =
        [
            FuzzFile.Of(TinyArrow.Write(folder, "x", [TinyArrow.Row, TinyArrow.With("entity", "Graz")], [TinyArrow.Row]), FuzzFile.KindOf),
            FuzzFile.Of(TinyArrow.WriteSplits(folder, "y", ("train", [TinyArrow.Row]), ("test", [TinyArrow.Row])), FuzzFile.KindOf),
        ];
    }

    internal override string Name => "arrow";

    internal override IReadOnlyList<FuzzFile[]> Seeds { get; }

    internal override IReadOnlyList<string> Words =>
    [
        "_data_files", "filename", "data-0.arrow", "state.json", "splits", "train", "_split", "../x/data-0.arrow", "\xFF\xFF\xFF\xFF",
        "\0\0\0\0", "entity", "causal"
    ];

    internal override void Read(string folder) => ArrowDatasetReader.Read(folder);
}
