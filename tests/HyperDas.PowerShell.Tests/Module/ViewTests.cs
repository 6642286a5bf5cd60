using System.Xml.Linq;
using Xunit;

namespace HyperDas.PowerShell.Tests.Module;

/// <summary>What a person sees of the records that a script leaves in its output, wherever they come.</summary>
public class ViewTests
{
    // The last column of a terminal of 80 stays empty.
    private const int Edge = 79;

    private const string Intervention =
        """
        [HyperDas.InterventionResult]@{
            BasePrompt = 'Vienna is in'; CounterfactualPrompt = 'I love Paris'; Concept = 'the country of a city'; SelectionMode = 'Soft'
            OriginalOutput = 'Austria'; IntervenedOutput = 'France'; BaseTokens = [string[]]@('V', 'enna'); SourceTokens = [string[]]@('P', 'aris')
            ChosenTokens = [HyperDas.TokenChoice[]]@([HyperDas.TokenChoice]::new('enna', 1, 'aris', 1, 0.98)); Weights = [double[][]]@([double[]]@(0.125, 0.98), [double[]]@(0.875, 0.02))
        }
        """;

    private const string Training =
        """
        [HyperDas.TrainingResult]@{
            Interpreter = $null; Steps = 2; Duration = '00:01:05'; Seed = 7; MetricsPath = 'runs/metrics.jsonl'
            Metrics = [HyperDas.TrainingStep[]]@([HyperDas.TrainingStep]::new(1, 0, 9.5, 9.5, 0, 1, 0.1), [HyperDas.TrainingStep]::new(2, 0, 0.25, 0.25, 0, 1, 0.1))
        }
        """;

