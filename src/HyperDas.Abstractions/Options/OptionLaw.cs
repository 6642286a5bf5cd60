using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace HyperDas;

/// <summary>
/// Validates option records: the <see cref="RangeAttribute"/> of each property (in seconds for time spans), the defined enum values, and
/// <see cref="IRelatedOptions"/>. Options from C#, a document, <c>-Set</c>, a hashtable or a parameter are all checked here.
/// </summary>
public static class OptionLaw
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> s_options = new();

    /// <summary>Finds the invalid options of a record. Relations are checked only if each option is valid by itself.</summary>
    /// <param name="options">The record.</param>
    public static IReadOnlyList<OptionFault> Faults(object options)
    {
        PropertyInfo[] properties = s_options.GetOrAdd(options.GetType(), type => [.. type.GetProperties().Where(p => p.CanWrite)]);
        OptionFault[] alone = [.. properties.Select(p => Fault(p, p.GetValue(options))).OfType<OptionFault>()];
        return alone.Length == 0 && options is IRelatedOptions related ? [.. related.Relations()] : alone;
    }

    /// <summary>Checks a value by itself; null if it is valid.</summary>
    /// <param name="property">The option.</param>
    /// <param name="value">The value, of the property's type.</param>
    public static OptionFault? Fault(PropertyInfo property, object? value)
    {
        if (value is Enum)
        {
            return Enum.IsDefined(value.GetType(), value)
                ? null
                : new OptionFault(property.Name, value, $"one of {string.Join(", ", Enum.GetNames(value.GetType()))}");
        }
        return value is not null && property.GetCustomAttribute<RangeAttribute>() is { } range && !IsIn(range, Number(value))
            ? new OptionFault(property.Name, value, Words(range) + (value is TimeSpan ? " seconds" : ""))
            : null;
    }

    /// <summary>Throws if a record has an invalid option.</summary>
    /// <param name="options">The record.</param>
    /// <param name="errorId">Error id.</param>
    /// <param name="before">Prefix of the message.</param>
    /// <exception cref="HyperDasException"><paramref name="errorId"/>: names the option, its value and the allowed values.</exception>
    public static void ThrowIfBroken(object options, string errorId = "OptionInvalid", string before = "")
    {
        if (Faults(options) is [OptionFault first, ..])
        {
            throw new HyperDasException(errorId, HyperDasErrorKind.InvalidArgument, before + first, first.Value ?? options);
        }
    }

    /// <summary>A range in words that follow "it must be"; a type's own limit isn't mentioned.</summary>
    /// <param name="range">The range.</param>
    public static string Words(RangeAttribute range)
    {
        double least = Number(range.Minimum), most = Number(range.Maximum);
        string from = FormattableString.Invariant($"{(range.MinimumIsExclusive ? "above" : "at least")} {least}");
        return most >= int.MaxValue ? from
            : range.MinimumIsExclusive ? FormattableString.Invariant($"{from} and at most {most}")
            : FormattableString.Invariant($"{least} to {most}");
    }

    // NaN is outside every range.
    private static bool IsIn(RangeAttribute range, double value) =>
        double.IsFinite(value) && value <= Number(range.Maximum)
            && (range.MinimumIsExclusive ? value > Number(range.Minimum) : value >= Number(range.Minimum));

    private static double Number(object value) =>
        value is TimeSpan span ? span.TotalSeconds : Convert.ToDouble(value, CultureInfo.InvariantCulture);
}
