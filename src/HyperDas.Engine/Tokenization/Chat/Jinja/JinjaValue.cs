using System.Globalization;

namespace HyperDas.Engine.Tokenization.Chat.Jinja;

/// <summary>Value of an undefined name.</summary>
internal sealed class JinjaUndefined
{
    private JinjaUndefined()
    {
    }

    /// <summary>The only instance.</summary>
    public static JinjaUndefined Value { get; } = new();
}

/// <summary>
/// The values of templates, as Python has them: text, <see cref="long"/>, <see cref="double"/>, <see cref="bool"/>, null for None, lists of
/// objects, dictionaries by text, functions, and <see cref="JinjaUndefined"/>.
/// </summary>
internal static class JinjaValue
{
    /// <summary>Whether a value is true in a condition.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null or JinjaUndefined => false,
        bool flag => flag,
        string text => text.Length > 0,
        long number => number != 0,
        double number => number != 0,
        List<object?> list => list.Count > 0,
        Dictionary<string, object?> map => map.Count > 0,
        _ => true,
    };

    /// <summary>A value as the template writes it.</summary>
    public static string Text(object? value) => value switch
    {
        null => "None",
        JinjaUndefined => "",
        string text => text,
        bool flag => flag ? "True" : "False",
        long number => number.ToString(CultureInfo.InvariantCulture),
        _ => throw new JinjaException($"writing a {Name(value)} isn't supported"),
    };

    /// <summary>Whether two values are equal.</summary>
    public static bool Same(object? a, object? b) => (a, b) switch
    {
        (long x, double y) => x == y,
        (double x, long y) => x == y,
        (List<object?> x, List<object?> y) => x.Count == y.Count && x.Zip(y).All(pair => Same(pair.First, pair.Second)),
        (Dictionary<string, object?> x, Dictionary<string, object?> y) => x.Count == y.Count
            && x.All(pair => y.TryGetValue(pair.Key, out object? other) && Same(pair.Value, other)),
        _ => Equals(a, b),
    };

    /// <summary>Order of two numbers or texts.</summary>
    public static int Compare(object? a, object? b) => (a, b) switch
    {
        (long x, long y) => x.CompareTo(y),
        (string x, string y) => string.CompareOrdinal(x, y),
        _ => throw new JinjaException($"comparing a {Name(a)} with a {Name(b)} isn't supported"),
    };

    /// <summary>Whether a list, a dictionary or a text has a value.</summary>
    public static bool Contains(object? whole, object? part) => whole switch
    {
        string text when part is string piece => text.Contains(piece, StringComparison.Ordinal),
        List<object?> list => list.Any(item => Same(item, part)),
        Dictionary<string, object?> map => part is string key && map.ContainsKey(key),
        _ => throw new JinjaException($"'in' isn't supported for a {Name(whole)}"),
    };

    /// <summary>The items of a loop.</summary>
    public static List<object?> Items(object? value) => value switch
    {
        List<object?> list => list,
        Dictionary<string, object?> map => [.. map.Keys],
        string text => [.. text.EnumerateRunes().Select(r => r.ToString())],
        _ => throw new JinjaException($"a loop over a {Name(value)} isn't supported"),
    };

    /// <summary><c>value[key]</c>.</summary>
    public static object? Item(object? value, object? key) => (value, key) switch
    {
        (Dictionary<string, object?> map, string name) => map.TryGetValue(name, out object? found) ? found : JinjaUndefined.Value,
        (List<object?> list, long index) => (index < 0 ? index + list.Count : index) is var at && at >= 0 && at < list.Count
            ? list[(int)at]
            : JinjaUndefined.Value,
        (string text, long index) => (index < 0 ? index + text.Length : index) is var at && at >= 0 && at < text.Length
            ? text[(int)at].ToString()
            : JinjaUndefined.Value,
        (JinjaUndefined, _) => throw new JinjaException($"it uses '{key}' of an undefined value"),
        (_, string name) => JinjaMethods.Find(value, name) ?? (object)JinjaUndefined.Value,
        _ => throw new JinjaException($"a {Name(value)} has no [{Text(key)}]"),
    };

    /// <summary><c>value.name</c>.</summary>
    public static object? Member(object? value, string name) =>
        value is Dictionary<string, object?> map && !map.ContainsKey(name)
            ? JinjaMethods.Find(value, name) ?? (object)JinjaUndefined.Value
            : Item(value, name);

    /// <summary><c>value[from:to]</c>.</summary>
    public static object? Slice(object? value, object? from, object? to, object? step)
    {
        int length = value switch { List<object?> list => list.Count, string text => text.Length, _ => throw new JinjaException(
            $"slicing a {Name(value)} isn't supported") };
        if (step is not (null or 1L))
        {
            // Only reversal ([::-1]) occurs.
            return step is -1L && from is null && to is null && value is List<object?> forward
                ? Enumerable.Reverse(forward).ToList()
                : throw new JinjaException("a slice with steps isn't supported");
        }
        int start = Place(from, 0), end = Math.Max(start, Place(to, length));
        return value is string whole ? whole[start..end] : ((List<object?>)value!)[start..end];

        int Place(object? at, int otherwise) => at is null ? otherwise : at is long index
            ? (int)Math.Clamp(index < 0 ? index + length : index, 0, length)
            : throw new JinjaException("a slice has a bound that isn't an integer");
    }

    /// <summary>Sum of two numbers, texts or lists.</summary>
    public static object? Add(object? a, object? b) => (a, b) switch
    {
        (long x, long y) => x + y,
        (string x, string y) => x + y,
        (List<object?> x, List<object?> y) => (List<object?>)[.. x, .. y],
        _ => throw new JinjaException($"adding a {Name(a)} and a {Name(b)} isn't supported"),
    };

    /// <summary>Difference, product, quotient or remainder of two integers.</summary>
    public static object? Calculate(string sign, object? a, object? b) => (sign, a, b) switch
    {
        ("-", long x, long y) => x - y,
        ("*", long x, long y) => x * y,
        ("//", long x, long y) when y > 0 => (x - (((x % y) + y) % y)) / y,
        ("%", long x, long y) when y > 0 => ((x % y) + y) % y,
        _ => throw new JinjaException($"'{sign}' of a {Name(a)} and a {Name(b)} isn't supported"),
    };

    /// <summary>Name of a value's type in messages.</summary>
    public static string Name(object? value) => value switch
    {
        null => "None",
        JinjaUndefined => "undefined value",
        string => "text",
        bool => "flag",
        long or double => "number",
        List<object?> => "list",
        Dictionary<string, object?> => "dictionary",
        _ => "function",
    };
}
