using System.Text.RegularExpressions;

namespace HyperDas.Engine.Experiments.Plans;

/// <summary>
/// A scheduler's scripts, for a run and for collecting results, and its commands that submit, query and cancel. Placeholders in double
/// braces are filled in; a line whose placeholder has no value is omitted, one with several values is repeated.
/// </summary>
public sealed partial class PlanTemplate
{
    private const string Mark = "#HYPERDAS ", Gathering = "--- gather";
    private const long MaxBytes = 1 << 20;

    private static readonly string[] s_commands = ["submit", "id", "gather", "query", "ended", "cancel"];

    // Placeholders that both scripts require.
    private static readonly string[] s_needed = ["plan", "shell"];

    private readonly string _origin;
    private readonly Dictionary<string, string> _commands;

    private PlanTemplate(string origin, Dictionary<string, string> commands, string run, string? gather)
    {
        (_origin, _commands) = (origin, commands);
        RunScript = run;
        GatherScript = gather;
    }

    /// <summary>The supported placeholders.</summary>
    public static IReadOnlyList<string> Placeholders { get; } =
    [
        "name", "document", "runs", "count", "last", "several", "parallel", "simultaneous", "processors", "memory", "cards", "cardmemory",
        "notice", "requeues", "logs", "plan", "shell", "options", "gatheroptions",
    ];

    /// <summary>The script of a run, with placeholders.</summary>
    public string RunScript { get; }

    /// <summary>The script that collects results; null for none.</summary>
    public string? GatherScript { get; }

    /// <summary>The command that submits the runs.</summary>
    public string Submit => _commands["submit"];

    /// <summary>The command that submits the collection of results, to start when all runs have ended; null for none.</summary>
    public string? Gather => _commands.GetValueOrDefault("gather");

    /// <summary>The command whose output is nonempty while a submission is active; null for none.</summary>
    public string? Query => _commands.GetValueOrDefault("query");

    /// <summary>Texts in the error of a failing <see cref="Query"/> for a submission that has ended or been forgotten.</summary>
    public IReadOnlyList<string> Ended => _commands.GetValueOrDefault("ended")?.Split('\n') ?? [];

    /// <summary>
    /// Matches the id in the output of <see cref="Submit"/>: the first group, or the whole match; null for the last number.
    /// </summary>
    internal Regex? Id { get; private init; }

    /// <summary>The command that cancels; null for none.</summary>
    public string? Cancel => _commands.GetValueOrDefault("cancel");

    /// <summary>The template of Slurm.</summary>
    public static PlanTemplate Slurm()
    {
        using Stream stream = typeof(PlanTemplate).Assembly.GetManifestResourceStream("slurm.sh")!;
        using StreamReader reader = new(stream);
        return Parse(reader.ReadToEnd(), "Slurm");
    }

    /// <summary>Reads a template.</summary>
    /// <param name="file">Absolute file.</param>
    /// <exception cref="HyperDasException"><c>TemplateInvalid</c>, <c>PathNotFound</c>, <c>FileUnreadable</c>.</exception>
    public static PlanTemplate Read(string file)
    {
        byte[] content = Files.WholeFile.Read(file, MaxBytes, "TemplateInvalid");
        using StreamReader reader = new(new MemoryStream(content));
        return Parse(reader.ReadToEnd(), file);
    }

    /// <summary>Fills in a script.</summary>
    /// <param name="script">One of the scripts.</param>
    /// <param name="values">Values by placeholder; a line is omitted without values and repeated for several.</param>
    internal static string Fill(string script, IReadOnlyDictionary<string, IReadOnlyList<string>> values) =>
        string.Concat(script.Split('\n').SelectMany(line => Lines(line, values)).Select(line => line + "\n"));

    /// <summary>Placeholders that options may use: those that don't depend on options.</summary>
    public static IReadOnlyList<string> OfOptions { get; } =
        [.. Placeholders.Where(name => !name.EndsWith("options", StringComparison.Ordinal))];

