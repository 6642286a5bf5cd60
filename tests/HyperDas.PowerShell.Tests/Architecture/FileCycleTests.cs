using Xunit;

namespace HyperDas.PowerShell.Tests.Architecture;

/// <summary>
/// Files of a room name each other in one direction only: reading a file doesn't require reading the files that use it.
/// <see cref="FileGraph"/> defines what counts as a file and as naming.
/// </summary>
public sealed class FileCycleTests
{
    [Theory]
    [InlineData("HyperDas.Abstractions", 50)]
    [InlineData("HyperDas.Engine", 1000)]
    [InlineData("HyperDas.PowerShell", 40)]
    [InlineData("HyperDas.Shell", 5)]
    public void No_files_of_a_room_name_each_other_in_a_circle(string project, int least)
    {
        FileGraph graph = FileGraph.OfProject(Path.Combine(Repository.Root, "src", project));

        Assert.True(graph.Count >= least, $"{graph.Count} names");
        Assert.Empty(graph.Ambiguous);
        Assert.Empty(graph.Cycles());
    }

    [Fact]
    public void No_files_of_different_rooms_of_the_abstractions_name_each_other_in_a_circle()
    {
        FileGraph graph = FileGraph.OfRoom(Path.Combine(Repository.Root, "src", "HyperDas.Abstractions"));

        Assert.True(graph.Count >= 80, $"{graph.Count} names");
        Assert.Empty(graph.Ambiguous);
        Assert.Empty(graph.Cycles());
    }

    [Theory]
    [InlineData("class A { B _b; }")]
    [InlineData("class A { List<B[]> Of() => []; }")]
    [InlineData("class A { int N => B.Constant; }")]
    [InlineData("class A { string N => nameof(B); }")]
    [InlineData("class A { string N => $\"{(N == \"x\" ? B.Name : \"y\")}\"; }")]
    [InlineData("class A { int[] N => [.. B.All, ..B.More]; }")]
    [InlineData("class A { object N => Inner.B.Name; }")]
    [InlineData("class A : C { class Nested { B Of() => null; } }")]
    [InlineData("class A { int N => 3.Doubled(); }")]
    public void A_file_that_names_a_type_of_another_needs_it(string code) => Assert.True(Graph(code).Has("Room/A.cs", "Room/Inner/B.cs"));

    [Theory]
    [InlineData("class A { } // B")]
    [InlineData("/// <see cref=\"B\"/>\nclass A { }")]
    [InlineData("class A { string N => \"B\"; }")]
    [InlineData("class A { string N => $\"B {{B}}\"; }")]
    [InlineData("class A { object N => Other.B; }")]
    [InlineData("class A { char N => 'B'; }")]
    public void A_file_that_names_no_type_of_another_does_not_need_it(string code) =>
        Assert.False(Graph(code).Has("Room/A.cs", "Room/Inner/B.cs"));

    [Fact]
    public void A_circle_is_told_with_the_names_that_close_it()
    {
        Dictionary<string, string> files = new()
        {
            ["Room/A.cs"] = "class A { B _b; }",
            ["Room/B.cs"] = "class B { C _c; }",
            ["Room/C.cs"] = "class C { } class Beside { D _d; }",
            ["Room/D.cs"] = "class D { }",
        };
        Assert.Empty(new FileGraph(files).Cycles());

        files["Room/D.cs"] = "class D { class Nested { B _b; } }";

        Assert.Equal(
            "Room/B.cs names C of Room/C.cs; Room/C.cs names D of Room/D.cs; Room/D.cs names B of Room/B.cs",
            Assert.Single(new FileGraph(files).Cycles()));
    }

    [Fact]
    public void Files_of_a_partial_type_are_one()
    {
        Dictionary<string, string> files = new()
        {
            ["Room/A.cs"] = "partial class A { }",
            ["Room/A.More.cs"] = "partial class A { B _b; }",
            ["Room/B.cs"] = "class B { }",
        };
        Assert.Empty(new FileGraph(files).Cycles());

        files["Room/B.cs"] = "class B { A _a; }";

        Assert.Equal(
            "Room/A.More.cs names B of Room/B.cs; Room/B.cs names A of Room/A.More.cs",
            Assert.Single(new FileGraph(files).Cycles()));
    }

    [Fact]
    public void What_types_of_one_file_name_and_what_other_rooms_hold_makes_no_circle() => Assert.Empty(new FileGraph(
        new Dictionary<string, string>
        {
            ["Room/A.cs"] = "class A { B _b; }\nclass B { A _a; C _c; }",
            ["Other/C.cs"] = "class C { A _a; }",
        }).Cycles());

    [Fact]
    public void A_name_of_two_types_is_told() => Assert.Equal(
        "A of Room/A.cs and Room/Inner/A.cs",
        Assert.Single(new FileGraph(new Dictionary<string, string> { ["Room/A.cs"] = "class A;", ["Room/Inner/A.cs"] = "class A;" })
            .Ambiguous));

    private static FileGraph Graph(string code) => new(new Dictionary<string, string>
    {
        ["Room/A.cs"] = $"namespace Project.Room;\n\n{code}",
        ["Room/Inner/B.cs"] = "namespace Project.Room.Inner;\n\nstatic class B\n{\n    public static int Doubled(this int n) => 2 * n;\n}",
    });
}
