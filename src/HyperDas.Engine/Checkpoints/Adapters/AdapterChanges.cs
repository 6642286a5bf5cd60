using System.Text.RegularExpressions;
using HyperDas.Engine.Checkpoints.Families;

namespace HyperDas.Engine.Checkpoints.Adapters;

/// <summary>Which tensors of an adapter's file change which tensors of a model; every tensor of the file has its counterpart.</summary>
internal sealed partial class AdapterChanges
{
    private const string Weight = ".weight";

    private readonly string _folder;
    private readonly TensorFile _file;
    private readonly AdapterConfig _config;
    private readonly Dictionary<string, AdapterChange> _changes = new(StringComparer.Ordinal);

    // Names of tensors in an adapter's file, without PEFT's own prefix.
    private readonly Dictionary<string, StoredWeight> _weights;

    private AdapterChanges(string folder, TensorFile file, AdapterConfig config, ModelConfig model)
    {
        (_folder, _file, _config, Model) = (folder, file, config, model);
        ModelFamily family = ModelFamily.Of(model);
        StoredWeight[] weights = [.. family.Weights(model.WithOwnHead())];
        Embedding = weights.First(w => w.Roles[0] == WeightRole.Embedding).Name;
        _weights = weights.SelectMany(w => family.NamesOf(w.Name).Select(n => (Name: n, Weight: w)))
            .ToDictionary(w => w.Name, w => w.Weight, StringComparer.Ordinal);
        Collect(model);
        ThrowIfIncomplete(model, weights);
        string? head = weights.FirstOrDefault(w => w.Roles[0] == WeightRole.Head)?.Name;
        if (model.TiedHead && head is not null && Unties(head))
        {
            (Model, UntiedHead) = (model.WithOwnHead(), head);
        }
    }

    /// <summary>The model's shape with the adapter.</summary>
    public ModelConfig Model { get; }

    /// <summary>Usual name of the token embeddings.</summary>
    public string Embedding { get; }

    /// <summary>Usual name of a head that the model ties to the embeddings and the adapter unties; null where there is none.</summary>
    public string? UntiedHead { get; }

    /// <summary>All changes in a fixed order.</summary>
    public IEnumerable<AdapterChange> All => _changes.Values.OrderBy(c => c.Weight.Name, StringComparer.Ordinal);

    /// <summary>Matches an adapter with a model.</summary>
    /// <param name="folder">The adapter's folder.</param>
    /// <param name="file">Its tensors.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="model">The model's shape.</param>
    /// <exception cref="HyperDasException"><c>AdapterInvalid</c>, <c>AdapterUnsupported</c>, <c>AdapterMismatch</c>,
    /// <c>TensorDtypeUnsupported</c>.</exception>
    public static AdapterChanges Of(string folder, TensorFile file, AdapterConfig config, ModelConfig model) =>
        new(folder, file, config, model);

    /// <summary>The change of a tensor; null where it has none.</summary>
    /// <param name="usual">Usual name of the model's tensor.</param>
    public AdapterChange? Find(string usual) => _changes.GetValueOrDefault(usual);

    // PEFT changes only the specified one of two tied layers.
    private bool Unties(string head)
    {
        bool changesHead = Find(head) is not null;
        if (_config.KeepsTie && changesHead)
        {
            string name = Find(head)!.Tensors.First();
            throw Unsupported($"contains '{name}' for a head that is tied to the embeddings (ensure_weight_tying)", name);
        }
        return changesHead || (!_config.KeepsTie && Find(Embedding) is { IsTrained: true });
    }

