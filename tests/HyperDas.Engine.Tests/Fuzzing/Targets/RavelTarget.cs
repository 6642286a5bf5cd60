using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Ravel;

namespace HyperDas.Engine.Tests.Fuzzing.Targets;

/// <summary>The benchmark's five files of a domain.</summary>
internal sealed class RavelTarget : FuzzTarget
{
    public RavelTarget()
    {
        using TemporaryFolder folder = new();
        MiniRavel.Write(folder);
        Seeds = [FuzzFile.Of(folder.Path, FuzzFile.KindOf)];
    }

    internal override string Name => "ravel";

    internal override IReadOnlyList<FuzzFile[]> Seeds { get; }

    internal override IReadOnlyList<string> Words =>
        ["train", "val", "test", "split", "entity", "Paris", "paris", "Country", "%s", "%s %s", "Vienna"];

    internal override void Read(string folder) => RavelReader.Read(folder, "town");
}
