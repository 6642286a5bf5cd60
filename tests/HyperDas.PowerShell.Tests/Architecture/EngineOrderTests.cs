using ArchUnitNET.Domain;
using ArchUnitNET.xUnit;
using Xunit;

namespace HyperDas.PowerShell.Tests.Architecture;

/// <summary>Nothing in the engine walks back: a folder uses only the folders that data has passed before it.</summary>
public sealed class EngineOrderTests
{
    private const string Engine = "HyperDas.Engine";

    /// <summary>Every folder with each one after it.</summary>
    public static TheoryData<string, string> Pairs()
    {
        TheoryData<string, string> pairs = [];
        string[] folders = [.. Layers.EngineFolders.Where(Exists)];
        for (int i = 0; i < folders.Length; i++)
        {
            foreach (string later in folders[(i + 1)..])
            {
                pairs.Add(folders[i], later);
            }
        }
        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_folder_does_not_use_one_after_it(string folder, string later) =>
        Layers.Folder(folder).Should().NotDependOnAny(Layers.Folder(later)).Check(Layers.Architecture);

    [Fact]
    public void Tokenization_stands_alone_but_for_the_reading_of_files()
    {
        string[] used = [.. Layers.Of(Engine).Where(t => Layers.FolderOf(t.Namespace.FullName) == "Tokenization")
            .SelectMany(Layers.Uses).Select(name => Layers.FolderOf(name)).OfType<string>().Distinct()];

        Assert.Equal(["Files", "Tokenization"], used.Order());
    }

    [Fact]
    public void Every_folder_has_its_place_in_the_order()
    {
        IEnumerable<string> spaces = Layers.Of(Engine).Select(t => t.Namespace.FullName)
            .Where(n => n.StartsWith("HyperDas", StringComparison.Ordinal)).Distinct();

        Assert.All(spaces, space => Assert.Contains(Layers.FolderOf(space), Layers.EngineFolders));
    }

    private static bool Exists(string folder) => Layers.Of(Engine).Any(t => Layers.FolderOf(t.Namespace.FullName) == folder);
}
