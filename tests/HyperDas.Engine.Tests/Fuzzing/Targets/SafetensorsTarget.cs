using HyperDas.Engine.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Fuzzing.Targets;

/// <summary>One safetensors file, every tensor loaded.</summary>
internal sealed class SafetensorsTarget : FuzzTarget
{
    private const string FileName = "x.safetensors";

    public SafetensorsTarget()
    {
        using TemporaryFolder folder = new();
        using DisposeScope scope = NewDisposeScope();
        SafetensorsWriter.Write(Path.Combine(folder.Path, FileName),
        [
            new("weight", arange(24, ScalarType.Float32).view(2, 3, 4)), new("half", ones(5, ScalarType.BFloat16)),
            new("scalar", tensor(1.5)),
            new("empty", zeros([0, 3], ScalarType.Int64)), new("flags", tensor((bool[])[true, false, true])),
        ], new Dictionary<string, string> { ["format"] = "pt" });
        Seeds = [FuzzFile.Of(folder.Path, FuzzFile.KindOf)];
    }

    internal override string Name => "safetensors";

    internal override IReadOnlyList<FuzzFile[]> Seeds { get; }

    internal override IReadOnlyList<string> Words =>
        ["__metadata__", "dtype", "shape", "data_offsets", "F32", "F16", "BF16", "F64", "I64", "I32", "I8", "U8", "BOOL", "F8_E4M3",
            "weight", "half", "[0,0]", "[1]", "format"];

    internal override void Read(string folder)
    {
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(folder, FileName));
        foreach (string name in file.Entries.Keys)
        {
            using Tensor stored = file.Load(name), converted = file.Load(name, ScalarType.Float32);
        }
    }
}
