namespace HyperDas.Engine.Methods.Concepts;

/// <summary>
/// Descriptions as sparse vectors of length 1: words and parts of words, with larger weights for those that are rarer in the known
/// descriptions. Words of no known description contribute only to the length, so a sentence about something else is close to nothing.
/// </summary>
internal sealed class DescriptionFeatures
{
    private const int ShortestPart = 3, LongestPart = 5;
    // Parts of words match inflections and compounds; they are numerous, and words are more informative. Chosen on validation descriptions.
    private const double PartWeight = 0.35, RarityPower = 1.5;

    private readonly Dictionary<string, (int Index, double Rarity)> _known;
    private readonly double _unknown;

    /// <summary>Counts the words of known descriptions.</summary>
    /// <param name="texts">The descriptions.</param>
    public DescriptionFeatures(IReadOnlyCollection<string> texts)
    {
        Dictionary<string, int> having = [];
        foreach (string feature in texts.SelectMany(text => Parts(text).Distinct()))
        {
            having[feature] = having.GetValueOrDefault(feature) + 1;
        }
        _known = having.Keys.Order(StringComparer.Ordinal)
            .Select((feature, index) => (feature, index, Rarity(texts.Count, having[feature])))
            .ToDictionary(f => f.feature, f => (f.index, f.Item3));
        _unknown = Rarity(texts.Count, 0);
    }

    /// <summary>Number of coordinates.</summary>
    public int Count => _known.Count;

    /// <summary>The vector of a description.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>The nonzero coordinates; none where no word is known.</returns>
    public (int Index, double Value)[] Of(string text)
    {
        List<(int Index, double Value)> found = [];
        double square = 0;
        foreach (IGrouping<string, string> same in Parts(text).GroupBy(feature => feature))
        {
            bool isKnown = _known.TryGetValue(same.Key, out (int Index, double Rarity) known);
            double value = Math.Log(1 + same.Count()) * (isKnown ? known.Rarity : _unknown)
                * (same.Key[0] == '<' && same.Key[^1] == '>' ? 1 : PartWeight);
            square += value * value;
            if (isKnown)
            {
                found.Add((known.Index, value));
            }
        }
        double length = Math.Sqrt(square);
        return [.. found.Select(f => (f.Index, f.Value / length))];
    }

    private static double Rarity(int texts, int having) => Math.Pow(Math.Log((1.0 + texts) / (1 + having)) + 1, RarityPower);

    // A whole word is <word>; parts have at most one of the brackets.
    private static IEnumerable<string> Parts(string text)
    {
        foreach (string word in Words(Openings.Without(text).ToLowerInvariant()))
        {
            string marked = $"<{word}>";
            yield return marked;
            for (int length = ShortestPart; length <= LongestPart; length++)
            {
                for (int start = 0; start + length <= marked.Length; start++)
                {
                    if (length < marked.Length)
                    {
                        yield return marked.Substring(start, length);
                    }
                }
            }
        }
    }

    private static IEnumerable<string> Words(string text)
    {
        int start = -1;
        for (int i = 0; i <= text.Length; i++)
        {
            bool inside = i < text.Length && char.IsLetterOrDigit(text[i]);
            if (inside && start < 0)
            {
                start = i;
            }
            else if (!inside && start >= 0)
            {
                yield return text[start..i];
                start = -1;
            }
        }
    }
}
