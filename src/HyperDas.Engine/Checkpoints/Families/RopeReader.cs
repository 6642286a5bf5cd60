using System.Text.Json;

namespace HyperDas.Engine.Checkpoints.Families;

/// <summary>Base and scaling of a rotary embedding.</summary>
/// <param name="Theta">Base θ.</param>
/// <param name="Scaling">Its scaling, or null.</param>
/// <param name="Share">Fraction of a head's dimensions that rotate, 0 to 1.</param>
internal readonly record struct Rope(double Theta, RopeScaling? Scaling, double Share);

/// <summary>
/// Reads the rotary embedding of a <c>config.json</c>: older files have <c>rope_theta</c> and <c>rope_scaling</c> as separate keys, newer
/// ones an object <c>rope_parameters</c>, which in Gemma 3 holds one object per kind of block.
/// </summary>
internal static class RopeReader
{
    private const string Older = "rope_scaling", Newer = "rope_parameters", ThetaKey = "rope_theta";

    // Keys that some type of scaling reads, and one without effect.
    private static readonly string[] s_known =
    [
        ThetaKey, "partial_rotary_factor", "rope_type", "type", "factor", "original_max_position_embeddings", "low_freq_factor",
        "high_freq_factor", "beta_fast", "beta_slow", "mscale", "mscale_all_dim", "truncate", "attention_factor", "short_factor",
        "long_factor", "finetuned",
    ];

    /// <summary>Reads the rotary embedding.</summary>
    /// <param name="config">The file.</param>
    /// <param name="rotaryWidth">Dimensions of a head that rotate, by the share of them.</param>
    /// <param name="thetaKey">Key of the base beside the object.</param>
    /// <param name="theta">Base where the file doesn't say.</param>
    /// <param name="share">Share of a head's dimensions that rotate where the object doesn't say.</param>
    /// <param name="maxPositions">The model's longest text.</param>
    public static Rope Read(
        ConfigReader config, Func<double, int> rotaryWidth, int maxPositions, string thetaKey = ThetaKey,
        double theta = 10000, double share = 1)
    {
        JsonElement? older = Object(config, Older), newer = Object(config, Newer);
        double beside = Theta(config, config.Root, thetaKey, theta, "");
        Rope Of(JsonElement owner, string key)
        {
            Rope rope = ReadObject(config, owner, key + ".", rotaryWidth, beside, share, maxPositions);
            return rope.Theta == beside || config.Find(thetaKey) is not { ValueKind: JsonValueKind.Number } given ? rope
                : throw config.Invalid(
                    $"{key}.{ThetaKey}", $"{rope.Theta}", $"it contradicts '{thetaKey}', {given.GetRawText()}; keep the correct one");
        }
        if (older is { } first && newer is { } second)
        {
            Rope a = Of(first, Older), b = Of(second, Newer);
            bool same = a.Theta == b.Theta && a.Share == b.Share && ModelScaling(a.Scaling) == ModelScaling(b.Scaling);
            return same ? b : throw config.Invalid(
                Older, first.GetRawText(), $"it contradicts '{Newer}', {second.GetRawText()}; keep the correct one");
        }
        return older is { } old ? Of(old, Older) : newer is { } now ? Of(now, Newer) : new Rope(beside, null, share);
    }

