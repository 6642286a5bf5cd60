using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace HyperDas.Help;

/// <summary>The subset of MAML that Get-Help reads.</summary>
internal static partial class Maml
{
    private static readonly XNamespace s_root = "http://msh";
    private static readonly XNamespace s_maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace s_command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace s_dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    private const string WhatIf = "Shows what would happen if the cmdlet ran. The cmdlet isn't run.";
    private const string Confirm = "Asks for confirmation before the cmdlet runs.";

    public static XElement Root(IEnumerable<XElement> commands) => new(s_root + "helpItems", new XAttribute("schema", "maml"), commands);

    /// <summary>One command.</summary>
    /// <param name="cmdlet">What the cmdlet says of itself.</param>
    /// <param name="page">What its page says.</param>
    /// <param name="online">Address of the pages, for <c>Get-Help -Online</c>; null where they have none.</param>
    public static XElement Command(CmdletInfo cmdlet, HelpPage page, Uri? online) => new(
        s_command + "command",
        new XAttribute(XNamespace.Xmlns + "maml", s_maml),
        new XAttribute(XNamespace.Xmlns + "command", s_command),
        new XAttribute(XNamespace.Xmlns + "dev", s_dev),
        new XElement(
            s_command + "details",
            new XElement(s_command + "name", cmdlet.Name),
            new XElement(s_command + "verb", cmdlet.Verb),
            new XElement(s_command + "noun", cmdlet.Noun),
            Description(page.Section("SYNOPSIS"))),
        Description(page.Section("DESCRIPTION")),
        new XElement(s_command + "syntax", cmdlet.ParameterSets.Select(set => SyntaxItem(cmdlet, set, page))),
        new XElement(s_command + "parameters", Parameters(cmdlet).Select(p => Parameter(cmdlet, p, page))),
        new XElement(s_command + "inputTypes", page.EntriesOf("INPUTS").Select(e => new XElement(
            s_command + "inputType", TypeOf(e), Description(e.Body)))),
        new XElement(s_command + "returnValues", page.EntriesOf("OUTPUTS").Select(e => new XElement(
            s_command + "returnValue", TypeOf(e), Description(e.Body)))),
        new XElement(s_command + "examples", page.EntriesOf("EXAMPLES").Select(Example)),
        new XElement(s_command + "relatedLinks", Online(cmdlet.Name, online), Links(page.Section("RELATED LINKS"))));

    private static XElement SyntaxItem(CmdletInfo cmdlet, CommandParameterSetInfo set, HelpPage page) => new(
        s_command + "syntaxItem",
        new XElement(s_maml + "name", cmdlet.Name),
        set.Parameters.Where(IsOwn).OrderBy(p => p.Position < 0 ? int.MaxValue : p.Position).Select(p => Parameter(cmdlet, p, page)));

    // Once each, as the parameter is in the first set that has it.
    private static IEnumerable<CommandParameterInfo> Parameters(CmdletInfo cmdlet) =>
        cmdlet.ParameterSets.SelectMany(set => set.Parameters).Where(IsOwn).DistinctBy(p => p.Name);

    private static bool IsOwn(CommandParameterInfo parameter) =>
        !Cmdlet.CommonParameters.Contains(parameter.Name);

