namespace HyperDas.Engine.Experiments;

/// <summary>Finds the probably intended key for an unknown one.</summary>
internal static class Suggestion
{
    /// <summary>A sentence with a suggestion, or with all available keys.</summary>
    /// <param name="unknown">The key.</param>
    /// <param name="section">Name of its section; empty for none.</param>
    /// <param name="known">Keys that are valid there.</param>
    public static string For(string unknown, string section, IReadOnlyList<string> known)
    {
        string? near = Nearest(unknown, known);
        if (near is not null)
        {
            return $"did you mean '{near}'?";
        }
        if (section == "training" && unknown.Equals("seed", StringComparison.OrdinalIgnoreCase))
        {
            return "the training's seed is 'seed' at the top of the document.";
        }
        string[] elsewhere =
            [.. SectionShape.All.Where(s => s.Name != section && s.AllKeys.Any(k => k.Name == unknown)).Select(s => s.Name)];
        return elsewhere.Length > 0
            ? $"the key belongs under '{string.Join("' or '", elsewhere)}'."
            : $"the keys are {string.Join(", ", known)}.";
    }

    /// <summary>The probably intended key for an unknown one; null where none is close.</summary>
    /// <param name="unknown">The key.</param>
    /// <param name="known">Keys that are valid there.</param>
    public static string? Nearest(string unknown, IReadOnlyList<string> known)
    {
        (string Key, int Distance)[] ranked =
            [.. known.Select(k => (k, Distance(unknown.ToLowerInvariant(), k.ToLowerInvariant()))).OrderBy(p => p.Item2)];
        return ranked.Length > 0 && ranked[0].Distance <= Math.Max(1, Math.Min(unknown.Length, ranked[0].Key.Length) / 3)
            ? ranked[0].Key
            : null;
    }

    // Levenshtein distance, row by row.
    private static int Distance(string a, string b)
    {
        // A misspelt key doesn't have hundreds of characters, for which the table would be large.
        if (a.Length > 64)
        {
            return int.MaxValue;
        }
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[b.Length];
    }
}
