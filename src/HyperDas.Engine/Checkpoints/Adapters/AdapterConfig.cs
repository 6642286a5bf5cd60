using System.Text.Json;
using System.Text.RegularExpressions;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Checkpoints.Adapters;

/// <summary>
/// What PEFT's <c>adapter_config.json</c> says of a LoRA adapter. What would change the computation and isn't done is refused by its key.
/// </summary>
internal sealed class AdapterConfig
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "adapter_config.json";

    /// <summary>Name of the file with the tensors, beside it.</summary>
    public const string TensorsFileName = "adapter_model.safetensors";

    // Keys that are read below, that change nothing after the training, or whose effect is in the tensors.
    private static readonly string[] s_known =
    [
        "peft_type", "r", "lora_alpha", "use_rslora", "target_modules", "bias", "init_lora_weights", "layers_to_transform",
        "exclude_modules", "fan_in_fan_out", "base_model_name_or_path", "rank_pattern", "alpha_pattern", "modules_to_save",
        "task_type", "lora_dropout", "inference_mode", "revision", "auto_mapping", "layers_pattern", "megatron_core", "megatron_config",
        "loftq_config", "eva_config", "corda_config",
        "lora_ga_config", "runtime_config", "peft_version", "qalora_group_size", "parent_library", "ensure_weight_tying",
    ];

    // Each changes what is added to the weights, or adds something that isn't LoRA.
    private static readonly string[] s_refused =
    [
        "use_dora", "layer_replication", "lora_bias", "trainable_token_indices", "target_parameters", "use_qalora", "arrow_config",
        "alora_invocation_tokens", "use_bdlora", "monteclora_config",
    ];

    // Beginnings of the training that leave the base model as it is; others take something out of its weights.
    private static readonly string[] s_plainBeginnings = ["gaussian", "eva", "orthogonal", "lora_ga"];

    private readonly string _path;

    private AdapterConfig(string path) => _path = path;

    /// <summary>Factor of the product of B and A where no pattern says otherwise: α / r, or α / √r.</summary>
    public double Scale => ScaleOf(Rank, Alpha);

    private int Rank { get; init; }

    private double Alpha { get; init; }

    private bool IsRankStabilised { get; init; }

    private ModulePatterns Ranks { get; init; } = ModulePatterns.None;

    private ModulePatterns Alphas { get; init; } = ModulePatterns.None;

    /// <summary>Ends of the names of the modules that were trained as a whole, beside the factors.</summary>
    public IReadOnlyList<string> Saved { get; private init; } = [];

    /// <summary>Whether what changes the embeddings changes a head that is tied to them, too.</summary>
    public bool KeepsTie { get; private init; }

    /// <summary>Ends of the names of the modules that are changed; null where the file has a pattern for them.</summary>
    public IReadOnlyList<string>? Targets { get; private init; }

    /// <summary>Whether every module that <see cref="Targets"/> names must have its tensors.</summary>
    public bool TargetsAll { get; private init; }

    /// <summary>The model that it was trained on, as the file has it; null where it doesn't say.</summary>
    public string? Base { get; private init; }

    /// <summary>Keys that nothing understands, in a sentence; null when there are none.</summary>
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
                $"'{folder}' has no {FileName}, so it isn't a PEFT adapter; a folder with it and {TensorsFileName} is needed.",
                folder);
        }
        StandIn.ThrowIfPointer(path);
        using JsonDocument document = StrictJson.Open(path, "AdapterInvalid");
        return new AdapterConfig(path).Read(document.RootElement);
    }

    /// <summary>The model that an adapter was trained on, as far as that can be told without an error.</summary>
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

    /// <summary>Whether a module is one of those that are changed.</summary>
    /// <param name="module">Its name.</param>
    public bool IsTarget(string module) => Targets is null || Targets.Any(t => IsNamed(module, t));

    /// <summary>Whether a module is one of those that were trained as a whole.</summary>
    /// <param name="module">Its name.</param>
    public bool IsSaved(string module) => Saved.Any(t => IsNamed(module, t));

    /// <summary>Whether an end of a name, as the file has it, names a module.</summary>
    /// <param name="module">Its name.</param>
    /// <param name="end">The end.</param>
    public static bool IsNamed(string module, string end) => module == end || module.EndsWith("." + end, StringComparison.Ordinal);

    /// <summary>Rank of what is added to a module.</summary>
    /// <param name="module">Its name.</param>
    public int RankOf(string module) => (int)(Ranks.ValueOf(module) ?? Rank);

    /// <summary>Factor of the product of B and A for a module.</summary>
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
            throw Unsupported("peft_type", $"is \"{kind}\"; adapters of the kind LORA can be applied");
        }
        string? refused = s_refused.FirstOrDefault(key => root.TryGetProperty(key, out JsonElement value) && !IsNothing(value));
        if (refused is not null)
        {
            string dora = refused == "use_dora" ? ", and not DoRA, which scales columns as well" : "";
            throw Unsupported(refused, $"is {Shown(root.GetProperty(refused))}; only plain LoRA can be applied{dora}");
        }
        if (root.TryGetProperty("bias", out JsonElement bias) && !IsNothing(bias)
            && !(bias.ValueKind == JsonValueKind.String && bias.GetString() == "none"))
        {
            throw Unsupported("bias", $"is {Shown(bias)}; only adapters without biases, \"none\", can be applied");
        }
        if (root.TryGetProperty("init_lora_weights", out JsonElement begun) && begun.ValueKind == JsonValueKind.String
            && !s_plainBeginnings.Contains(begun.GetString()))
        {
            throw Unsupported(
                "init_lora_weights", $"is {Shown(begun)}, which changes the base model as well; convert the adapter to plain LoRA first");
        }
        double alpha = root.TryGetProperty("lora_alpha", out JsonElement factor)
            ? factor.ValueKind == JsonValueKind.Number && factor.TryGetDouble(out double number) && double.IsFinite(number)
                ? number
                : throw Invalid("lora_alpha", $"is {Shown(factor)}; it is a number")
            : 8;
        int rank = root.TryGetProperty("r", out JsonElement r)
            ? r.ValueKind == JsonValueKind.Number && r.TryGetInt32(out int size) && size > 0
                ? size
                : throw Invalid("r", $"is {Shown(r)}; the rank is an integer of at least 1")
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
                "ranks, integers of at least 1,"),
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
                : $"Nothing understands the {(unknown.Length == 1 ? "key" : "keys")} {string.Join(", ", unknown)} of '{_path}'; if they change what the adapter adds, it isn't done.",
        };
    }

    private IReadOnlyList<string>? ReadTargets(JsonElement root)
    {
        if (!root.TryGetProperty("target_modules", out JsonElement targets)
            || targets.ValueKind is JsonValueKind.Null or JsonValueKind.String)
        {
            // A pattern, or all linear layers; what has tensors is what it meant.
            return null;
        }
        string[] names = targets.ValueKind == JsonValueKind.Array && targets.EnumerateArray().All(t => t.ValueKind == JsonValueKind.String)
            ? [.. targets.EnumerateArray().Select(t => t.GetString()!)] : [];
        return names.Length > 0 ? names : throw Invalid("target_modules", $"is {Shown(targets)}; it is a list of names or a pattern");
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
            throw Invalid(key, $"is {Shown(given)}; {what} by patterns of modules' names are needed");
        }
        foreach (JsonProperty pair in given.EnumerateObject())
        {
            bool right = pair.Value.ValueKind == JsonValueKind.Number && pair.Value.TryGetDouble(out double value) && isRight(value);
            pairs.Add((pair.Name, right
                ? pair.Value.GetDouble()
                : throw Invalid(key, $"has {Shown(pair.Value)} for '{pair.Name}'; {what} by patterns of modules' names are needed")));
        }
        (ModulePatterns patterns, string? wrong) = ModulePatterns.Of(pairs);
        return wrong is null ? patterns : throw Unsupported(key, $"has a pattern that isn't understood, '{wrong}'");
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
            : throw Invalid(Key, $"is {Shown(given)}; it is a list of names");
    }

    private bool Flag(JsonElement root, string key) => root.TryGetProperty(key, out JsonElement value) && value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False or JsonValueKind.Null => false,
        _ => throw Invalid(key, $"is {Shown(value)}; it is true or false"),
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