    private static XElement Parameter(CmdletInfo cmdlet, CommandParameterInfo parameter, HelpPage page)
    {
        string type = TypeName(parameter.ParameterType);
        bool isSwitch = parameter.ParameterType == typeof(SwitchParameter);
        string body = parameter.Name switch
        {
            nameof(WhatIf) => WhatIf,
            nameof(Confirm) => Confirm,
            _ => page.EntriesOf("PARAMETERS").FirstOrDefault(e => e.Title == "-" + parameter.Name)?.Body ?? "",
        };
        return new XElement(
            s_command + "parameter",
            new XAttribute("required", Text(parameter.IsMandatory)),
            new XAttribute("variableLength", Text(parameter.ParameterType.IsArray)),
            new XAttribute("globbing", Text(parameter.Attributes.OfType<SupportsWildcardsAttribute>().Any())),
            new XAttribute("pipelineInput", PipelineInput(parameter)),
            new XAttribute("position", parameter.Position < 0 ? "named" : parameter.Position.ToString(CultureInfo.InvariantCulture)),
            new XAttribute("aliases", parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases)),
            new XElement(s_maml + "name", parameter.Name),
            Description(body),
            isSwitch ? null : new XElement(s_command + "parameterValue", new XAttribute("required", "true"), type),
            new XElement(s_dev + "type", new XElement(s_maml + "name", type)),
            new XElement(s_dev + "defaultValue", isSwitch ? "False" : DefaultOf(cmdlet, parameter)));
    }

    private static string PipelineInput(
        CommandParameterInfo parameter) => (parameter.ValueFromPipeline, parameter.ValueFromPipelineByPropertyName) switch
    {
        (true, true) => "True (ByPropertyName, ByValue)",
        (true, false) => "True (ByValue)",
        (false, true) => "True (ByPropertyName)",
        _ => "False",
    };

    // What the cmdlet itself starts with, so that the help can't say otherwise.
    private static string DefaultOf(CmdletInfo cmdlet, CommandParameterInfo parameter)
    {
        object? instance = Activator.CreateInstance(cmdlet.ImplementingType);
        object? value = parameter.IsMandatory ? null : cmdlet.ImplementingType.GetProperty(parameter.Name)?.GetValue(instance);
        return value switch
        {
            null or "" => "None",
            Array array => array.Length == 0 ? "None" : string.Join(", ", array.Cast<object>()),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "None",
        };
    }

    private static string TypeName(Type type) => Nullable.GetUnderlyingType(type) is { } underlying ? underlying.Name : type.Name;

    private static string Text(bool value) => value ? "true" : "false";

    private static XElement TypeOf(HelpEntry entry) => new(s_dev + "type", new XElement(s_maml + "name", entry.Title));

    private static XElement Example(HelpEntry entry) => new(
        s_command + "example",
        new XElement(s_maml + "title", $"--- {entry.Title} ---"),
        new XElement(s_dev + "code", entry.Code),
        // Get-Help puts nothing between examples.
        new XElement(s_dev + "remarks", Paragraphs(entry.Remarks), new XElement(s_maml + "para"), new XElement(s_maml + "para")));

    // Get-Help -Online opens the first link with an address.
    private static XElement? Online(string name, Uri? pages) => pages is null ? null : new XElement(
        s_maml + "navigationLink", new XElement(s_maml + "linkText", "Online Version:"),
        new XElement(s_maml + "uri", new Uri(pages, name + ".md")));

    private static IEnumerable<XElement> Links(string section) => Link().Matches(section).Select(match => new XElement(
        s_maml + "navigationLink",
        new XElement(s_maml + "linkText", match.Groups["text"].Value),
        new XElement(s_maml + "uri")));

    private static XElement Description(string markdown) => new(s_maml + "description", Paragraphs(markdown));

    // A terminal knows no markup, and wraps by itself.
    private static IEnumerable<XElement> Paragraphs(string markdown)
    {
        List<string> paragraphs = [];
        foreach (Match block in Block().Matches(markdown))
        {
            if (!block.Groups["code"].Success)
            {
                paragraphs.Add(Link().Replace(Plain(block.Value.Trim()), "${text}").Replace("`", "", StringComparison.Ordinal));
                continue;
            }
            // Get-Help drops the indentation of a paragraph's first line, so code goes on with the paragraph before it.
            string code = string.Join('\n', block.Groups["code"].Value.TrimEnd().Split('\n').Select(line => ("    " + line).TrimEnd()));
            if (paragraphs.Count > 0)
            {
                paragraphs[^1] += "\n\n" + code;
            }
            else
            {
                paragraphs.Add(block.Groups["code"].Value.TrimEnd());
            }
        }
        return paragraphs.Select(paragraph => new XElement(s_maml + "para", paragraph));
    }

    private static string Plain(string paragraph) => paragraph[0] switch
    {
        '|' => string.Join('\n', paragraph.Split('\n').Skip(2).Select(Row)),
        '-' => paragraph,
        _ => paragraph.Replace('\n', ' '),
    };

    // Of a table, what its first column says and what the others say about it; the headings are for pages.
    private static string Row(string line)
    {
        string[] cells = line.Trim().Trim('|').Split('|', StringSplitOptions.TrimEntries);
        return $"{cells[0]}: {string.Join("; ", cells.Skip(1))}";
    }

    // Fenced code, or text up to an empty line.
    [GeneratedRegex("^```[a-z]*\n(?<code>.*?)^```$|^(?!```)[^\n]+(\n(?!```)[^\n]+)*", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\[(?<text>[^\]]+)\]\([^)]+\)")]
    private static partial Regex Link();
}
