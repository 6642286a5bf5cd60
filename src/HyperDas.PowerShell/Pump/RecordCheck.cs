using System.Collections;
using System.Collections.Concurrent;
using System.Management.Automation;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace HyperDas.Pump;

/// <summary>
/// Refuses records with missing values before they reach the engine. C# can't create such records, but PowerShell creates them from
/// hashtables and by deserialisation.
/// </summary>
internal static class RecordCheck
{
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> s_needed = new();

    // Records are immutable: a dataset used by a thousand inputs is checked once.
    private static readonly ConditionalWeakTable<object, object> s_whole = [];

    /// <summary>Checks a parameter's value and the records in it.</summary>
    /// <param name="value">The value.</param>
    /// <exception cref="HyperDasException"><c>RecordIncomplete</c>: names the record's type and what it lacks.</exception>
    public static void ThrowIfIncomplete(object? value)
    {
        object? item = value is PSObject wrapped ? wrapped.BaseObject : value;
        if (item is null or string or NativeHandle || s_whole.TryGetValue(item, out _))
        {
            return;
        }
        if (item is IEnumerable list)
        {
            foreach (object? element in list)
            {
                if (element is null && IsRecord(ElementType(item)))
                {
                    throw Incomplete(ElementType(item)!, "a list contains null", value);
                }
                ThrowIfIncomplete(element);
            }
            return;
        }
        if (!IsRecord(item.GetType()))
        {
            return;
        }
        foreach (PropertyInfo property in s_needed.GetOrAdd(item.GetType(), Needed))
        {
            object content = property.GetValue(item) ?? throw Incomplete(item.GetType(), $"it has no {property.Name}", value);
            ThrowIfIncomplete(content);
        }
        s_whole.AddOrUpdate(item, item);
    }

    private static bool IsRecord(Type? type) => type is { IsClass: true } && type.Assembly == typeof(HyperDasException).Assembly;

    private static Type? ElementType(object list) =>
        list.GetType().GetInterfaces()
            .FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEnumerable<>))?.GetGenericArguments()[0];

    // Stored properties declared as non-nullable; computed ones aren't evaluated.
    private static PropertyInfo[] Needed(Type type)
    {
        NullabilityInfoContext nullability = new();
        return
        [
            .. type.GetProperties().Where(p =>
                p.CanWrite && p.GetIndexParameters().Length == 0 && !p.PropertyType.IsValueType
                    && nullability.Create(p).ReadState == NullabilityState.NotNull),
        ];
    }

    private static HyperDasException Incomplete(Type type, string why, object? value) => new(
        "RecordIncomplete", HyperDasErrorKind.InvalidArgument,
        $"A {type.Name} can't be used: {why}. Pass records as the module's commands write them.", value);
}
