using HyperDas.Engine.Checkpoints;

namespace HyperDas.Engine.Downloads.Hub;

/// <summary>
/// Determines which files of a repository a model is read from: configuration, tokenizer and one set of weights, with safetensors preferred
/// to pickles.
/// </summary>
internal static class NeededFiles
{
    private const string PickledFile = "pytorch_model.bin", PickledIndex = "pytorch_model.bin.index.json";
    private const string AdapterConfig = "adapter_config.json";
    private const string AdapterFile = "adapter_model.safetensors", AdapterTorchFile = "adapter_model.bin";

    private static readonly string[] s_tokenizer =
    [
        "tokenizer.json", "tokenizer_config.json", "tokenizer.model", "vocab.json", "merges.txt", "special_tokens_map.json",
        "added_tokens.json", "chat_template.jinja",
        "chat_template.json", "generation_config.json",
    ];

    // In order of preference; an index includes the shards that it names.
    private static readonly string[] s_weights = [ModelCheckpoint.SingleFileName, ModelCheckpoint.IndexFileName, PickledFile, PickledIndex];

    /// <summary>All names except those of shards, which an index lists.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [ModelConfig.FileName, .. s_tokenizer, .. s_weights, AdapterConfig, AdapterFile, AdapterTorchFile];

    /// <summary>The file that determines the weights: the only one, or the index of several.</summary>
    /// <param name="repository">The repository.</param>
    /// <exception cref="HyperDasException"><c>RepositoryInvalid</c>: it holds no model.</exception>
    public static HubFile Weights(HubRepository repository)
    {
        string[] names = [.. repository.Files.Select(f => f.Name)];
        if (!names.Contains(ModelConfig.FileName) && names.Contains(AdapterConfig))
        {
            return Find(repository, AdapterFile) ?? Find(repository, AdapterTorchFile)
                ?? throw Invalid(repository, $"contains an adapter without its weights, {AdapterFile} or {AdapterTorchFile}");
        }
        if (!names.Contains(ModelConfig.FileName))
        {
            throw Invalid(repository,
                $"has no {ModelConfig.FileName}{(names.Any(IsGguf) ? ", only GGUF files, llama.cpp's format: use the original repository" : ", so it contains no model in Hugging Face's format")}");
        }
        return s_weights.Select(name => Find(repository, name)).FirstOrDefault(file => file is not null)
            ?? throw Invalid(repository, $"has no weights: none of {string.Join(", ", s_weights)}");
    }

    /// <summary>Whether a file lists others that contain the weights.</summary>
    /// <param name="file">A result of <see cref="Weights"/>.</param>
    public static bool IsIndex(HubFile file) => file.Name.EndsWith(".index.json", StringComparison.Ordinal);

    /// <summary>The shards listed in an index.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="index">The index, downloaded.</param>
    /// <exception cref="HyperDasException"><c>CheckpointCorrupt</c>, <c>RepositoryInvalid</c>.</exception>
    public static IReadOnlyList<HubFile> Shards(HubRepository repository, string index) =>
    [
        .. ModelCheckpoint.ReadIndex(index).Select(pair => pair.Shard).Distinct().Order(StringComparer.Ordinal)
            .Select(name => Find(repository, name) ?? throw Invalid(repository, $"lacks '{name}', which its index lists")),
    ];

    /// <summary>The small files, with the configuration last: an incomplete folder doesn't open.</summary>
    /// <param name="repository">The repository.</param>
    public static IReadOnlyList<HubFile> Small(HubRepository repository) =>
        [.. ((string[])[.. s_tokenizer, AdapterConfig, ModelConfig.FileName]).Select(name => Find(repository, name)).OfType<HubFile>()];

    private static bool IsGguf(string name) => name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);

    private static HubFile? Find(HubRepository repository, string name) => repository.Files.FirstOrDefault(f => f.Name == name);

    private static HyperDasException Invalid(HubRepository repository, string what) => new(
        "RepositoryInvalid", HyperDasErrorKind.InvalidData, $"'{repository.Id}' {what}.", repository.Id);
}
