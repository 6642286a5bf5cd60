using System.Text.Json;

namespace HyperDas.Engine.Checkpoints;

/// <summary>Reads <c>config.json</c>, refusing what this Llama doesn't compute and what no model could have.</summary>
internal sealed class ModelConfigReader(JsonElement root, string path)
{
    public const string InvalidErrorId = "ModelConfigInvalid";

    // Larger than any published model by an order of magnitude, small enough that no product of two overflows.
    private const int MaxSize = 1 << 24;

    public ModelConfig Read()
    {
        RefuseOtherModels();
        int hidden = Size("hidden_size"), heads = Size("num_attention_heads");
        int groups = Size("num_key_value_heads", heads);
        if (heads % groups != 0)
        {
            throw Invalid("num_key_value_heads", groups.ToString(), $"it must divide num_attention_heads, {heads}");
        }
        if (Find(root, "head_dim") is null && hidden % heads != 0)
        {
            throw Invalid("hidden_size", hidden.ToString(), $"without head_dim it must be a multiple of num_attention_heads, {heads}");
        }
        int width = Size("head_dim", hidden / heads);
        if (width % 2 != 0 || (long)width * heads > MaxSize)
        {
            throw Invalid("head_dim", width.ToString(), $"it must be even, and times num_attention_heads at most {MaxSize}");
        }
        int vocabulary = Size("vocab_size");
        (double theta, Llama3RopeScaling? scaling) = Rope();
        return new ModelConfig
        {
            VocabularySize = vocabulary,
            HiddenSize = hidden,
            BlockCount = Size("num_hidden_layers", max: 4096),
            HeadCount = heads,
            KeyValueHeadCount = groups,
            HeadWidth = width,
            InnerWidth = Size("intermediate_size"),
            RmsNormEpsilon = Number(root, "rms_norm_eps", 1e-6, v => v is >= 0 and < 1, "0 or more and less than 1"),
            RopeTheta = theta,
            RopeScaling = scaling,
            TiedHead = Flag("tie_word_embeddings"),
            MaxPositions = Size("max_position_embeddings", 2048, int.MaxValue),
            BosTokenId = Tokens("bos_token_id", vocabulary) is [int bos, ..] ? bos : null,
            EosTokenIds = Tokens("eos_token_id", vocabulary),
            TorchDtype = Text("torch_dtype") ?? Text("dtype"),
        };
    }

    private void RefuseOtherModels()
    {
        string type = Text("model_type") ?? throw Invalid("model_type", "missing", $"it must be \"{ModelConfig.ModelType}\"");
        if (type != ModelConfig.ModelType)
        {
            throw Unsupported("model_type", $"\"{type}\"", $"only \"{ModelConfig.ModelType}\" is supported");
        }
        if ((Text("hidden_act") ?? "silu") is string activation && activation != "silu")
        {
            throw Unsupported("hidden_act", $"\"{activation}\"", "only \"silu\" is supported");
        }
        foreach (string key in (string[])["attention_bias", "mlp_bias"])
        {
            if (Flag(key))
            {
                throw Unsupported(key, "true", "only models without biases are supported");
            }
        }
        if (Find(root, "quantization_config") is not null)
        {
            throw Unsupported("quantization_config", "set", "quantised weights aren't supported");
        }
    }

    // Older files have rope_theta and rope_scaling side by side, newer ones a single object rope_parameters.
    private (double Theta, Llama3RopeScaling? Scaling) Rope()
    {
        string key = Find(root, "rope_parameters") is null ? "rope_scaling" : "rope_parameters";
        JsonElement? found = Find(root, key);
        if (found is { } value && value.ValueKind != JsonValueKind.Object)
        {
            throw Invalid(key, value.GetRawText(), "it must be null or an object");
        }
        double theta = Theta(found is { } parameters && Find(parameters, "rope_theta") is not null ? parameters : root);
        if (found is not { } rope)
        {
            return (theta, null);
        }
        JsonElement? type = Find(rope, "rope_type") ?? Find(rope, "type");
        string? name = type?.ValueKind == JsonValueKind.String ? type.Value.GetString() : null;
        return name switch
        {
            "default" => (theta, null),
            "llama3" => (theta, Llama3(rope, key)),
            _ => throw Unsupported($"{key}.rope_type", type?.GetRawText() ?? "missing", "only \"llama3\" and \"default\" are supported"),
        };
    }

    private double Theta(JsonElement owner) => Number(owner, "rope_theta", 10000, v => v is > 1 and <= 1e12, "between 1 and 1e12");

    private Llama3RopeScaling Llama3(JsonElement rope, string key)
    {
        string prefix = key + ".";
        double factor = Number(rope, "factor", null, v => v is >= 1 and <= 1e6, "between 1 and 1e6", prefix);
        double low = Number(rope, "low_freq_factor", null, v => v is > 0 and <= 1e6, "greater than 0", prefix);
        double high = Number(rope, "high_freq_factor", null, v => v is > 0 and <= 1e6, "greater than 0", prefix);
        double length = Number(
            rope, "original_max_position_embeddings", null, v => v is >= 1 and <= 1e9 && v == Math.Floor(v), "a whole number of at least 1", prefix);
        return high > low
            ? new Llama3RopeScaling(factor, low, high, (int)length)
            : throw Invalid($"{key}.high_freq_factor", high.ToString(), $"it must be greater than low_freq_factor, {low}");
    }

    private int Size(string key, int? fallback = null, int max = MaxSize)
    {
        if (Find(root, key) is not { } value)
        {
            return fallback ?? throw Invalid(key, "missing", "it must be a whole number of at least 1");
        }
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int size) && size >= 1 && size <= max
            ? size
            : throw Invalid(key, value.GetRawText(), $"it must be a whole number from 1 to {max}");
    }

    private double Number(JsonElement owner, string key, double? fallback, Predicate<double> isPossible, string range, string prefix = "")
    {
        if (Find(owner, key) is not { } value)
        {
            return fallback ?? throw Invalid(prefix + key, "missing", $"it must be a number, {range}");
        }
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && isPossible(number)
            ? number
            : throw Invalid(prefix + key, value.GetRawText(), $"it must be a number, {range}");
    }

    private bool Flag(string key) => Find(root, key)?.ValueKind switch
    {
        null or JsonValueKind.False => false,
        JsonValueKind.True => true,
        _ => throw Invalid(key, Find(root, key)?.GetRawText() ?? "", "it must be true or false"),
    };

    private string? Text(string key) => Find(root, key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        { } value => throw Invalid(key, value.GetRawText(), "it must be a string"),
    };

    private int[] Tokens(string key, int vocabulary)
    {
        if (Find(root, key) is not { } value)
        {
            return [];
        }
        JsonElement[] items = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        return [.. items.Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int id) && id >= 0 && id < vocabulary
            ? id
            : throw Invalid(key, item.GetRawText(), $"a token id must be a whole number from 0 to vocab_size - 1, {vocabulary - 1}"))];
    }

    private static JsonElement? Find(JsonElement owner, string key) =>
        owner.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private HyperDasException Invalid(string key, string found, string right) =>
        new(InvalidErrorId, HyperDasErrorKind.InvalidData, $"'{path}': '{key}' is {found}; {right}.", path);

    private HyperDasException Unsupported(string key, string found, string right) =>
        new("ModelFormatUnsupported", HyperDasErrorKind.InvalidData, $"'{path}': '{key}' is {found}; {right}.", path);
}
