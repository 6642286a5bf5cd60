using System.Collections;
using System.Management.Automation;

namespace HyperDas.PowerShell.Tests.Reliability;

/// <summary>A value that a parameter isn't made for.</summary>
/// <param name="Name">What it is, for the report.</param>
/// <param name="Value">The value.</param>
internal sealed record HostileValue(string Name, object? Value);

/// <summary>Hostile values by the type of a parameter.</summary>
internal static class HostileValues
{
    private static readonly HostileValue[] s_anything =
    [
        new("null", null), new("empty text", ""), new("blank text", " "), new("a text", "nonsense"),
        new("an empty array", Array.Empty<object>()),
        new("an array of null", new object?[] { null }), new("an array of arrays", new object[] { new object[] { 1, "a" } }),
        new("a hashtable", new Hashtable { ["nonsense"] = 1 }), new("an object", new object()), new("a date", DateTime.UnixEpoch),
        new("a script block", ScriptBlock.Create("throw 'never called'")), new("NaN", double.NaN), new("-1", -1), new("1e300", 1e300),
    ];

    private static readonly HostileValue[] s_numbers =
    [
        new("int.MinValue", int.MinValue), new("0", 0), new("int.MaxValue", int.MaxValue), new("long.MinValue", long.MinValue),
        new("long.MaxValue", long.MaxValue), new("infinity", double.PositiveInfinity), new("double.Epsilon", double.Epsilon),
        new("text of NaN", "NaN"),
        new("text of a number too large", "1e999"),
    ];

    // Fewer, since there are many options and some values are right for them.
    private static readonly HostileValue[] s_optionNumbers =
        [new("int.MinValue", int.MinValue), new("0", 0), new("int.MaxValue", int.MaxValue), new("NaN", double.NaN),
            new("infinity", double.PositiveInfinity)];

    private static readonly HostileValue[] s_texts =
    [
        new("a null character", "a\0b"), new("1000 letters", new string('x', 1000)), new("an open bracket", "["),
        new("an unknown drive", "nosuchdrive:/x"), new("a drive without files", "env:HOME"),
        new("half a character", "\ud800"), new("two lines", "a\nb"), new("a path through a file", "rows.jsonl/x"), new("only dots", ".."),
        new("a device", "cuda:99"), new("another device", "meta"),
        new("an address", "http://"), new("a file of other content", "sweep/toy.yaml"), new("a folder", "sweep"),
    ];

    /// <summary>Names of the session's variables that hold spoilt or foreign objects, by the type that they have.</summary>
    private static readonly Dictionary<string, string[]> s_objects = new()
    {
        ["ModelHandle"] = ["released", "other", "interpreter"],
        ["InterpreterHandle"] = ["gone", "orphan", "foreign", "model"],
        ["NativeHandle"] = ["released", "gone", "dataset"],
        ["RavelDataset"] = ["empty", "hollow", "holes", "endless", "domain"],
        ["RavelDomain"] = ["dataset"],
        ["RavelScore"] = ["intervention"],
        ["InterventionResult"] = ["scores"],
        ["Object"] = ["released", "gone", "empty", "hollow", "domain", "intervention"],
    };

    // Records with a parameterless constructor, which a hashtable conversion uses.
    private static readonly string[] s_records =
        ["RavelScore", "InterventionResult", "TrainingResult", "ExperimentResult", "RavelDomain", "RavelExample"];

    /// <summary>The values for a parameter.</summary>
    /// <param name="session">Has the objects.</param>
    /// <param name="type">Type of the parameter.</param>
    /// <param name="options">Type of the option record that the parameter takes; null for none.</param>
    public static IEnumerable<HostileValue> For(HostileSession session, Type type, Type? options)
    {
        Type element = type.GetElementType() ?? type;
        element = Nullable.GetUnderlyingType(element) ?? element;
        IEnumerable<HostileValue> values = s_anything;
        if (element == typeof(SwitchParameter))
        {
            return [.. values, new("true", true), new("false", false)];
        }
        if (IsNumber(element))
        {
            values = values.Concat(s_numbers);
        }
        if (element.IsEnum)
        {
            values = values.Concat([new("a number that is no value", 12345),
                .. Enum.GetValues(element).Cast<object>().Select(v => new HostileValue($"{v}", v))]);
        }
        if (element == typeof(string) || element == typeof(object) || element == typeof(Uri))
        {
            values = values.Concat(s_texts);
        }
        if (s_objects.TryGetValue(element.Name, out string[]? names))
        {
            values = values.Concat(names.Select(name => new HostileValue($"${name}", session.Evaluate($",${name}").Single())));
        }
        if (element == typeof(object) || s_records.Contains(element.Name))
        {
            values = values.Concat(s_records.Where(r => element == typeof(object) || r == element.Name)
                .Select(r => new HostileValue($"a {r} without content", session.Evaluate(
                    $"[HyperDas.{r}]::new.OverloadDefinitions.Count -gt 0; try {{ [HyperDas.{r}]@{{}} }} catch {{ }}").Last())));
        }
        return options is null ? values : values.Concat(Options(options));
    }

    // Every property of an option record with every unsuitable number or type.
    private static IEnumerable<HostileValue> Options(Type options) =>
        from property in options.GetProperties()
        where property.CanWrite
        let type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType
        from value in IsNumber(type) ? s_optionNumbers : type.IsEnum ? [new("no value", 12345)] : [new HostileValue("null", null)]
        select new HostileValue($"{property.Name} = {value.Name}", new Hashtable { [property.Name] = value.Value });

    private static bool IsNumber(Type type) => type == typeof(int) || type == typeof(long) || type == typeof(double)
        || type == typeof(float);
}
