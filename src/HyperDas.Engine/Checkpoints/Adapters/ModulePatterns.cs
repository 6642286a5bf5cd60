using System.Text.RegularExpressions;

namespace HyperDas.Engine.Checkpoints.Adapters;

/// <summary>Numbers for modules whose names match patterns: PEFT's <c>rank_pattern</c> and <c>alpha_pattern</c>.</summary>
internal sealed class ModulePatterns
{
    private readonly IReadOnlyList<(Regex Pattern, double Value)> _patterns;

    private ModulePatterns(IReadOnlyList<(Regex Pattern, double Value)> patterns) => _patterns = patterns;

    /// <summary>No patterns.</summary>
    public static ModulePatterns None { get; } = new([]);

    /// <summary>Reads patterns. Each matches a name's end, from a dot or the name's beginning on, as PEFT's do.</summary>
    /// <param name="values">Patterns and their numbers; the first that matches counts.</param>
    /// <returns>Them, and a pattern that isn't one, if there is such.</returns>
    public static (ModulePatterns Patterns, string? Wrong) Of(IEnumerable<(string Pattern, double Value)> values)
    {
        List<(Regex, double)> patterns = [];
        foreach ((string pattern, double value) in values)
        {
            try
            {
                // Without backtracking, the time of a match is linear in the length of the name.
                patterns.Add((new Regex($@"^(.*\.)?({pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant), value));
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                return (None, pattern);
            }
        }
        return (new ModulePatterns(patterns), null);
    }

    /// <summary>The number for a module; null where no pattern matches.</summary>
    /// <param name="module">Its name.</param>
    public double? ValueOf(string module)
    {
        foreach ((Regex pattern, double value) in _patterns)
        {
            if (pattern.IsMatch(module))
            {
                return value;
            }
        }
        return null;
    }
}