    [Theory]
    [InlineData("")]
    [InlineData("[HyperDas.TrainingStep]::new(1, 0, 1, 1, 0, 1, 0.1)")]
    public void An_intervention_shows_both_answers_and_the_tokens_but_no_matrix(string before)
    {
        string output = ProgramRun.Shell("-Command", before + "\n" + Intervention).Output;

        Assert.Matches(@"BasePrompt +: Vienna is in", output);
        Assert.Matches(@"OriginalOutput +: Austria", output);
        Assert.Matches(@"IntervenedOutput +: France", output);
        Assert.Matches(@"ChosenTokens +: {?aris → enna \(0\.98\)", output);
        Assert.DoesNotContain("0.125", output);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[HyperDas.TrainingStep]::new(1, 0, 1, 1, 0, 1, 0.1)")]
    public void A_training_shows_how_it_ended_but_not_every_step(string before)
    {
        string output = ProgramRun.Shell("-Command", before + "\n" + Training).Output;

        Assert.Matches(@"FinalLoss +: 0\.25", output);
        Assert.Matches(@"Steps +: 2", output);
        Assert.Matches(@"Duration +: 00:01:05", output);
        Assert.Matches(@"Seed +: 7", output);
        Assert.Matches(@"MetricsPath +: runs/metrics\.jsonl", output);
        Assert.DoesNotContain("9.5", output);
    }

    [Fact]
    public void Every_type_that_a_cmdlet_returns_has_a_view_of_its_own()
    {
        string[] views =
            [.. XDocument.Load(Path.ChangeExtension(Repository.Manifest, "Format.ps1xml")).Descendants("TypeName").Select(e => e.Value)];
        using ModuleSession session = new();

        string[] returned =
            [.. session.Run("(Get-Command -Module HyperDas).OutputType.Name | Where-Object { $_ -like 'HyperDas.*' }").Lines.Distinct()];

        Assert.NotEmpty(returned);
        Assert.Empty(returned.Except(views));
    }

    [Fact]
    public void Every_public_record_has_a_view_or_a_short_list_unless_it_holds_nothing_but_plain_values()
    {
        HashSet<string> views =
            [.. XDocument.Load(Path.ChangeExtension(Repository.Manifest, "Format.ps1xml")).Descendants("TypeName").Select(e => e.Value)];
        using ModuleSession session = new();
        HashSet<string> lists =
            [.. session.Run("Get-TypeData HyperDas.* | Where-Object DefaultDisplayPropertySet | ForEach-Object TypeName").Lines];

        IEnumerable<Type> records = typeof(RavelScore).Assembly.GetExportedTypes()
            .Where(t => t is { IsClass: true, IsAbstract: false } && !t.IsAssignableTo(typeof(Exception))
                && t.GetProperties().Any(p => IsNested(p.PropertyType)));

        Assert.DoesNotContain(records.Select(t => t.FullName!), name => !views.Contains(name) && !lists.Contains(name));
    }

    [Fact]
    public void Labels_are_names_of_properties_and_columns_have_widths_that_fit_a_terminal()
    {
        XElement[] views = [.. XDocument.Load(Path.ChangeExtension(Repository.Manifest, "Format.ps1xml")).Descendants("View")];

        Assert.Empty(views.Descendants("OutOfBand"));
        Assert.All(views, view =>
        {
            Type record = typeof(RavelScore).Assembly.GetType(view.Descendants("TypeName").Single().Value)!;
            Assert.All(view.Descendants("Label"), label => Assert.NotNull(record.GetProperty(label.Value)));
            // Without a width, a long text pushes the columns after it out of view.
            Assert.All(view.Descendants("TableColumnHeader"), column => Assert.NotNull(column.Element("Width")));
            AssertFits([.. view.Descendants("Width")
                .Select(width => int.Parse(width.Value, System.Globalization.CultureInfo.InvariantCulture))], record.Name);
        });
    }

    [Fact]
    public void No_header_breaks_inside_a_word_in_a_terminal_of_80_columns()
    {
        XElement[] views = [.. XDocument.Load(Path.ChangeExtension(Repository.Manifest, "Format.ps1xml")).Descendants("View")];
        List<string> broken = [];
        foreach (XElement view in views)
        {
            int end = -1;
            foreach (XElement column in view.Descendants("TableColumnHeader"))
            {
                string label = column.Element("Label")!.Value;
                int room = Edge - end - 1, width = int.Parse(
                    column.Element("Width")!.Value, System.Globalization.CultureInfo.InvariantCulture);
                // A column that begins beyond the edge isn't shown; a terminal that is wide enough shows all of it.
                if (label.Length > width || (room > 0 && label.Length > room))
                {
                    broken.Add($"{view.Element("Name")!.Value}: {label} has {Math.Min(width, room)} columns");
                }
                end += 1 + width;
            }
        }

        Assert.Empty(broken);
    }

    // PowerShell cuts the column that crosses the edge and omits those after it. There must be no such column, or it is the last and
    // has enough room.
    private static void AssertFits(int[] widths, string name)
    {
        int end = -1;
        for (int i = 0; i < widths.Length; i++)
        {
            int room = Edge - end - 1;
            end += 1 + widths[i];
            if (end > Edge)
            {
                Assert.True(room <= 0 || (i == widths.Length - 1
                    && room >= 15), $"column {i + 1} of {name} has {room} of {widths[i]} columns in a terminal of 80");
                return;
            }
        }
    }

    private static bool IsNested(Type type) =>
        (type.IsClass && type.Assembly == typeof(RavelScore).Assembly) || type.GetGenericArguments().Any(IsNested)
            || (type.IsArray && IsNested(type.GetElementType()!));

    [Fact]
    public void A_wide_view_names_a_property_that_its_type_has()
    {
        XElement[] views = [.. XDocument.Load(Path.ChangeExtension(Repository.Manifest, "Wide.Format.ps1xml")).Descendants("View")];

        Assert.NotEmpty(views);
        Assert.All(views, view =>
        {
            Type? type = typeof(RavelScore).Assembly.GetType(view.Descendants("TypeName").Single().Value);
            Assert.NotNull(type?.GetProperty(view.Descendants("PropertyName").Single().Value));
        });
    }
}