    /// <summary>Reads one object.</summary>
    /// <param name="config">The file.</param>
    /// <param name="owner">The object.</param>
    /// <param name="prefix">Name of the object, for errors.</param>
    /// <param name="rotaryWidth">Dimensions of a head that rotate, by the share of them.</param>
    /// <param name="theta">Base where the object doesn't say.</param>
    /// <param name="share">Share where the object doesn't say.</param>
    /// <param name="maxPositions">The model's longest text.</param>
    public static Rope ReadObject(
        ConfigReader config, JsonElement owner, string prefix, Func<double, int> rotaryWidth, double theta, double share, int maxPositions)
    {
        theta = Theta(config, owner, ThetaKey, theta, prefix);
        foreach (JsonProperty unknown in owner.EnumerateObject().Where(p => !s_known.Contains(p.Name)
            && p.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False)))
        {
            config.Remarks.Add($"config.json has an unknown key: {prefix}{unknown.Name}.");
        }
        share = config.Number(owner, "partial_rotary_factor", share, v => v is > 0 and <= 1, "greater than 0 and at most 1", prefix);
        string? type = Type(config, owner, prefix);
        double Factor() => config.Number(owner, "factor", null, v => v is >= 1 and <= 1e6, "between 1 and 1e6", prefix);
        int Original(int? fallback) => (int)config.Number(
            owner, "original_max_position_embeddings", fallback, v => v is >= 1 and <= 1e9
                && v == Math.Floor(v), "a whole number of at least 1", prefix);
        RopeScaling? scaling = type switch
        {
            "default" => null,
            "linear" => new LinearRopeScaling(Factor()),
            "dynamic" => Dynamic(config, prefix, Factor(), Original(maxPositions), maxPositions),
            "llama3" => Llama3(config, owner, prefix, Factor(), Original(null)),
            // Phi-3's first files call longrope so; yarn has no lists.
            "yarn" when ConfigReader.Find(owner, "long_factor") is not null =>
                Longrope(config, owner, prefix, rotaryWidth(share) / 2, maxPositions),
            "yarn" => Yarn(config, owner, prefix, Factor(), Original(maxPositions), maxPositions),
            "longrope" or "su" => Longrope(config, owner, prefix, rotaryWidth(share) / 2, maxPositions),
            _ => throw config.Unsupported(
                prefix + "rope_type", type is null ? "missing" : $"\"{type}\"",
                "\"default\", \"linear\", \"dynamic\", \"llama3\", \"yarn\" and \"longrope\" are supported"),
        };
        return new Rope(theta, scaling, share);
    }

    private static JsonElement? Object(ConfigReader config, string key) => config.Find(key) is not { } value ? null
        : value.ValueKind == JsonValueKind.Object ? value : throw config.Invalid(key, value.GetRawText(), "it must be null or an object");

    // Only base and fraction: nothing is scaled, whether the object specifies it or not.
    private static string? Type(ConfigReader config, JsonElement owner, string prefix)
    {
        JsonElement? newer = ConfigReader.Find(owner, "rope_type"), older = ConfigReader.Find(owner, "type");
        string? Text(JsonElement? value) => value is not { } type ? null
            : type.ValueKind == JsonValueKind.String
                ? type.GetString()
                : throw config.Invalid(prefix + "rope_type", type.GetRawText(), "it must be a string");
        (string? a, string? b) = (Text(newer), Text(older));
        if (a is not null && b is not null && a != b && (a, b) is not ("longrope", "su"))
        {
            throw config.Invalid(prefix + "rope_type", $"\"{a}\"", $"it contradicts '{prefix}type', \"{b}\"");
        }
        bool unscaled = owner.EnumerateObject().Any() && owner.EnumerateObject().All(p => p.Name is ThetaKey or "partial_rotary_factor"
            || p.Value.ValueKind == JsonValueKind.Null);
        return a ?? b ?? (unscaled ? "default" : null);
    }

    private static double Theta(ConfigReader config, JsonElement owner, string key, double fallback, string prefix) => prefix.Length == 0
        ? config.Number(key, fallback, v => v is > 1 and <= 1e12, "between 1 and 1e12")
        : config.Number(owner, key, fallback, v => v is > 1 and <= 1e12, "between 1 and 1e12", prefix);

    private static Llama3RopeScaling Llama3(ConfigReader config, JsonElement rope, string prefix, double factor, int length)
    {
        double low = config.Number(rope, "low_freq_factor", null, v => v is > 0 and <= 1e6, "greater than 0", prefix);
        double high = config.Number(rope, "high_freq_factor", null, v => v is > 0 and <= 1e6, "greater than 0", prefix);
        return high > low
            ? new Llama3RopeScaling(factor, low, high, length)
            : throw config.Invalid($"{prefix}high_freq_factor", high.ToString(), $"it must be greater than low_freq_factor, {low}");
    }

    private static DynamicRopeScaling Dynamic(ConfigReader config, string prefix, double factor, int length, int maxPositions)
    {
        if (length != maxPositions)
        {
            config.Remarks.Add(
                $"config.json says {prefix}original_max_position_embeddings {length} and max_position_embeddings {maxPositions}; texts longer than {length} are stretched. transformers 4 takes {maxPositions}.");
        }
        return new DynamicRopeScaling(factor, length);
    }

    private static YarnRopeScaling Yarn(ConfigReader config, JsonElement rope, string prefix, double factor, int length, int maxPositions)
    {
        double ratio = (double)maxPositions / length;
        if (ConfigReader.Find(rope, "original_max_position_embeddings") is not null && Math.Abs(ratio - factor) > 1e-6 * factor)
        {
            config.Remarks.Add(FormattableString.Invariant(
                $"config.json says {prefix}factor {factor}, but max_position_embeddings is {ratio:G6} times {prefix}original_max_position_embeddings. The factor is used; some versions of transformers use the ratio. Set max_position_embeddings to {factor * length:G} if the factor is right."));
        }
        double Positive(string key, double fallback) =>
            config.Number(rope, key, fallback, v => v is > 0 and <= 1e6, "greater than 0", prefix);
        double fast = Positive("beta_fast", 32), slow = Positive("beta_slow", 1);
        double above = config.Number(rope, "mscale", 0, v => v is >= 0 and <= 1e6, "at least 0", prefix);
        double below = config.Number(rope, "mscale_all_dim", 0, v => v is >= 0 and <= 1e6, "at least 0", prefix);
        double Scale(double weight) => factor <= 1 ? 1 : (0.1 * weight * Math.Log(factor)) + 1;
        bool whole = ConfigReader.Find(rope, "truncate") is not { ValueKind: JsonValueKind.False };
        return fast > slow
            ? new YarnRopeScaling(factor, length, fast, slow,
                Positive("attention_factor", above > 0 && below > 0 ? Scale(above) / Scale(below) : Scale(1)), whole)
            : throw config.Invalid($"{prefix}beta_fast", fast.ToString(), $"it must be greater than beta_slow, {slow}");
    }

    private static LongRopeScaling Longrope(ConfigReader config, JsonElement rope, string prefix, int pairs, int maxPositions)
    {
        // Phi-3's older files have the original length as a top-level key, newer ones in the object.
        int original = (int)config.Number(
            ConfigReader.Find(rope, "original_max_position_embeddings") is null ? config.Root : rope,
            "original_max_position_embeddings", null,
            v => v is >= 2 and <= 1e9 && v == Math.Floor(v), "a whole number of at least 2", prefix);
        double longer = config.Number(rope, "factor", (double)maxPositions / original, v => v is > 0 and <= 1e6, "greater than 0", prefix);
        double scale = config.Number(
            rope, "attention_factor", longer <= 1 ? 1 : Math.Sqrt(1 + (Math.Log(longer) / Math.Log(original))), v => v is > 0 and <= 1e6,
            "greater than 0", prefix);
        return new LongRopeScaling(Divisors("short_factor"), Divisors("long_factor"), original, scale);

        double[] Divisors(string key) => ConfigReader.Find(rope, key) is { ValueKind: JsonValueKind.Array } list
            && list.GetArrayLength() == pairs
            && list.EnumerateArray()
                .All(v => v.ValueKind == JsonValueKind.Number && v.TryGetDouble(out double divisor) && divisor is > 0 and <= 1e9)
                ? [.. list.EnumerateArray().Select(v => v.GetDouble())]
                : throw config.Invalid(prefix + key, ConfigReader.Find(rope, key)?.GetRawText() ?? "missing",
                    $"it must be a list of {pairs} numbers greater than 0");
    }

    // Lists in records are compared by reference.
    private static string? ModelScaling(RopeScaling? scaling) => scaling switch
    {
        null => null,
        LongRopeScaling s => $"{s.OriginalLength} {s.TableScale} {string.Join(',', s.ShortFactors)} {string.Join(',', s.LongFactors)}",
        _ => scaling.ToString(),
    };
}
