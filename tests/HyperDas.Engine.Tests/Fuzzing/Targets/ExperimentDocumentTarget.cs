using HyperDas.Engine.Experiments;
using HyperDas.Engine.Tests.Experiments;

namespace HyperDas.Engine.Tests.Fuzzing.Targets;

/// <summary>The YAML of experiments: the committed ones and the least one.</summary>
internal sealed class ExperimentDocumentTarget : FuzzTarget
{
    private const string FileName = "x.yaml";

    internal override string Name => "experiment";

    internal override IReadOnlyList<FuzzFile[]> Seeds { get; } =
    [
        [new FuzzFile(FileName, FuzzKind.Bytes, System.Text.Encoding.UTF8.GetBytes(ExperimentFile.Least))],
        .. Directory.GetFiles(Path.Combine(SharedData.RepositoryRoot(), "configs"), "*.yaml").Order(StringComparer.Ordinal)
            .Select(file => (FuzzFile[])[new FuzzFile(FileName, FuzzKind.Bytes, File.ReadAllBytes(file))]),
    ];

    internal override IReadOnlyList<string> Words =>
    [
        "sweep:\n  method.layer: [1, 2, 3]\n", "target:\n", "method:\n", "  layer: -1\n", "  name: Mdas\n", "&x [*x]", "&a [", "*a",
        "!!python/object/apply:os.system ['id']\n", "!<tag:x> ", "{a: [", "? [a]\n",
        "<<: *a\n", "seed: 99999999999999999999\n", "  epochs: 1e99\n", "- - - - - - - - - - - - - - - - - - -", "\"\\x", "'", "%TAG ! x\n",
        "|9\n", "outputs:\n  path: ../../..\n", "..\n", "\t",
    ];

    internal override void Read(string folder)
    {
        foreach (ExperimentRun run in ExperimentReader.Read(Path.Combine(folder, FileName), new ExperimentReadOptions { SkipFiles = true }))
        {
            _ = (run.Name.Length, run.Path.Length, run.Yaml.Length);
        }
    }
}
