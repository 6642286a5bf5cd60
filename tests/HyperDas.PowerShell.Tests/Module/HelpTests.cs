using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.Json;
using System.Text.RegularExpressions;
using HyperDas.Help;
using Xunit;

namespace HyperDas.PowerShell.Tests.Module;

/// <summary>The pages of docs/en-US and the cmdlets say the same, in both directions, and Get-Help shows the pages.</summary>
public sealed partial class HelpTests : IDisposable
{
    private static readonly string s_pages = Path.Combine(Repository.Root, "docs", "en-US");
    private readonly ModuleSession _session = new();

    private static IEnumerable<string> PageNames =>
        Directory.GetFiles(s_pages, "*-*.md").Select(p => Path.GetFileNameWithoutExtension(p)).Order();

    private static IEnumerable<string> TopicNames =>
        Directory.GetFiles(s_pages, "about_*.md").Select(p => Path.GetFileNameWithoutExtension(p)).Order();

    public static TheoryData<string> Pages => [.. PageNames];

    public static TheoryData<string> Topics => [.. TopicNames];

    public static TheoryData<string> Examples =>
        [.. Directory.GetFiles(Path.Combine(Repository.Root, "examples"), "*.ps1", SearchOption.AllDirectories)
            .Select(p => Path.GetRelativePath(Repository.Root, p)).Order()];

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Every_cmdlet_has_a_page_and_every_page_a_cmdlet()
    {
        Assert.Equal(_session.Run("(Get-Command -Module HyperDas).Name").Lines.Order(), PageNames);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_describes_exactly_the_parameters_there_are(string name)
    {
        IReadOnlyList<HelpEntry> described = Page(name).EntriesOf("PARAMETERS");

        Assert.Equal(Parameters(name).Select(p => "-" + p.Name).Order(), described.Select(e => e.Title).Order());
        Assert.All(described, e => Assert.NotEmpty(e.Body));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_shows_the_syntax_that_PowerShell_computes(string name)
    {
        string[] computed = NonEmptyLines(_session.Run("Get-Command $args[0] -Syntax", name).Lines.Single());

        Assert.Equal(computed, NonEmptyLines(new HelpEntry("SYNTAX", Page(name).Section("SYNTAX")).Code));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_names_the_types_that_the_cmdlet_declares(string name)
    {
        string[] declared = [.. Cmdlet(name).OutputType.Select(t => t.Type == typeof(void) ? "None" : t.Name).Distinct()];

        Assert.Equal(declared.Order(), Page(name).EntriesOf("OUTPUTS").Select(e => e.Title).Order());
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Examples_are_titled_explained_and_use_commands_and_parameters_that_exist(string name)
    {
        IReadOnlyList<HelpEntry> examples = Page(name).EntriesOf("EXAMPLES");

        Assert.True(examples.Count >= 3, "a page has at least three examples");
        Assert.All(examples, e => Assert.Matches(@"^Example \d+: \S", e.Title));
        Assert.All(examples, e => Assert.NotEmpty(e.Prose));
        Assert.All(examples.SelectMany(e => Commands(e.Code)), AssertExists);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Get_Help_shows_synopsis_and_examples(string name)
    {
        Outcome help = _session.Run("$h = Get-Help $args[0]; $h.Synopsis; @($h.examples.example).Count", name);

        HelpPage page = Page(name);
        Assert.Equal([page.Section("SYNOPSIS"), page.EntriesOf("EXAMPLES").Count.ToString()], help.Lines);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Get_Help_shows_what_PowerShell_adds_to_commands_that_write(string name)
    {
        bool writes = Cmdlet(name).Parameters.ContainsKey("WhatIf");

        Outcome help = _session.Run(
            "$h = Get-Help $args[0]; @($h.syntax.syntaxItem | Where-Object { $_.parameter.name -contains 'WhatIf' }).Count; @(@($h.parameters.parameter.name) -match '^(WhatIf|Confirm)$').Count",
            name);

        Assert.Equal(writes ? [$"{Cmdlet(name).ParameterSets.Count}", "2"] : ["0", "0"], help.Lines);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Get_Help_shows_every_line_of_code_that_a_page_has(string name)
    {
        string help = string.Join('\n', _session.Run(
            "$h = Get-Help $args[0]; $h.description.Text; $h.examples.example | ForEach-Object { $_.code; $_.remarks.Text }; $h.parameters.parameter.description.Text",
            name).Lines);
        string page = File.ReadAllText(Path.Combine(s_pages, name + ".md")).ReplaceLineEndings("\n");

        Assert.All(
            FencedBlock().Matches(page[page.IndexOf("## DESCRIPTION", StringComparison.Ordinal)..])
                .SelectMany(m => NonEmptyLines(m.Groups[1].Value)),
            line => Assert.Contains(line, help, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Get_Help_knows_the_examples_and_what_their_parameters_mean(string file)
    {
        Outcome help = _session.Run(
            "$h = Get-Help $args[0]; $h.Synopsis; @($h.examples.example).Count; foreach ($p in $h.parameters.parameter) { if (-not $p.description) { $p.name } }",
            Path.Combine(Repository.Root, file));

        Assert.DoesNotContain(Path.GetFileNameWithoutExtension(file), help.Lines.First(), StringComparison.Ordinal);
        Assert.NotEqual("0", help.Lines.ElementAt(1));
        Assert.Empty(help.Lines.Skip(2).Except(["WhatIf", "Confirm"]));
    }

    [Fact]
    public void Get_Help_online_leads_to_the_page_where_it_has_an_address()
    {
        CmdletInfo cmdlet = Cmdlet("Measure-RavelScore");

        string address = Maml.Command(cmdlet, Page(cmdlet.Name), new Uri("https://example.org/pages/")).ToString();

        Assert.Contains("https://example.org/pages/Measure-RavelScore.md", address, StringComparison.Ordinal);
        Assert.DoesNotContain("Online Version", Maml.Command(cmdlet, Page(cmdlet.Name), online: null).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Get_Help_shows_tables_and_documents_line_by_line()
    {
        string table = string.Join('\n', _session.Run("(Get-Help Test-HyperDasModel).description.Text").Lines);
        string document = string.Join('\n', _session.Run("(Get-Help Test-HyperDasExperiment).description.Text").Lines);

        Assert.Contains("\nCachedEqualsUncached: generation with a key/value cache, ", table, StringComparison.Ordinal);
        Assert.Contains("\n    data:\n      path: ", document, StringComparison.Ordinal);
        Assert.DoesNotContain("|", table + document, StringComparison.Ordinal);
        Assert.DoesNotContain("```", table + document, StringComparison.Ordinal);
    }

    [Fact]
    public void The_topic_about_configuration_has_every_key_of_the_schema_and_no_other()
    {
        using JsonDocument schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "configs", "hyperdas.schema.json")));
        IEnumerable<string> keys = schema.RootElement.GetProperty("properties").EnumerateObject()
            .Where(section => section.Name != "sweep")
            .SelectMany(section => section.Value.TryGetProperty("properties", out JsonElement own)
                ? own.EnumerateObject().Select(key => $"{section.Name}.{key.Name}")
                : [section.Name]);

        Assert.Equal(keys.Order(), KeyLine().Matches(Topic("about_HyperDasConfig")).Select(m => m.Groups[1].Value).Order());
    }

    [Fact]
    public void The_topic_about_configuration_shows_a_document_that_is_right()
    {
        string yaml = Topic("about_HyperDasConfig").Split("```yaml")[1].Split("```")[0];

        Outcome outcome = _session.Run(
            "param($yaml) [System.IO.File]::WriteAllText(\"$PWD/shown.yaml\", $yaml); Test-HyperDasExperiment shown.yaml -SkipFiles", yaml);

        Assert.Empty(outcome.Errors);
        Assert.Equal(3, outcome.Output.Count);
    }

    [Theory]
    [MemberData(nameof(Topics))]
    public void Get_Help_shows_the_about_topics(string name)
    {
        Outcome help = _session.Run("(Get-Help $args[0]) -join ''", name);

        string shown = help.Lines.Single().ReplaceLineEndings("\n");
        Assert.Equal(AboutTopic.Render(File.ReadAllText(Path.Combine(s_pages, name + ".md"))).Trim(), shown.Trim());
        // Get-Help's own way to a synopsis.
        Assert.Equal(HelpPage.Read(Path.Combine(s_pages, name + ".md")).Section("SHORT DESCRIPTION"), shown.Split('\n')[4].Trim());
        Assert.All(shown.Split('\n').Where(line => !line.StartsWith(
            "        ", StringComparison.Ordinal)), line => Assert.InRange(line.Length, 0, 80));
    }

    [Theory]
    [MemberData(nameof(Topics))]
    public void About_topics_name_commands_parameters_and_topics_that_exist(string name)
    {
        string text = File.ReadAllText(Path.Combine(s_pages, name + ".md"));

        Assert.All(CommandName().Matches(text).Select(m => m.Value).Distinct(), command => Assert.Contains(command, PageNames));
        Assert.All(TopicName().Matches(text).Select(m => m.Value).Distinct(), topic => Assert.Contains(topic, TopicNames));
        HelpPage page = HelpPage.Parse(OtherBlock().Replace(text, ""));
        Assert.Superset(new HashSet<string> { "SHORT DESCRIPTION", "LONG DESCRIPTION", "SEE ALSO" }, page.Sections.Keys.ToHashSet());
        Assert.All(page.Sections.Values.SelectMany(section => Commands(
            new HelpEntry("", section).Code)).Where(use => use.GetCommandName() != "pwsh"), AssertExists);
    }

    [GeneratedRegex("^```[a-z]*\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FencedBlock();

    [GeneratedRegex(@"\b[A-Z][a-z]+-(HyperDas|Ravel)[A-Za-z]+")]
    private static partial Regex CommandName();

    [GeneratedRegex(@"\babout_[A-Za-z]+")]
    private static partial Regex TopicName();

    [GeneratedRegex("^```(?:yaml|text)\n.*?^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex OtherBlock();

    [GeneratedRegex(@"^\* ([a-z][A-Za-z.]*): \S", RegexOptions.Multiline)]
    private static partial Regex KeyLine();

    private static string Topic(string name) => File.ReadAllText(Path.Combine(s_pages, name + ".md")).ReplaceLineEndings("\n");

    private static HelpPage Page(string name) => HelpPage.Read(Path.Combine(s_pages, name + ".md"));

    private CmdletInfo Cmdlet(string name) => (CmdletInfo)_session.Run("Get-Command $args[0]", name).Output.Single().BaseObject;

    private IEnumerable<ParameterMetadata> Parameters(string name) => Cmdlet(name).Parameters.Values
        .Where(p => !PSCmdlet.CommonParameters.Contains(p.Name) && !PSCmdlet.OptionalCommonParameters.Contains(p.Name));

    private static IEnumerable<CommandAst> Commands(string code)
    {
        ScriptBlockAst script = Parser.ParseInput(code, out _, out ParseError[] errors);
        Assert.Empty(errors);
        return script.FindAll(ast => ast is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>();
    }

    private void AssertExists(CommandAst use)
    {
        Outcome found = _session.Run("Get-Command $args[0] -ErrorAction Stop", use.GetCommandName());
        Assert.Empty(found.Errors);
        Dictionary<string, ParameterMetadata> parameters = ((CommandInfo)found.Output.Single().BaseObject).Parameters;
        foreach (CommandParameterAst parameter in use.CommandElements.OfType<CommandParameterAst>())
        {
            Assert.Contains(parameter.ParameterName, parameters.Keys, StringComparer.OrdinalIgnoreCase);
        }
    }

    private static string[] NonEmptyLines(string text) =>
        text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
