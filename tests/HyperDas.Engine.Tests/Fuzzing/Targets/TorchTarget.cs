using HyperDas.Engine.Checkpoints.Pickle;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Fuzzing.Targets;

/// <summary>
/// State dictionaries of PyTorch in both formats, every tensor loaded. Nothing in them is compressed, so that
/// blind changes reach the pickles.
/// </summary>
internal sealed class TorchTarget : FuzzTarget
{
    private static readonly string s_fixtures = Path.Combine(SharedData.RepositoryRoot(), "tests", "Fixtures", "torch");

    internal override string Name => "torch";

    internal override IReadOnlyList<FuzzFile[]> Seeds { get; } =
        [.. ((string[])["state.bin", "state.old.bin"])
            .Select(name => (FuzzFile[])[new(name, FuzzKind.Bytes, File.ReadAllBytes(Path.Combine(s_fixtures, name)))])];

    internal override IReadOnlyList<string> Words =>
        ["ctorch._utils\n_rebuild_tensor_v2\n", "ccollections\nOrderedDict\n", "cos\nsystem\n", "ctorch\nHalfStorage\n", "storage",
            "state/data/0", "(", "t", "R", "Q", "b", ".", "\u0001\0\0"];

    internal override void Read(string folder)
    {
        foreach (string path in Directory.GetFiles(folder))
        {
            using TorchFile file = TorchFile.Open(path);
            foreach (string name in file.Entries.Keys)
            {
                using Tensor stored = file.Load(name), converted = file.Load(name, ScalarType.Float32);
            }
        }
    }
}
