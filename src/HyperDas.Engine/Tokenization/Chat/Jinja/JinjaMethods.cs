namespace HyperDas.Engine.Tokenization.Chat.Jinja;

/// <summary>Methods of values that templates use.</summary>
internal static class JinjaMethods
{
    /// <summary>A method of a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="name">The method.</param>
    /// <returns>Null for an unknown method.</returns>
    public static JinjaFunction? Find(object? value, string name) => value switch
    {
        string text => OfText(text, name),
        Dictionary<string, object?> map => name switch
        {
            "items" => (_, _) => map.Select(pair => (object?)new List<object?> { pair.Key, pair.Value }).ToList(),
            "keys" => (_, _) => map.Keys.Cast<object?>().ToList(),
            "values" => (_, _) => map.Values.ToList(),
            "get" => (a, _) => map.TryGetValue(TextOf(a, 0), out object? found) ? found : a.Length > 1 ? a[1] : null,
            _ => null,
        },
        _ => null,
    };

    private static JinjaFunction? OfText(string text, string name) => name switch
    {
        "strip" => (a, _) => a.Length == 0 ? text.Trim() : text.Trim(TextOf(a, 0).ToCharArray()),
        "lstrip" => (a, _) => a.Length == 0 ? text.TrimStart() : text.TrimStart(TextOf(a, 0).ToCharArray()),
        "rstrip" => (a, _) => a.Length == 0 ? text.TrimEnd() : text.TrimEnd(TextOf(a, 0).ToCharArray()),
        "startswith" => (a, _) => text.StartsWith(TextOf(a, 0), StringComparison.Ordinal),
        "endswith" => (a, _) => text.EndsWith(TextOf(a, 0), StringComparison.Ordinal),
        "upper" => (_, _) => text.ToUpperInvariant(),
        "lower" => (_, _) => text.ToLowerInvariant(),
        "capitalize" => (_, _) => text.Length == 0 ? text : text[..1].ToUpperInvariant() + text[1..].ToLowerInvariant(),
        "replace" => (a, _) => text.Replace(TextOf(a, 0), TextOf(a, 1), StringComparison.Ordinal),
        "split" => (a, _) => text.Split(TextOf(a, 0)).Cast<object?>().ToList(),
        "find" => (a, _) => (long)text.IndexOf(TextOf(a, 0), StringComparison.Ordinal),
        _ => null,
    };

    /// <summary>A string argument.</summary>
    /// <exception cref="JinjaException">It is missing or isn't a string.</exception>
    public static string TextOf(object?[] arguments, int index) => index < arguments.Length && arguments[index] is string text ? text
        : throw new JinjaException("an argument is missing or isn't a string");
}
