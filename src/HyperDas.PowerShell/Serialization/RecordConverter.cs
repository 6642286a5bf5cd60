using System.Collections;
using System.Management.Automation;
using System.Reflection;

namespace HyperDas.Serialization;

/// <summary>
/// Makes records anew from what <c>Start-Job</c>, remoting and <c>Import-Clixml</c> leave of them, so that a score that a job returned
/// can be compared or drawn like any other. Named for each type in <see cref="RecordTypes"/>.
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
        // A record's positions are properties as well; those without a parameter are set afterwards, and what is computed computes itself.
        ConstructorInfo constructor = destinationType.GetConstructors().MaxBy(c => c.GetParameters().Length)
            ?? throw new PSInvalidCastException($"{destinationType.FullName} can't be made from its parts.");
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
        throw new PSInvalidCastException($"A record can't be turned into {destinationType.FullName}.");

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
            // PowerShell knows no days: they arrive as their parts, or as text from where the depth ended.
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
