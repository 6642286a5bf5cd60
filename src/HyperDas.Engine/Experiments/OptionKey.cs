using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace HyperDas.Engine.Experiments;

/// <summary>A key of a document: a property of a record, with its name in camel case.</summary>
internal sealed class OptionKey
{
    /// <summary>Notation for a value to be found.</summary>
    public const string Auto = "auto";

    private static readonly NullabilityInfoContext s_nullability = new();

    private OptionKey(PropertyInfo property)
    {
        Property = property;
        Name = CamelCase(property.Name);
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        IsList = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>);
        Type = IsList ? type.GetGenericArguments()[0] : type;
        lock (s_nullability)
        {
            IsNullable = s_nullability.Create(property).WriteState == NullabilityState.Nullable;
        }
        TakesAuto = property.DeclaringType == typeof(MethodOptions) && property.Name == nameof(MethodOptions.Layer);
        // By name: ScottPlot contains a public type with the same full name.
        IsRequired = property.CustomAttributes.Any(a => a.AttributeType.Name == "RequiredMemberAttribute")
            || property.IsDefined(typeof(RequiredAttribute));
        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
        {
            Minimum = Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture);
            Maximum = Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture);
            MinimumIsExclusive = range.MinimumIsExclusive;
        }
    }

    /// <summary>The key.</summary>
    public string Name { get; }

    /// <summary>The property.</summary>
    public PropertyInfo Property { get; }

    /// <summary>Type of the value, or of an item of the list.</summary>
    public Type Type { get; }

    /// <summary>Whether the value is a list; a single item is a list of one.</summary>
    public bool IsList { get; }

    /// <summary>Whether the value may be null.</summary>
    public bool IsNullable { get; }

    /// <summary>Whether a document may specify <c>auto</c>: the value is then found before the training.</summary>
    public bool TakesAuto { get; }

    /// <summary>Whether the key is required.</summary>
    public bool IsRequired { get; }

    /// <summary>Smallest number, or null for none.</summary>
    public double? Minimum { get; }

    /// <summary>Largest number that is worth mentioning, or null.</summary>
    public double? Maximum { get; }

    /// <summary>Whether the smallest number itself is invalid.</summary>
    public bool MinimumIsExclusive { get; }

    /// <summary>Whether <see cref="Maximum"/> is less than the type's own limit.</summary>
    public bool HasMaximum => Maximum is { } most && most < int.MaxValue;

    /// <summary>Description of a valid value.</summary>
    public string Expected
    {
        get
        {
            string one = Type == typeof(bool) ? "true or false"
                : Type == typeof(string) ? "text"
                : Type == typeof(DateOnly) ? "a date like 2024-01-15"
                : Type.IsEnum ? "one of " + string.Join(", ", EnumNames(Type))
                : (Type == typeof(double) ? "a number" : "a whole number") + Bounds;
            return (IsList ? $"a list, each item {one}" : one) + (TakesAuto ? $", or {Auto}" : "") + (IsNullable ? ", or null" : "");
        }
    }

    // The law's own words: "a number above 0", "a number from 0 to 1", "a number, at least 0".
    private string Bounds => Property.GetCustomAttribute<RangeAttribute>() is not { } range ? ""
        : (MinimumIsExclusive ? " " : HasMaximum ? " from " : ", ") + OptionLaw.Words(range);

    /// <summary>The keys of a record's properties: those that can be set and aren't records themselves.</summary>
    /// <param name="record">Type of the record.</param>
    public static IReadOnlyList<OptionKey> Of(Type record) =>
    [
        .. record.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.CanWrite && IsValue(p.PropertyType))
            .OrderBy(p => Depth(p.DeclaringType!))
            .ThenBy(p => p.MetadataToken)
            .Select(p => new OptionKey(p)),
    ];

    /// <summary>Names of an enumeration's values in documents.</summary>
    public static IEnumerable<string> EnumNames(Type type) => Enum.GetNames(type).Select(CamelCase);

    /// <summary>A .NET name as written in documents.</summary>
    public static string CamelCase(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    private static bool IsValue(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        type = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : type;
        return type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(DateOnly);
    }

    private static int Depth(Type type) => type.BaseType is { } parent ? Depth(parent) + 1 : 0;
}
