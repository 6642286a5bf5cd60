using System.Text.Json;
using System.Text.RegularExpressions;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Checkpoints.Adapters;

/// <summary>
/// PEFT's <c>adapter_config.json</c> of a LoRA adapter. Keys that would change the computation in an unsupported way are errors.
/// </summary>
internal sealed class AdapterConfig
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "adapter_config.json";

    /// <summary>Name of the file with the tensors, in the same folder.</summary>
    public const string TensorsFileName = "adapter_model.safetensors";

    // Keys that are read below, that have no effect after the training, or whose effect is in the tensors.
    private static readonly string[] s_known =
    [
        "peft_type", "r", "lora_alpha", "use_rslora", "target_modules", "bias", "init_lora_weights", "layers_to_transform",
        "exclude_modules", "fan_in_fan_out", "base_model_name_or_path", "rank_pattern", "alpha_pattern", "modules_to_save",
        "task_type", "lora_dropout", "inference_mode", "revision", "auto_mapping", "layers_pattern", "megatron_core", "megatron_config",
        "loftq_config", "eva_config", "corda_config",
        "lora_ga_config", "runtime_config", "peft_version", "qalora_group_size", "parent_library", "ensure_weight_tying",
    ];

    // Each changes the term added to the weights, or adds something that isn't LoRA.
    private static readonly string[] s_refused =
    [
        "use_dora", "layer_replication", "lora_bias", "trainable_token_indices", "target_parameters", "use_qalora", "arrow_config",
        "alora_invocation_tokens", "use_bdlora", "monteclora_config",
    ];

    // Initialisations that leave the base model unchanged; others subtract something from its weights.
    private static readonly string[] s_plainBeginnings = ["gaussian", "eva", "orthogonal", "lora_ga"];

    private readonly string _path;

    private AdapterConfig(string path) => _path = path;

    /// <summary>Factor of the product B A where no pattern applies: α / r, or α / √r.</summary>
    public double Scale => ScaleOf(Rank, Alpha);

    private int Rank { get; init; }

    private double Alpha { get; init; }

    private bool IsRankStabilised { get; init; }

    private ModulePatterns Ranks { get; init; } = ModulePatterns.None;

    private ModulePatterns Alphas { get; init; } = ModulePatterns.None;

    /// <summary>Suffixes of the names of the modules that were trained in full, besides the factors.</summary>
    public IReadOnlyList<string> Saved { get; private init; } = [];

    /// <summary>Whether a change of the embeddings also changes a head that is tied to them.</summary>
    public bool KeepsTie { get; private init; }

    /// <summary>Suffixes of the names of the changed modules; null where the file has a pattern for them.</summary>
    public IReadOnlyList<string>? Targets { get; private init; }

    /// <summary>Whether every module that <see cref="Targets"/> names must have its tensors.</summary>
    public bool TargetsAll { get; private init; }

    /// <summary>The model that it was trained on, as the file names it; null where it doesn't.</summary>
    public string? Base { get; private init; }

    /// <summary>A sentence about the unknown keys; null when there are none.</summary>
    public string? Remark { get; private init; }

    /// <summary>Reads and checks the file.</summary>
    /// <param name="folder">The adapter's folder.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>AdapterInvalid</c>, <c>AdapterUnsupported</c>.</exception>
    public static AdapterConfig Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new HyperDasException(
                "PathNotFound", HyperDasErrorKind.NotFound,
                $"'{folder}' has no {FileName}, so it isn't a PEFT adapter; a folder with this file and {TensorsFileName} is required.",
                folder);
        }
        StandIn.ThrowIfPointer(path);
        using JsonDocument document = StrictJson.Open(path, "AdapterInvalid");
        return new AdapterConfig(path).Read(document.RootElement);
    }

    /// <summary>The model that an adapter was trained on, or null where the file doesn't name it or can't be read.</summary>
    /// <param name="folder">The adapter's folder.</param>
    public static string? BaseOf(string folder)
    {
        try
        {
            using JsonDocument document = StrictJson.Open(Path.Combine(folder, FileName), "AdapterInvalid");
            return document.RootElement.TryGetProperty("base_model_name_or_path", out JsonElement name)
                && name.ValueKind == JsonValueKind.String ? name.GetString() : null;
        }
        catch (HyperDasException)
        {
            return null;
        }
    }

    /// <summary>Whether the adapter changes a module.</summary>
    /// <param name="module">Its name.</param>
    public bool IsTarget(string module) => Targets is null || Targets.Any(t => IsNamed(module, t));

    /// <summary>Whether a module was trained in full.</summary>
    /// <param name="module">Its name.</param>
    public bool IsSaved(string module) => Saved.Any(t => IsNamed(module, t));

    /// <summary>Whether a suffix in the file names a module.</summary>
    /// <param name="module">Its name.</param>
    /// <param name="end">The suffix.</param>
    public static bool IsNamed(string module, string end) => module == end || module.EndsWith("." + end, StringComparison.Ordinal);

    /// <summary>Rank of the change of a module.</summary>
    /// <param name="module">Its name.</param>
    public int RankOf(string module) => (int)(Ranks.ValueOf(module) ?? Rank);

    /// <summary>Factor of the product B A for a module.</summary>
    /// <param name="module">Its name.</param>
    public double ScaleOf(string module) => ScaleOf(RankOf(module), Alphas.ValueOf(module) ?? Alpha);

    private double ScaleOf(int rank, double alpha) => IsRankStabilised ? alpha / Math.Sqrt(rank) : alpha / rank;

    private AdapterConfig Read(JsonElement root)
    {
        string kind = root.TryGetProperty("peft_type", out JsonElement type) && type.ValueKind == JsonValueKind.String
            ? type.GetString()!
            : throw Invalid("peft_type", "is missing; it must be \"LORA\"");
        if (kind != "LORA")
        {
            throw Unsupported("peft_type", $"is \"{kind}\"; only LORA is supported");
        }
        string? refused = s_refused.FirstOrDefault(key => root.TryGetProperty(key, out JsonElement value) && !IsNothing(value));
        if (refused is not null)
        {
            string dora = refused == "use_dora" ? ", not DoRA" : "";
            throw Unsupported(refused, $"is {Shown(root.GetProperty(refused))}; only plain LoRA is supported{dora}");
        }
        if (root.TryGetProperty("bias", out JsonElement bias) && !IsNothing(bias)
            && !(bias.ValueKind == JsonValueKind.String && bias.GetString() == "none"))
        {
            throw Unsupported("bias", $"is {Shown(bias)}; only adapters without biases (\"none\") are supported");
        }
        if (root.TryGetProperty("init_lora_weights", out JsonElement begun) && begun.ValueKind == JsonValueKind.String
            && !s_plainBeginnings.Contains(begun.GetString()))
        {
            throw Unsupported(
                "init_lora_weights", $"is {Shown(begun)}, which also changes the base model; convert the adapter to plain LoRA first");
        }
        double alpha = root.TryGetProperty("lora_alpha", out JsonElement factor)
            ? factor.ValueKind == JsonValueKind.Number && factor.TryGetDouble(out double number) && double.IsFinite(number)
                ? number
                : throw Invalid("lora_alpha", $"is {Shown(factor)}; it must be a number")
            : 8;
        int rank = root.TryGetProperty("r", out JsonElement r)
            ? r.ValueKind == JsonValueKind.Number && r.TryGetInt32(out int size) && size > 0
                ? size
                : throw Invalid("r", $"is {Shown(r)}; the rank must be an integer of at least 1")
            : 8;
        string[] unknown =
        [
            .. root.EnumerateObject().Where(p => !s_known.Contains(p.Name) && !s_refused.Contains(p.Name) && !IsNothing(p.Value))
                .Select(p => $"'{p.Name}'")
        ];
        return new AdapterConfig(_path)
        {
            Rank = rank,
            Alpha = alpha,
            IsRankStabilised = Flag(root, "use_rslora"),
            Ranks = ReadPatterns(root, "rank_pattern", value => value is >= 1 and <= int.MaxValue && value == Math.Floor(value),
                "ranks (integers of at least 1)"),
            Alphas = ReadPatterns(root, "alpha_pattern", double.IsFinite, "numbers"),
            Saved = ReadSaved(root),
            KeepsTie = Flag(root, "ensure_weight_tying"),
            Targets = ReadTargets(root),
            TargetsAll = !IsGiven(root, "layers_to_transform") && !IsGiven(root, "exclude_modules"),
            Base = root.TryGetProperty("base_model_name_or_path", out JsonElement name) && name.ValueKind == JsonValueKind.String
                ? name.GetString()
                : null,
            Remark = unknown.Length == 0
                ? null
                : $"'{_path}' has unknown {(unknown.Length == 1 ? "key" : "keys")} {string.Join(", ", unknown)}; if they affect the adapter's changes, these aren't applied.",
        };
    }

    private IReadOnlyList<string>? ReadTargets(JsonElement root)
    {
        if (!root.TryGetProperty("target_modules", out JsonElement targets)
            || targets.ValueKind is JsonValueKind.Null or JsonValueKind.String)
        {
            // A pattern, or all linear layers; the modules are those with tensors.
            return null;
        }
        string[] names = targets.ValueKind == JsonValueKind.Array && targets.EnumerateArray().All(t => t.ValueKind == JsonValueKind.String)
            ? [.. targets.EnumerateArray().Select(t => t.GetString()!)] : [];
        return names.Length > 0 ? names : throw Invalid("target_modules", $"is {Shown(targets)}; it must be a list of names or a pattern");
    }

    private ModulePatterns ReadPatterns(JsonElement root, string key, Predicate<double> isRight, string what)
    {
        if (!IsGiven(root, key))
        {
            return ModulePatterns.None;
        }
        JsonElement given = root.GetProperty(key);
        List<(string, double)> pairs = [];
        if (given.ValueKind != JsonValueKind.Object)
        {
            throw Invalid(key, $"is {Shown(given)}; it must map patterns of module names to {what}");
        }
        foreach (JsonProperty pair in given.EnumerateObject())
        {
            bool right = pair.Value.ValueKind == JsonValueKind.Number && pair.Value.TryGetDouble(out double value) && isRight(value);
            pairs.Add((pair.Name, right
                ? pair.Value.GetDouble()
                : throw Invalid(key, $"has {Shown(pair.Value)} for '{pair.Name}'; it must map patterns of module names to {what}")));
        }
        (ModulePatterns patterns, string? wrong) = ModulePatterns.Of(pairs);
        return wrong is null ? patterns : throw Unsupported(key, $"has an unsupported pattern, '{wrong}'");
    }

    private IReadOnlyList<string> ReadSaved(JsonElement root)
    {
        const string Key = "modules_to_save";
        if (!IsGiven(root, Key))
        {
            return [];
        }
        JsonElement given = root.GetProperty(Key);
        return given.ValueKind == JsonValueKind.Array && given.EnumerateArray().All(t => t.ValueKind == JsonValueKind.String)
            ? [.. given.EnumerateArray().Select(t => t.GetString()!)]
            : throw Invalid(Key, $"is {Shown(given)}; it must be a list of names");
    }

    private bool Flag(JsonElement root, string key) => root.TryGetProperty(key, out JsonElement value) && value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False or JsonValueKind.Null => false,
        _ => throw Invalid(key, $"is {Shown(value)}; it must be true or false"),
    };

    private static bool IsGiven(JsonElement root, string key) => root.TryGetProperty(key, out JsonElement value) && !IsNothing(value);

    private static bool IsNothing(JsonElement value) => value.ValueKind is JsonValueKind.Null or JsonValueKind.False
        || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0)
        || (value.ValueKind == JsonValueKind.Object && !value.EnumerateObject().Any());

    private static string Shown(JsonElement value) => value.GetRawText() is { Length: > 60 } text
        ? text[..60] + "…"
        : Regex.Replace(value.GetRawText(), @"\s+", " ");

    private HyperDasException Invalid(string key, string what) => new(
        "AdapterInvalid", HyperDasErrorKind.InvalidData, $"'{_path}': {key} {what}.", _path);

    private HyperDasException Unsupported(string key, string what) => new(
        "AdapterUnsupported", HyperDasErrorKind.InvalidData,
        $"'{_path}': {key} {what}. Merge the adapter into its base model with Hugging Face's peft (merge_and_unload), and import the result.",
        _path);
}