    private void Collect(ModelConfig model)
    {
        foreach ((string name, string stored) in _file.Unreadable.OrderBy(u => u.Key, StringComparer.Ordinal))
        {
            throw Narrow(name, stored);
        }
        Dictionary<string, (string? A, string? B, bool IsTable)> found = new(StringComparer.Ordinal);
        foreach (string name in _file.Entries.Keys.Order(StringComparer.Ordinal))
        {
            Match factor = FactorName().Match(name);
            if (!factor.Success)
            {
                AddWhole(model, name);
                continue;
            }
            string module = factor.Groups["module"].Value;
            if (!_config.IsTarget(module))
            {
                throw Invalid($"it contains '{name}', which target_modules of {AdapterConfig.FileName} doesn't name", name);
            }
            bool isA = factor.Groups["factor"].Value == "A";
            (string? a, string? b, _) = found.GetValueOrDefault(module);
            if ((isA ? a : b) is string other)
            {
                throw Invalid($"'{other}' and '{name}' are the same factor", name);
            }
            found[module] = (isA ? name : a, isA ? b : name, factor.Groups["table"].Success);
        }
        foreach ((string module, (string? a, string? b, bool isTable)) in found)
        {
            StoredWeight weight = _weights.GetValueOrDefault(module + Weight)
                ?? throw Mismatch(
                    $"It changes '{module}', which the model, a {model.Family} of {model.BlockCount} blocks, doesn't have", module);
            AddFactors(model, weight, module, a ?? throw Lacks(module, "A"), b ?? throw Lacks(module, "B"), isTable);
        }
        if (_changes.Count == 0)
        {
            throw Invalid("it contains no tensors", _file.Path);
        }
    }

    private void AddFactors(ModelConfig model, StoredWeight weight, string module, string a, string b, bool isTable)
    {
        AdapterChange change = _changes.GetValueOrDefault(weight.Name) ?? new AdapterChange(weight);
        long[] stored = weight.Shape(model);
        if (stored.Length != 2 || change.IsTable != isTable)
        {
            throw Mismatch(
                $"It changes '{module}', which isn't {(isTable ? "an embedding table" : "a linear layer")}", module);
        }
        int rank = _config.RankOf(module);
        (long outputs, long inputs) = change.IsTransposed ? (stored[1], stored[0]) : (stored[0], stored[1]);
        string why = $"with r = {rank} in {AdapterConfig.FileName}, ";
        ThrowIfUnfit(a, [rank, inputs], why);
        ThrowIfUnfit(b, [outputs, rank], why);
        if (change.Factors is not null || change.Whole is not null)
        {
            throw Invalid($"two modules, one of them '{module}', change '{weight.Name}'", module);
        }
        _changes[weight.Name] = change with { Factors = (a, b), Scale = _config.ScaleOf(module) };
    }

    // A fully trained layer, or the model's own embeddings, which PEFT also saves where they may have been resized.
    private void AddWhole(ModelConfig model, string name)
    {
        Match match = WholeName().Match(name);
        string module = match.Groups["module"].Value, place = match.Groups["place"].Value, tensor = module + match.Groups["part"].Value;
        StoredWeight? weight = _weights.GetValueOrDefault(tensor);
        bool isTrained = match.Success && place != "base_layer" && (place.Length > 0 || _config.IsSaved(module));
        bool isOwn = match.Success && !isTrained && place is "" or "base_layer"
            && weight?.Roles[0] is WeightRole.Embedding or WeightRole.Head;
        if (!isTrained && !isOwn)
        {
            string kind = name.Contains("lora_magnitude_vector", StringComparison.Ordinal)
                ? ", which belongs to DoRA" : ", which isn't a LoRA factor (lora_A.weight, lora_B.weight)";
            throw Unsupported($"contains '{name}'{kind}", name);
        }
        if (weight is null)
        {
            throw Mismatch($"It has '{name}', but the model, a {model.Family} of {model.BlockCount} blocks, has no '{tensor}'", name);
        }
        ThrowIfUnfit(name, weight.Shape(model), "");
        AdapterChange change = _changes.GetValueOrDefault(weight.Name) ?? new AdapterChange(weight);
        if ((isTrained ? change.Whole : change.Own) is string other)
        {
            throw Invalid($"'{other}' and '{name}' both change '{weight.Name}'", name);
        }
        _changes[weight.Name] = isTrained ? change with { Whole = name } : change with { Own = name };
    }

