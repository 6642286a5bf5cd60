using System.Text.Json;

namespace HyperDas.Engine.Checkpoints.Families;

/// <summary>
/// Reads and validates values of a <c>config.json</c>. It records which keys were read: the others aren't understood by the family
/// (<see cref="ConfigKeys"/>).
/// </summary>
internal sealed class ConfigReader(JsonElement root, string path)
{
    public const string InvalidErrorId = "ModelConfigInvalid";

    // Larger than in any published model by an order of magnitude, and small enough to avoid overflow in products of two.
    public const int MaxSize = 1 << 24;

    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    /// <summary>The whole file.</summary>
    public JsonElement Root => root;

    /// <summary>Remarks for the caller who loads the model.</summary>
    public List<string> Remarks { get; } = [];

    /// <summary>Whether the family read a key.</summary>
    public bool Asked(string key) => _asked.Contains(key);

    /// <summary>A value; null where the key is missing or null.</summary>
    public JsonElement? Find(string key)
    {
        _asked.Add(key);
        return Find(root, key);
    }

    /// <summary>Whether the file has a key, even with the value null.</summary>
    public bool Has(string key)
    {
        _asked.Add(key);
        return root.TryGetProperty(key, out _);
    }

    /// <summary>A whole number of at least 1.</summary>
    public int Size(string key, int? fallback = null, int max = MaxSize)
    {
        if (Find(key) is not { } value)
        {
            return fallback ?? throw Invalid(key, "missing", "it must be a whole number of at least 1");
        }
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int size) && size >= 1 && size <= max
            ? size
            : throw Invalid(key, value.GetRawText(), $"it must be a whole number from 1 to {max}");
    }

    /// <summary>A number.</summary>
    public double Number(string key, double? fallback, Predicate<double> isPossible, string range)
    {
        _asked.Add(key);
        return Number(root, key, fallback, isPossible, range);
    }

    /// <summary>A positive factor.</summary>
    public double Factor(string key, double fallback) => Number(key, fallback, v => v is > 0 and <= 1e9, "greater than 0");

    /// <summary>A positive number; null where the key is missing or null.</summary>
    public double? Cap(string key) => Find(key) is null ? null : Factor(key, 0);

    /// <summary>A number inside an object.</summary>
    public double Number(JsonElement owner, string key, double? fallback, Predicate<double> isPossible, string range, string prefix = "")
    {
        if (Find(owner, key) is not { } value)
        {
            return fallback ?? throw Invalid(prefix + key, "missing", $"it must be a number, {range}");
        }
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && isPossible(number)
            ? number
            : throw Invalid(prefix + key, value.GetRawText(), $"it must be a number, {range}");
    }

    /// <summary>True or false.</summary>
    public bool Flag(string key, bool fallback = false) => Find(key)?.ValueKind switch
    {
        null => fallback,
        JsonValueKind.False => false,
        JsonValueKind.True => true,
        _ => throw Invalid(key, Find(key)?.GetRawText() ?? "", "it must be true or false"),
    };

    /// <summary>A string, or null.</summary>
    public string? Text(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        { } value => throw Invalid(key, value.GetRawText(), "it must be a string"),
    };

    /// <summary>A list of strings, or null.</summary>
    public string[]? Texts(string key) => Find(key) is not { } value ? null
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(item => item.GetString()!)]
            : throw Invalid(key, value.GetRawText(), "it must be a list of strings");

    /// <summary>The end tokens. Those outside the vocabulary are kept, because their model is told that no text ends with them.</summary>
    public int[] EndTokens() => Tokens("eos_token_id", int.MaxValue, "an end token must be a whole number of at least 0");

    /// <summary>One token id or a list of them; empty where there is none.</summary>
    public int[] Tokens(string key, int vocabulary) =>
        Tokens(key, vocabulary, $"a token id must be a whole number from 0 to vocab_size - 1, {vocabulary - 1}");

    private int[] Tokens(string key, int end, string right)
    {
        if (Find(key) is not { } value)
        {
            return [];
        }
        JsonElement[] items = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        return [.. items.Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int id) && id >= 0 && id < end
            ? id
            : throw Invalid(key, item.GetRawText(), right))];
    }

    /// <summary>The activation that a key names.</summary>
    public Activation Activation(string key, string fallback) => (Text(key) ?? fallback) switch
    {
        "silu" or "swish" => Checkpoints.Activation.Silu,
        "gelu" => Checkpoints.Activation.Gelu,
        "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" or "gelu_accurate" => Checkpoints.Activation.GeluTanh,
        "relu" => Checkpoints.Activation.Relu,
        string other => throw Unsupported(
            key, $"\"{other}\"", "\"silu\", \"gelu\", \"gelu_new\", \"gelu_pytorch_tanh\" and \"relu\" are supported"),
    };

    /// <summary>An error about an invalid value.</summary>
    public HyperDasException Invalid(string key, string found, string right) =>
        new(InvalidErrorId, HyperDasErrorKind.InvalidData, $"'{path}': '{key}' is {found}; {right}.", path);

    /// <summary>An error about an unsupported value.</summary>
    public HyperDasException Unsupported(string key, string found, string right) =>
        new("ModelFormatUnsupported", HyperDasErrorKind.InvalidData, $"'{path}': '{key}' is {found}; {right}.", path);

    /// <summary>A value inside an object; null where the key is missing or null.</summary>
    public static JsonElement? Find(JsonElement owner, string key) =>
        owner.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
