using System.Globalization;
using HyperDas.Engine.Experiments.Yaml;

namespace HyperDas.Engine.Experiments;

/// <summary>Reads the value of a key and checks its type, then its range.</summary>
internal static class ValueReader
{
    /// <summary>Reads a value.</summary>
    /// <param name="key">The key.</param>
    /// <param name="node">The value.</param>
    /// <param name="path">Dotted key, for issues.</param>
    /// <param name="issues">Receives issues.</param>
    /// <param name="value">The value, if it is valid.</param>
    public static bool TryRead(OptionKey key, YamlNode node, string path, IssueList issues, out object? value)
    {
        value = null;
        if (node is YamlText { IsNull: true })
        {
            if (!key.IsNullable)
            {
                issues.Add(node.Mark, path, "", $"The value is missing; it must be {key.Expected}.");
            }
            return key.IsNullable;
        }
        if (!key.IsList)
        {
            return TryReadOne(key, node, path, issues, out value);
        }
        IReadOnlyList<YamlNode> items = node is YamlList list ? list.Items : [node];
        if (items.Count == 0)
        {
            // An empty list is valid if it is also a default, e.g. no references.
            if (!key.IsNullable && !MayBeEmpty(key))
            {
                issues.Add(node.Mark, path, "[]", $"The list is empty; it must have at least one item: {key.Expected}.");
                return false;
            }
            if (key.IsNullable)
            {
                issues.Add(node.Mark, path, "[]", "The list is empty; remove the key to use all.");
                return false;
            }
        }
        Array array = Array.CreateInstance(key.Type, items.Count);
        bool right = true;
        for (int i = 0; i < items.Count; i++)
        {
            right &= TryReadOne(key, items[i], path, issues, out object? item);
            array.SetValue(item, i);
        }
        value = array;
        return right;
    }

    private static bool MayBeEmpty(OptionKey key) => key.Type == typeof(ReferenceMethod);

    private static bool TryReadOne(OptionKey key, YamlNode node, string path, IssueList issues, out object? value)
    {
        if (key.TakesAuto && node is YamlText word && word.Text.Equals(OptionKey.Auto, StringComparison.OrdinalIgnoreCase))
        {
            value = MethodOptions.AutoLayer;
            return true;
        }
        value = node is YamlText text ? Parse(key.Type, text) : null;
        if (value is null)
        {
            string hint = node is YamlText { IsPlain: false } quoted && Parse(key.Type, quoted with { IsPlain = true }) is not null
                ? " Remove the quotes."
                : "";
            issues.Add(node.Mark, path, node.Shown, $"'{node.Shown}' isn't valid; it must be {key.Expected}.{hint}");
            return false;
        }
        if (OptionLaw.Fault(key.Property, value) is not null)
        {
            issues.Add(node.Mark, path, node.Shown, $"{node.Shown} is out of range; it must be {key.Expected}.");
            return false;
        }
        return true;
    }

    private static object? Parse(Type type, YamlText text)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        if (type == typeof(string))
        {
            return text.IsNull ? null : text.Text;
        }
        if (type == typeof(DateOnly))
        {
            return DateOnly.TryParseExact(text.Text, "yyyy-MM-dd", invariant, DateTimeStyles.None, out DateOnly date) ? date : null;
        }
        if (type.IsEnum)
        {
            string? name = Enum.GetNames(type).FirstOrDefault(n => n.Equals(text.Text, StringComparison.OrdinalIgnoreCase));
            return name is null ? null : Enum.Parse(type, name);
        }
        if (!text.IsPlain)
        {
            return null;
        }
        if (type == typeof(bool))
        {
            return text.Text switch { "true" or "True" or "TRUE" => true, "false" or "False" or "FALSE" => false, _ => null };
        }
        if (type == typeof(int))
        {
            return int.TryParse(text.Text, NumberStyles.AllowLeadingSign, invariant, out int whole) ? whole : null;
        }
        if (type == typeof(long))
        {
            return long.TryParse(text.Text, NumberStyles.AllowLeadingSign, invariant, out long whole) ? whole : null;
        }
        return type == typeof(double)
            ? double.TryParse(text.Text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
                invariant, out double number)
                && double.IsFinite(number) ? number : null
            : throw new NotSupportedException($"Documents can't contain a {type}.");
    }
}
