namespace HyperDas.Engine.Tokenization.Chat.Jinja;

/// <summary>Filters and tests that templates use.</summary>
internal static class JinjaFilters
{
    /// <summary>Applies a filter: <c>value | name(arguments)</c>.</summary>
    /// <exception cref="JinjaException">It isn't known.</exception>
    public static object? Filter(string name, object? value, object?[] arguments, IReadOnlyDictionary<string, object?> named) => name switch
    {
        "trim" when arguments.Length == 0 => Own(value, name).Trim(),
        "upper" => Own(value, name).ToUpperInvariant(),
        "lower" => Own(value, name).ToLowerInvariant(),
        "string" => JinjaValue.Text(value),
        "safe" => value,
        "length" or "count" => value is string text ? text.Length : (long)JinjaValue.Items(value).Count,
        "list" => JinjaValue.Items(value),
        "first" => JinjaValue.Items(value) is [var first, ..] ? first : JinjaUndefined.Value,
        "last" => JinjaValue.Items(value) is [.., var last] ? last : JinjaUndefined.Value,
        "join" => string.Join(
            arguments.Length > 0 ? JinjaMethods.TextOf(arguments, 0) : "", JinjaValue.Items(value).Select(JinjaValue.Text)),
        "replace" when arguments.Length == 2 =>
            Own(value, name).Replace(JinjaMethods.TextOf(arguments, 0), JinjaMethods.TextOf(arguments, 1), StringComparison.Ordinal),
        "default" or "d" => value is JinjaUndefined || (arguments.Length > 1 && JinjaValue.IsTrue(arguments[1])
            && !JinjaValue.IsTrue(value)) ? arguments.Length > 0 ? arguments[0] : "" : value,
        "items" => JinjaMethods.Find(value, "items")?.Invoke([], named)
            ?? throw new JinjaException($"a {JinjaValue.Name(value)} has no items"),
        "selectattr" => JinjaValue.Items(value).Where(item => Holds(item, arguments)).ToList(),
        "rejectattr" => JinjaValue.Items(value).Where(item => !Holds(item, arguments)).ToList(),
        "map" when named.TryGetValue("attribute", out object? key) && key is string attribute =>
            JinjaValue.Items(value).Select(item => JinjaValue.Member(item, attribute)).ToList(),
        "reverse" => Enumerable.Reverse(JinjaValue.Items(value)).ToList(),
        _ => throw new JinjaException($"the filter '{name}' isn't supported"),
    };

    /// <summary>Whether a value passes a test: <c>value is name(arguments)</c>.</summary>
    /// <exception cref="JinjaException">It isn't known.</exception>
    public static bool Test(string name, object? value, object?[] arguments) => name switch
    {
        "defined" => value is not JinjaUndefined,
        "undefined" => value is JinjaUndefined,
        "none" => value is null,
        "string" => value is string,
        "mapping" => value is Dictionary<string, object?>,
        "iterable" or "sequence" => value is string or List<object?> or Dictionary<string, object?>,
        "number" => value is long or double,
        "integer" => value is long,
        "boolean" => value is bool,
        "true" => value is true,
        "false" => value is false,
        "callable" => value is JinjaFunction,
        "odd" => value is long odd && odd % 2 != 0,
        "even" => value is long even && even % 2 == 0,
        "equalto" or "eq" or "==" or "sameas" when arguments.Length == 1 => JinjaValue.Same(value, arguments[0]),
        "ne" or "!=" when arguments.Length == 1 => !JinjaValue.Same(value, arguments[0]),
        "in" when arguments.Length == 1 => JinjaValue.Contains(arguments[0], value),
        _ => throw new JinjaException($"the test '{name}' isn't supported"),
    };

    private static bool Holds(object? item, object?[] arguments)
    {
        object? value = JinjaValue.Member(item, JinjaMethods.TextOf(arguments, 0));
        return arguments.Length == 1 ? JinjaValue.IsTrue(value) : Test(JinjaMethods.TextOf(arguments, 1), value, arguments[2..]);
    }

    private static string Own(object? value, string name) => value as string
        ?? throw new JinjaException($"a {JinjaValue.Name(value)} has no '{name}'");
}