    // A file with missing tensors would change the model only in part.
    private void ThrowIfIncomplete(ModelConfig model, StoredWeight[] weights)
    {
        string[] modules =
        [
            .. weights.Select(w => w.Name).Where(n => n.EndsWith(Weight, StringComparison.Ordinal)).Select(n => n[..^Weight.Length]),
        ];
        string[] whole = [.. _changes.Values.Where(c => c.Whole is not null).Select(c => c.Weight.Name[..c.Weight.Name.LastIndexOf('.')])];
        string? unsaved = _config.Saved.FirstOrDefault(end => !whole.Any(module => AdapterConfig.IsNamed(module, end)));
        if (unsaved is not null)
        {
            throw modules.Any(module => AdapterConfig.IsNamed(module, unsaved))
                ? Mismatch($"It has no weights for '{unsaved}', which modules_to_save of {AdapterConfig.FileName} names", unsaved)
                : Mismatch($"modules_to_save of {AdapterConfig.FileName} names '{unsaved}', which the model doesn't have", unsaved);
        }
        if (_config.Targets is null || !_config.TargetsAll)
        {
            return;
        }
        string? missing = modules.FirstOrDefault(module => _config.IsTarget(module)
            && _weights[module + Weight].Shape(model).Length == 2 && Find(module + Weight)?.Factors is null);
        if (missing is not null)
        {
            throw Mismatch($"It has no factors for '{missing}', which target_modules of {AdapterConfig.FileName} names", missing);
        }
    }

    private void ThrowIfUnfit(string name, long[] expected, string why)
    {
        TensorEntry entry = _file.Entries[name];
        if (!entry.Shape.AsSpan().SequenceEqual(expected))
        {
            throw Mismatch(
                $"'{name}' has shape [{string.Join(", ", entry.Shape)}]; {why}the model requires [{string.Join(", ", expected)}]", name);
        }
        if (!SafetensorsDtype.IsFloatingPoint(entry.Dtype))
        {
            throw Narrow(name, SafetensorsDtype.Name(entry.Dtype));
        }
    }

    private HyperDasException Narrow(string name, string stored) => new(
        "TensorDtypeUnsupported", HyperDasErrorKind.InvalidData,
        $"Tensor '{name}' in '{_file.Path}' contains {stored}; adapters must have floating-point numbers of at least 16 bits.", name);

    private HyperDasException Lacks(string module, string factor) => Invalid($"it lacks the factor {factor} of '{module}'", module);

    private HyperDasException Invalid(string what, string target) => new(
        "AdapterInvalid", HyperDasErrorKind.InvalidData, $"The adapter '{_file.Path}' can't be used: {what}.", target);

    private HyperDasException Unsupported(string what, string target) => new(
        "AdapterUnsupported", HyperDasErrorKind.InvalidData,
        $"'{_file.Path}' {what}; it can't be applied. Merge the adapter into its base model with Hugging Face's peft (merge_and_unload), and import the result.",
        target);

    private HyperDasException Mismatch(string what, string target) => new(
        "AdapterMismatch", HyperDasErrorKind.Mismatch,
        $"The adapter '{_folder}' doesn't belong to this model. {what}.{(_config.Base is string trained ? $" It was trained on '{trained}'." : "")}",
        target);

    // PEFT saves base_model.model.<module>.lora_A.weight, of embeddings lora_embedding_A; older files have the adapter's name after it.
    [GeneratedRegex(
        @"^(base_model\.model\.)?(?<module>.+)\.lora_((?<factor>[AB])(\.default)?\.weight|(?<table>embedding_)(?<factor>[AB])(\.default)?)\z")]
    private static partial Regex FactorName();

    [GeneratedRegex(
        @"^(base_model\.model\.)?(?<module>.+?)(\.(?<place>modules_to_save|base_layer)(\.default)?)?(?<part>\.weight|\.bias)\z")]
    private static partial Regex WholeName();
}