    /// <summary>The first unknown placeholder of an option; null for none.</summary>
    /// <param name="option">An option for the scheduler.</param>
    public static string? UnknownIn(string option) =>
        Placeholder().Matches(option).Select(m => m.Groups[1].Value).FirstOrDefault(name => !OfOptions.Contains(name));

    /// <summary>A line with its placeholders filled in: none or several lines where a placeholder has none or several values.</summary>
    /// <param name="line">The line.</param>
    /// <param name="values">Values by placeholder.</param>
    internal static IEnumerable<string> Lines(string line, IReadOnlyDictionary<string, IReadOnlyList<string>> values)
    {
        string[] names = [.. Placeholder().Matches(line).Select(m => m.Groups[1].Value)];
        int count = names.Length == 0 ? 1 : names.Max(name => values[name].Count);
        return names.Any(name => values[name].Count == 0)
            ? []
            : Enumerable.Range(0, count).Select(i =>
                Placeholder().Replace(line, m => values[m.Groups[1].Value] is var all && i < all.Count ? all[i] : all[^1]));
    }

    private static PlanTemplate Parse(string text, string origin)
    {
        Dictionary<string, string> commands = [];
        List<string> run = [], gather = [];
        List<string> script = run;
        string[] lines = text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith(Mark, StringComparison.Ordinal))
            {
                IEnumerable<string> names = Placeholder().Matches(lines[i]).Select(m => m.Groups[1].Value);
                if (names.FirstOrDefault(name => !Placeholders.Contains(name)) is { } unknown)
                {
                    throw Invalid(
                        origin, i + 1, $"unknown placeholder '{{{{{unknown}}}}}'; it must be one of {string.Join(", ", Placeholders)}");
                }
                script.Add(lines[i]);
                continue;
            }
            string[] parts = lines[i][Mark.Length..].Trim().Split(' ', 2);
            if (lines[i][Mark.Length..].Trim() == Gathering)
            {
                script = gather;
            }
            else if (!s_commands.Contains(parts[0]) || parts.Length < 2)
            {
                throw Invalid(origin, i + 1, $"'{parts[0]}' must be one of {string.Join(", ", s_commands)}, followed by a command");
            }
            else
            {
                // A scheduler may have several texts for it.
                commands[parts[0]] = parts[0] == "ended" && commands.TryGetValue("ended", out string? known)
                    ? $"{known}\n{parts[1].Trim()}"
                    : parts[1].Trim();
            }
        }
        if (!commands.ContainsKey("submit"))
        {
            throw Invalid(origin, 1, "a line like '#HYPERDAS submit qsub {{file}}' is missing");
        }
        string whole = string.Join('\n', run);
        if (s_needed.FirstOrDefault(name => !whole.Contains("{{" + name + "}}", StringComparison.Ordinal)) is { } missing)
        {
            throw Invalid(origin, 1, $"the script of a run lacks '{{{{{missing}}}}}'");
        }
        if (gather.Count > 0 != commands.ContainsKey("gather"))
        {
            throw Invalid(
                origin, 1, "a script after '#HYPERDAS --- gather' needs the command '#HYPERDAS gather …', and vice versa");
        }
        return new PlanTemplate(origin, commands, whole, gather.Count == 0 ? null : string.Join('\n', gather))
        {
            Id = commands.TryGetValue("id", out string? id) ? Expression(id, origin) : null,
        };
    }

    private static Regex Expression(string text, string origin)
    {
        try
        {
            return new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw Invalid(origin, 1, $"the 'id' isn't a regular expression: {e.Message.TrimEnd('.')}");
        }
    }

    private static HyperDasException Invalid(string origin, int line, string why) => new(
        "TemplateInvalid", HyperDasErrorKind.InvalidData,
        $"'{origin}', line {line}: {why}. about_HyperDasAtScale describes templates.", origin);

    /// <inheritdoc/>
    public override string ToString() => _origin;

    [GeneratedRegex(@"\{\{([A-Za-z]+)\}\}")]
    private static partial Regex Placeholder();
}
