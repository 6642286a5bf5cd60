namespace HyperDas.Engine.Methods.Concepts;

/// <summary>Phrases before or after a description that don't describe anything, e.g. <c>please tell me</c>.</summary>
internal static class Openings
{
    private static readonly string[] s_before =
    [
        "please", "kindly", "tell me", "tell us", "say", "let me know", "let us find out", "find out", "look up", "give me", "give us",
        "show me", "could you", "can you", "would you", "can anybody", "can anyone", "do you know", "do you remember",
        "i'd like to know", "i'd like",
        "i would like to know", "i would like", "i want to know", "i have to know", "i need to know", "i need", "i am looking for",
        "i am asking for", "i wonder", "we are looking for", "we are asking for", "we want to know", "we need to know", "we need",
        "the question is", "describe", "explain", "write down",
    ];

    /// <summary>A description without them; unchanged if nothing else would be left.</summary>
    /// <param name="text">The description.</param>
    public static string Without(string text)
    {
        string rest = text.Trim();
        while (s_before.FirstOrDefault(opening => Begins(rest, opening)) is { } found)
        {
            rest = rest[found.Length..].TrimStart(' ', ',', ':');
        }
        if (rest.EndsWith(" please", StringComparison.OrdinalIgnoreCase) || rest.EndsWith(",please", StringComparison.OrdinalIgnoreCase))
        {
            rest = rest[..^" please".Length].TrimEnd(' ', ',');
        }
        return rest.Any(char.IsLetterOrDigit) ? rest : text;
    }

    private static bool Begins(string text, string opening) =>
        text.Length > opening.Length && text.StartsWith(opening, StringComparison.OrdinalIgnoreCase)
        && !char.IsLetterOrDigit(text[opening.Length]) && text[opening.Length] != '\'';
}
