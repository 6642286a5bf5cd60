using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace HyperDas.Completers;

/// <summary>The folder with RAVEL's files that a command line specifies, as far as it is known during completion.</summary>
internal static class RavelFolder
{
    private const string FileBefore = "ravel_", FileAfter = "_entity_attributes.json";
    private static readonly string[] s_benchmark = ["city", "nobel_prize_winner", "occupation", "physical_object", "verb"];

    /// <summary>Domains of the folders in the parameters; the benchmark's domains if none of the folders exists.</summary>
    /// <param name="bound">Parameters of the command.</param>
    public static IEnumerable<string> Domains(IDictionary bound)
    {
        string[] folders = [.. Paths(bound).SelectMany(path => SessionPath.Full(path.Text, path.Literal)).Where(Directory.Exists)];
        return folders.Length == 0
            ? s_benchmark
            : folders.SelectMany(folder => Directory.EnumerateFiles(folder, FileBefore + "*" + FileAfter))
                .Select(file => Path.GetFileName(file)[FileBefore.Length..^FileAfter.Length]).Distinct().Order(StringComparer.Ordinal);
    }

    /// <summary>Folder and domains of an Import-RavelDataset with constants for arguments; null for anything else.</summary>
    /// <param name="command">What may be one.</param>
    public static (string Folder, string[] Domains)? Imported(CommandBaseAst? command)
    {
        if (command is not CommandAst import
            || !string.Equals(import.GetCommandName(), "Import-RavelDataset", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }
        Hashtable bound = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, ParameterBindingResult result) in StaticParameterBinder.BindCommand(import).BoundParameters)
        {
            bound[name] = Constant(result);
        }
        string[] domains = [.. bound["Domain"] is { } named ? LanguagePrimitives.ConvertTo<string[]>(named) : Domains(bound)];
        return Paths(bound).SelectMany(path => SessionPath.Full(path.Text, path.Literal)).FirstOrDefault(Directory.Exists) is string folder
            ? (folder, domains)
            : null;
    }

    // New-HyperDasExperiment has -DataPath for the folder, the others -Path or -LiteralPath.
    private static IEnumerable<(string Text, bool Literal)> Paths(IDictionary bound) =>
        bound["DataPath"] is { } data ? [.. Texts(data).Select(text => (text, true))]
        : [.. Texts(bound["Path"]).Select(text => (text, false)), .. Texts(bound["LiteralPath"]
            ?? bound["PSPath"]).Select(text => (text, true))];

    private static IEnumerable<string> Texts(object? value) => value switch
    {
        null => [],
        string text => [text],
        IEnumerable list => list.Cast<object?>().Select(item => item?.ToString() ?? ""),
        _ => [value.ToString() ?? ""],
    };

    private static object? Constant(ParameterBindingResult result)
    {
        try
        {
            return result.ConstantValue ?? result.Value?.SafeGetValue();
        }
        catch (InvalidOperationException)
        {
            // Known only at run time.
            return null;
        }
    }
}
