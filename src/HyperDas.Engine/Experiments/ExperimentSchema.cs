using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HyperDas.Engine.Experiments;

/// <summary>
/// The JSON Schema (draft 7) of experiments, generated from the records: editors complete and validate documents with it. It is stricter
/// than the reader in one respect: the case of names.
/// </summary>
public static class ExperimentSchema
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Generates the schema.</summary>
    /// <param name="documentation">XML documentation of the assembly with the records: the descriptions of keys in editors.</param>
    public static string Generate(Stream documentation)
    {
        SchemaDescriptions descriptions = new(documentation);
        JsonObject properties = Properties(SectionShape.Root.Own, _ => new Experiment(), descriptions);
        foreach (SectionShape section in SectionShape.All)
        {
            properties[section.Name] = Section(section, descriptions);
        }
        properties[SectionShape.SweepKey] = Sweep();
        JsonObject schema = new()
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "HyperDas experiment",
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = new JsonArray("target", "data", "method"),
            ["additionalProperties"] = false,
        };
        return schema.ToJsonString(s_json) + "\n";
    }

    private static JsonObject Section(SectionShape section, SchemaDescriptions descriptions)
    {
        Dictionary<Type, object> defaults = [];
        JsonObject properties = Properties(section.AllKeys, key => Default(key.Property.ReflectedType!), descriptions);
        // Where parts have different defaults, there is no common one.
        foreach (OptionKey key in section.AllKeys)
        {
            object?[] values =
            [
                .. section.Parts.SelectMany(p => p.Keys).Where(k => k.Name == key.Name)
                    .Select(k => k.Property.GetValue(Default(k.Property.ReflectedType!)))
            ];
            if (section.Name == "training" || values.Distinct().Count() > 1)
            {
                ((JsonObject)properties[key.Name]!).Remove("default");
            }
        }
        JsonObject schema = new()
        {
            ["description"] = descriptions.Of(typeof(Experiment).GetProperty(section.Property)!),
            ["type"] = "object",
            ["properties"] = properties,
            ["additionalProperties"] = false,
        };
        // The layer is required too, but a sweep may supply it.
        string[] required = [.. section.Own.Where(k => k.IsRequired).Select(k => k.Name)];
        if (required.Length > 0)
        {
            schema["required"] = Names(required);
        }
        if (section.Chooser is { } chooser)
        {
            schema["allOf"] = new JsonArray([.. section.Parts.Select(part => Choice(section, chooser, part.For!))]);
        }
        return schema;

        object Default(Type record) => defaults.TryGetValue(record, out object? known) ? known : defaults[record] =
            Activator.CreateInstance(record)!;
    }

    // "If the method is this, the keys are those"; without the discriminating key, its default applies.
    private static JsonObject Choice(SectionShape section, OptionKey chooser, Enum value)
    {
        JsonObject condition = new()
        {
            ["properties"] = new JsonObject { [chooser.Name] = new JsonObject { ["const"] = OptionKey.CamelCase(value.ToString()) } }
        };
        if (Convert.ToInt32(value) != 0)
        {
            condition["required"] = new JsonArray(chooser.Name);
        }
        return new JsonObject
        {
            ["if"] = condition,
            ["then"] =
                new JsonObject { ["propertyNames"] = new JsonObject { ["enum"] = Names(section.KeysFor(value).Select(k => k.Name)) } },
        };
    }

    private static JsonObject Properties(IEnumerable<OptionKey> keys, Func<OptionKey, object> defaults, SchemaDescriptions descriptions)
    {
        JsonObject properties = [];
        foreach (OptionKey key in keys)
        {
            JsonObject property = new() { ["description"] = descriptions.Of(key.Property) };
            foreach ((string name, JsonNode? value) in Type(key).ToArray())
            {
                property[name] = value?.DeepClone();
            }
            object? byDefault = key.IsRequired ? null : key.Property.GetValue(defaults(key));
            if (byDefault is not null and not "")
            {
                property["default"] = Json(byDefault);
            }
            properties[key.Name] = property;
        }
        return properties;
    }

    private static JsonObject Type(OptionKey key)
    {
        JsonObject one = One(key);
        if (!key.IsList)
        {
            return one;
        }
        JsonObject list = new() { ["type"] = "array", ["items"] = one };
        JsonArray either = [list, one.DeepClone()];
        if (key.IsNullable)
        {
            either.Add(new JsonObject { ["type"] = "null" });
        }
        return new JsonObject { ["anyOf"] = either };
    }

    private static JsonObject One(OptionKey key)
    {
        if (key.Type.IsEnum)
        {
            JsonArray names = Names(OptionKey.EnumNames(key.Type));
            if (key.IsNullable && !key.IsList)
            {
                names.Add(null);
            }
            return new JsonObject { ["enum"] = names };
        }
        string type = key.Type == typeof(bool) ? "boolean"
            : key.Type == typeof(string) || key.Type == typeof(DateOnly) ? "string"
            : key.Type == typeof(double) ? "number"
            : "integer";
        JsonObject schema = new() { ["type"] = key.IsNullable && !key.IsList ? new JsonArray(type, "null") : type };
        if (key.Type == typeof(DateOnly))
        {
            schema["format"] = "date";
        }
        if (key.Minimum is { } least)
        {
            schema[key.MinimumIsExclusive ? "exclusiveMinimum" : "minimum"] = least;
        }
        if (key.HasMaximum)
        {
            schema["maximum"] = key.Maximum;
        }
        return !key.TakesAuto ? schema : new JsonObject
        {
            ["anyOf"] = new JsonArray(schema, new JsonObject { ["const"] = OptionKey.Auto }),
        };
    }

    private static JsonObject Sweep()
    {
        JsonObject list = new() { ["type"] = "array", ["minItems"] = 1 };
        IEnumerable<string> keys = SectionShape.All.Where(s => s.Name != "outputs")
            .SelectMany(s => s.AllKeys.Select(k => $"{s.Name}.{k.Name}"));
        return new JsonObject
        {
            ["description"] =
                "Dotted keys with lists of values, e.g. method.layer: [1, 2, 3]. Each combination is a run; the last key changes fastest.",
            ["type"] = new JsonArray("object", "null"),
            ["properties"] = new JsonObject(keys.Prepend("seed").Select(k => KeyValuePair.Create(k, (JsonNode?)list.DeepClone()))),
            ["additionalProperties"] = false,
        };
    }

    private static JsonNode? Json(object value) => value switch
    {
        bool flag => flag,
        string text => text,
        int or long => Convert.ToInt64(value),
        double number => number,
        Enum or DateOnly => ExperimentYaml.Value(value),
        System.Collections.IEnumerable items => new JsonArray([.. items.Cast<object>().Select(Json)]),
        _ => throw new NotSupportedException($"Documents can't contain a {value.GetType()}."),
    };

    private static JsonArray Names(IEnumerable<string> names) => [.. names.Select(n => (JsonNode)n)];
}
