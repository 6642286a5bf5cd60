using System.Collections;
using System.Management.Automation;
using System.Reflection;

namespace HyperDas.Serialization;

/// <summary>
/// Recreates records from the deserialised objects of <c>Start-Job</c>, remoting and <c>Import-Clixml</c>, so that a score returned by a
/// job can be compared or drawn like any other. Registered for each type in <see cref="RecordTypes"/>.
/// </summary>
public sealed class RecordConverter : PSTypeConverter
{
    internal const string Prefix = "Deserialized.";

    /// <inheritdoc/>
    public override bool CanConvertFrom(object sourceValue, Type destinationType) =>
        sourceValue is PSObject source && source.TypeNames.Contains(Prefix + destinationType.FullName);

    /// <inheritdoc/>
    public override object ConvertFrom(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase)
    {
        PSObject source = (PSObject)sourceValue;
        // Positional parameters of a record are properties too; those without a parameter are set afterwards; computed ones are skipped.
        ConstructorInfo constructor = destinationType.GetConstructors().MaxBy(c => c.GetParameters().Length)
            ?? throw new PSInvalidCastException($"{destinationType.FullName} can't be created from its parts.");
        ParameterInfo[] parameters = constructor.GetParameters();
        object record = constructor.Invoke([.. parameters.Select(p => Value(source, p.Name!, p.ParameterType))]);
        foreach (PropertyInfo property in destinationType.GetProperties()
            .Where(p => p.CanWrite && source.Properties[p.Name] is not null && parameters.All(q => q.Name != p.Name)))
        {
            property.SetValue(record, Value(source, property.Name, property.PropertyType));
        }
        return record;
    }

    /// <inheritdoc/>
    public override bool CanConvertTo(object sourceValue, Type destinationType) => false;

    /// <inheritdoc/>
    public override object ConvertTo(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        throw new PSInvalidCastException($"A record can't be converted to {destinationType.FullName}.");

    private static object? Value(PSObject source, string name, Type type)
    {
        object? value = source.Properties[name]?.Value;
        return value is null && (!type.IsValueType || Nullable.GetUnderlyingType(type) is not null) ? null : Value(value, type);
    }

    private static object? Value(object? value, Type type)
    {
        Type? element = type.IsArray ? type.GetElementType()
            : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0]
            : null;
        if ((Nullable.GetUnderlyingType(type) ?? type) == typeof(DateOnly))
        {
            // PowerShell doesn't know DateOnly: it arrives as its parts, or as text where the depth limit was reached.
            return value is PSObject day && day.Properties["DayNumber"]?.Value is int number
                ? DateOnly.FromDayNumber(number)
                : DateOnly.Parse(value!.ToString()!, System.Globalization.CultureInfo.InvariantCulture);
        }
        if (element is null)
        {
            return LanguagePrimitives.ConvertTo(value, type, System.Globalization.CultureInfo.InvariantCulture);
        }
        object?[] items =
        [
            .. ((IEnumerable)(value is PSObject wrapped ? wrapped.BaseObject : value!)).Cast<object?>().Select(item => Value(item, element))
        ];
        Array array = Array.CreateInstance(element, items.Length);
        items.CopyTo(array, 0);
        return array;
    }
}
