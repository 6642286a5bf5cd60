using System.Text.Json;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Methods.Original;

/// <summary>
/// The arguments of the original's training that an interpreter needs: those of its <c>train.py</c>, which it writes to <c>config.json</c>
/// in the folder above its checkpoints (docs/formats.md). Null for missing ones.
/// </summary>
internal sealed record OriginalSettings
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "config.json";

    private const string LayerKey = "intervention_layer";

    /// <summary>Source of the settings, for errors.</summary>
    public required string Source { get; init; }

    /// <summary>Intervention layer ℓ.</summary>
    public required int Layer { get; init; }

    /// <summary>Number of blocks.</summary>
    public int? Blocks { get; init; }

    /// <summary>Feature dimension k.</summary>
    public int? FeatureDimension { get; init; }

    /// <summary>Kind of subspace.</summary>
    public SubspaceKind? Subspace { get; init; }

    /// <summary>Whether the interpreter sees the base prompt's suffix.</summary>
    public bool BaseSuffixVisible { get; init; }

    /// <summary>Whether the interpreter sees the source prompt's suffix.</summary>
    public bool SourceSuffixVisible { get; init; }

    /// <summary>The coin of the symmetric variant.</summary>
    public bool Symmetric { get; init; }

    /// <summary>Whether the blocks were initialised randomly.</summary>
    public bool FromScratch { get; init; }

    /// <summary>The target model's name.</summary>
    public string? Model { get; init; }

    /// <summary>Reads settings from options. Sizes with default values count as missing.</summary>
    /// <param name="options">The options.</param>
    public static OriginalSettings Of(HypernetworkOptions options)
    {
        HypernetworkOptions usual = new() { Layer = options.Layer };
        return new OriginalSettings
        {
            Source = "The network options",
            Layer = options.Layer,
            Blocks = options.Blocks == usual.Blocks ? null : options.Blocks,
            FeatureDimension = options.FeatureDimension == usual.FeatureDimension ? null : options.FeatureDimension,
            Subspace = options.Subspace == usual.Subspace ? null : options.Subspace,
            BaseSuffixVisible = options.BaseSuffixVisible,
            SourceSuffixVisible = options.SourceSuffixVisible,
            Symmetric = options.Symmetric,
            FromScratch = options.FromScratch,
        };
    }

    /// <summary>Reads the file in a checkpoint's folder, or in the folder above it.</summary>
    /// <param name="folder">Folder of the checkpoint.</param>
    /// <exception cref="HyperDasException"><c>OriginalSettingsMissing</c>, <c>InterpreterCorrupt</c>.</exception>
    public static OriginalSettings Read(string folder)
    {
        string[] places = [Path.Combine(folder, FileName),
            .. Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))) is { } above
            ? (string[])[Path.Combine(above, FileName)] : []];
        foreach (string path in places.Where(File.Exists))
        {
            using JsonDocument document = StrictJson.Open(path, "InterpreterCorrupt");
            // The folder above may contain an unrelated file with that name.
            if (document.RootElement.TryGetProperty(LayerKey, out _))
            {
                return Read(document.RootElement, path);
            }
        }
        throw new HyperDasException(
            "OriginalSettingsMissing", HyperDasErrorKind.NotFound,
            $"'{folder}' contains a checkpoint of the original HyperDAS, which doesn't record its layer, and neither it nor its parent folder has a {FileName} "
            + $"with '{LayerKey}'. Specify the layer: -NetworkOption @{{ Layer = 15 }}.", folder);
    }

    private static OriginalSettings Read(JsonElement root, string path)
    {
        return new OriginalSettings
        {
            Source = $"'{path}'",
            Layer = Number(LayerKey) ?? throw Invalid(LayerKey, "null", "a whole number of at least 0"),
            Blocks = Number("num_decoders"),
            FeatureDimension = Number("das_dimension"),
            Subspace = root.TryGetProperty("subspace_module", out JsonElement kind) ? Kind(kind) : null,
            BaseSuffixVisible = Flag("base_suffix_visibility"),
            SourceSuffixVisible = Flag("source_suffix_visibility"),
            Symmetric = Flag("break_asymmetric"),
            FromScratch = Flag("initialize_from_scratch"),
            Model = root.TryGetProperty("model_name_or_path", out JsonElement model) && model.ValueKind == JsonValueKind.String
                ? model.GetString()
                : null,
        };

        int? Number(string key) => !root.TryGetProperty(key, out JsonElement value) || value.ValueKind == JsonValueKind.Null ? null
            : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= 0 ? number
            : throw Invalid(key, value.GetRawText(), "a whole number of at least 0");

        bool Flag(string key) => root.TryGetProperty(key, out JsonElement value) && value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False or JsonValueKind.Null => false,
            _ => throw Invalid(key, value.GetRawText(), "true or false"),
        };

        SubspaceKind Kind(JsonElement value) => value.ValueKind == JsonValueKind.Null ? SubspaceKind.None
            : (value.ValueKind == JsonValueKind.String ? value.GetString() : null) switch
            {
                "ReflectSelect" => SubspaceKind.Householder,
                "DAS" => SubspaceKind.LowRank,
                "MaskSelect" => SubspaceKind.Mask,
                "BoundlessDAS" => SubspaceKind.Boundless,
                "None" => SubspaceKind.None,
                _ => throw Invalid("subspace_module", value.GetRawText(), "ReflectSelect, DAS, MaskSelect, BoundlessDAS or null"),
            };

        HyperDasException Invalid(string key, string found, string right) => new(
            "InterpreterCorrupt", HyperDasErrorKind.InvalidData, $"'{path}': '{key}' is {found}; it must be {right}.", path);
    }
}
