using ArchUnitNET.Domain;
using Xunit;

namespace HyperDas.PowerShell.Tests.Architecture;

/// <summary>A family is data: its file computes nothing, and nothing else in the engine knows which families there are.</summary>
public sealed class FamilyRoomTests
{
    private const string Engine = "HyperDas.Engine", Room = Engine + ".Checkpoints.Families";

    [Fact]
    public void Families_hold_no_tensor()
    {
        IType[] families = [.. Layers.Of(Engine).Where(InRoom)];

        Assert.Contains(families, t => t.Name == "ModelFamily");
        Assert.All(
            families, type => Assert.DoesNotContain(Layers.Uses(type), name => name.StartsWith("TorchSharp.", StringComparison.Ordinal)));
    }

    [Fact]
    public void Only_checkpoints_name_a_family()
    {
        string[] families =
        [
            .. Layers.Of(Engine).Where(t => InRoom(t) && t.Name.EndsWith("Family", StringComparison.Ordinal) && t.Name != "ModelFamily")
                .Select(t => t.FullName)
        ];
        IType[] others = [.. Layers.Of(Engine).Where(t => Layers.FolderOf(t.Namespace.FullName) is { } folder && folder != "Checkpoints")];

        Assert.True(families.Length > 10, $"{families.Length} families");
        Assert.All(others, type => Assert.Empty(Layers.Uses(type).Intersect(families)));
    }

    private static bool InRoom(IType type) => type.Namespace.FullName == Room;
}
