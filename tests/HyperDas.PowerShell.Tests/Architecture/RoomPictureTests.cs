using System.Text.RegularExpressions;
using System.Xml.Linq;
using ArchUnitNET.Domain;
using Xunit;

namespace HyperDas.PowerShell.Tests.Architecture;

/// <summary>The picture in docs/architecture.md shows the engine as it is.</summary>
public sealed partial class RoomPictureTests
{
    private static readonly ILookup<string, string> s_named = Named();
    private static readonly XDocument s_picture = XDocument.Load(Path.Combine(Repository.Root, "docs", "images", "rooms.svg"));

    [Fact]
    public void The_picture_shows_every_room()
    {
        IEnumerable<string> rooms = Layers.Of("HyperDas.Engine").Select(Room).OfType<string>().Distinct().Order(StringComparer.Ordinal);

        Assert.Equal(
            rooms, s_picture.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Its_lines_are_the_references_that_no_way_through_other_rooms_implies()
    {
        IEnumerable<string> needed = s_named.SelectMany(from => from.Where(used => !from.Any(other => Reaches(s_named, other, used)))
            .Select(used => $"{from.Key} uses {used}"));
        IEnumerable<string> drawn = s_picture.Descendants().Where(e => e.Attribute("data-from") is not null)
            .Select(e => $"{e.Attribute("data-from")!.Value} uses {e.Attribute("data-uses")!.Value}");

        Assert.True(
            needed.Order(StringComparer.Ordinal).SequenceEqual(drawn.Order(StringComparer.Ordinal)),
            "docs/images/rooms.svg is out of date; build/Write-RoomPicture.ps1 draws it anew. Missing or too much: "
            + string.Join(", ", needed.Except(drawn).Concat(drawn.Except(needed))));
    }

    [Fact]
    public void What_the_compiled_engine_uses_is_named_or_implied_by_what_the_sources_name()
    {
        (string From, string Used)[] uses =
        [
            .. Layers.Of("HyperDas.Engine")
                .SelectMany(type => Layers.Uses(type).Select(used => (Room(type), Layers.FolderOf(used.Split('<', '`')[0]))))
                .Where(pair => pair.Item1 is not null && pair.Item2 is not null && pair.Item1 != pair.Item2).Distinct()
                .Select(pair => (pair.Item1!, pair.Item2!)),
        ];

        Assert.NotEmpty(uses);
        Assert.Empty(uses.Where(pair => !Reaches(s_named, pair.From, pair.Used)).Select(pair => $"{pair.From} uses {pair.Used}"));
    }

    private static string? Room(IType type) => Layers.FolderOf(type.Namespace.FullName);

    // Compiled code contains no reference to the type of a constant; the source does.
    private static ILookup<string, string> Named()
    {
        string engine = Path.Combine(Repository.Root, "src", "HyperDas.Engine");
        string[] rooms = [.. Layers.Of("HyperDas.Engine").Select(Room).OfType<string>().Distinct()];
        return (
            from room in rooms
            from file in Directory.EnumerateFiles(Path.Combine(engine, room), "*.cs", SearchOption.AllDirectories)
            from Match match in Name().Matches(File.ReadAllText(file))
            let used = match.Groups[1].Value
            where used != room && rooms.Contains(used)
            select (room, used)).Distinct().ToLookup(pair => pair.room, pair => pair.used);
    }

    private static bool Reaches(ILookup<string, string> uses, string from, string to) =>
        uses[from].Any(next => next == to || Reaches(uses, next, to));

    [GeneratedRegex(@"\bEngine\.([A-Z]\w+)")]
    private static partial Regex Name();
}
