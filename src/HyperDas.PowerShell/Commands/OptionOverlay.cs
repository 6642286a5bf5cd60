using System.Collections;
using System.Management.Automation;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace HyperDas.Commands;

/// <summary>Reads options given as a record, or as a hashtable of differences from the defaults.</summary>
internal static class OptionOverlay
{
    private static readonly ConditionalWeakTable<object, IDictionary> s_named = [];

    /// <summary>A placeholder record for a hashtable until it is applied to the defaults.</summary>
    /// <param name="record">Its type.</param>
    /// <param name="named">The hashtable.</param>
    public static object StandIn(Type record, IDictionary named)
    {
        object standIn = Activator.CreateInstance(record)!;
        s_named.Add(standIn, named);
        return standIn;
    }

    /// <summary>Applies options to the defaults.</summary>
    /// <typeparam name="T">The record, or what it derives from.</typeparam>
    /// <param name="defaults">Default options; their type is the record's.</param>
    /// <param name="given">A record, a hashtable, or null.</param>
    /// <param name="parameter">The parameter's name, for the error.</param>
    /// <exception cref="HyperDasException"><c>OptionInvalid</c>: an unknown name, a record or a value of another type.</exception>
    public static T Over<T>(T defaults, object? given, string parameter)
        where T : class
    {
        given = given is PSObject wrapped ? wrapped.BaseObject : given;
        if (given is not null && s_named.TryGetValue(given, out IDictionary? meant))
        {
            given = meant;
        }
        if (given is null)
        {
            return defaults;
        }
        Type record = defaults.GetType();
        if (given is not IDictionary named)
        {
            return given.GetType() == record
                ? (T)given
                : throw Errors.OptionInvalid(parameter, given, $"it is a {given.GetType().Name}, not a {record.Name} or a hashtable.");
        }
        Hashtable all = new(StringComparer.OrdinalIgnoreCase);
        PropertyInfo[] writable = [.. record.GetProperties().Where(p => p.CanWrite)];
        foreach (PropertyInfo property in writable)
        {
            // PowerShell would convert null to an empty text.
            if (property.GetValue(defaults) is { } value)
            {
                all[property.Name] = value;
            }
        }
        HashSet<string> names = new(writable.Select(p => p.Name), StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in named)
        {
            if (!names.Contains($"{entry.Key}"))
            {
                throw Errors.OptionInvalid(
                    parameter, given, $"unknown option '{entry.Key}'; the options are {string.Join(", ", names.Order(StringComparer.Ordinal))}.");
            }
            all[entry.Key] = entry.Value;
        }
        try
        {
            return (T)LanguagePrimitives.ConvertTo(all, record, System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (PSInvalidCastException e)
        {
            throw Errors.OptionInvalid(parameter, given, e.Message);
        }
    }
}
