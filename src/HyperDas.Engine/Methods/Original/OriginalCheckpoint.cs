using System.Globalization;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Checkpoints.Pickle;
using HyperDas.Engine.Files;
using HyperDas.Engine.Interventions;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods.HyperDas;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Original;

/// <summary>
/// A checkpoint of the original HyperDAS: a folder with <c>hypernetwork.pt</c> and, unless it has no subspace, <c>das.pt</c>
/// (docs/formats.md). The tensors determine sizes and parts; layer and visible tokens come from the original's <c>config.json</c> or from
/// options. Everything else is as in the original, including its flaws.
/// </summary>
internal static class OriginalCheckpoint
{
    /// <summary>File with the hypernetwork.</summary>
    public const string NetworkFile = "hypernetwork.pt";

    /// <summary>File with the subspace.</summary>
    public const string SubspaceFile = "das.pt";

    private const string NetworkPrefix =
        "hypernetwork.", SubspacePrefix = "das_module.", Layers = "model.layers.", Embedding = "model.embed_tokens.weight";

    // Unused tensors of the original: projections of a score without values, computed coordinates, rotary tables.
    private static readonly string[] s_unneeded =
        ["lm_head.v_proj.weight", "lm_head.o_proj.weight", "intervention_population", "rotary_emb.inv_freq"];

    /// <summary>Whether a folder contains such a checkpoint.</summary>
    /// <param name="folder">Any folder.</param>
    public static bool Is(string folder) => File.Exists(Path.Combine(folder, NetworkFile));

    /// <summary>Loads a checkpoint.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="target">The target model.</param>
    /// <param name="given">Supplies layer and visibility; null: the original's <c>config.json</c> does.</param>
    /// <exception cref="HyperDasException">
    /// <c>OriginalSettingsMissing</c>, <c>InterpreterCorrupt</c>, <c>InterpreterMismatch</c>, <c>PathNotFound</c>,
    /// <c>CheckpointCorrupt</c>, <c>CheckpointUnsafe</c>, <c>LayerInvalid</c>, <c>OptionInvalid</c>.
    /// </exception>
    public static HyperDasInterpreter Load(string folder, LanguageModel target, HypernetworkOptions? given)
    {
        OriginalSettings settings = given is null ? OriginalSettings.Read(folder) : OriginalSettings.Of(given);
        string subspacePath = Path.Combine(folder, SubspaceFile);
        using TorchFile network = Open(Path.Combine(folder, NetworkFile));
        using TorchFile? subspace = File.Exists(subspacePath) ? Open(subspacePath) : null;
        if (subspace is null && settings.Subspace is not SubspaceKind.None)
        {
            throw new HyperDasException(
                "PathNotFound", HyperDasErrorKind.NotFound,
                $"'{folder}' has {NetworkFile} but not {SubspaceFile}, although {settings.Source} doesn't describe a checkpoint without a subspace.",
                subspacePath);
        }
        ThrowIfOfOther(network, target);
        HyperDasInterpreter interpreter = new(target, Options(settings, network, subspace), seed: 0);
        try
        {
            HashSet<string> read = [];
            interpreter.Parameters.Restore((name, shape) => Parameter(name, shape, network, subspace, read));
            ThrowIfUnread(network, NetworkPrefix, read);
            ThrowIfUnread(subspace, SubspacePrefix, read);
            interpreter.SavedPath = Path.GetFullPath(folder);
            return interpreter;
        }
        catch
        {
            interpreter.Dispose();
            throw;
        }
    }

    private static TorchFile Open(string path)
    {
        StandIn.ThrowIfPointer(path);
        return TorchFile.Open(path);
    }

    private static HypernetworkOptions Options(OriginalSettings settings, TorchFile network, TorchFile? subspace)
    {
        int blocks = 1 + network.Entries.Keys.Where(name => name.StartsWith(Layers, StringComparison.Ordinal))
            .Select(name => int.TryParse(name[Layers.Length..].Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture,
                out int block) ? block : -1).DefaultIfEmpty(-1).Max();
        bool Has(string attention) => network.Entries.ContainsKey($"{Layers}0.{attention}.q_proj.weight");
        SubspaceKind kind = subspace is null ? SubspaceKind.None
            : HasPart(SubspaceNames.ReflectionMlp) ? SubspaceKind.Householder
            : HasPart(SubspaceNames.MaskMlp) ? SubspaceKind.Mask
            : subspace.Entries.ContainsKey(Short(SubspaceNames.Boundary)) ? SubspaceKind.Boundless
            : SubspaceKind.LowRank;
        int rank = 1;
        if (subspace is not null)
        {
            string rotation = $"{Short(SubspaceNames.Rotation)}.original";
            rank = subspace.Entries.TryGetValue(rotation, out TensorEntry? entry) && entry.Shape is [_, >= 1 and <= int.MaxValue]
                ? (int)entry.Shape[1]
                : throw Corrupt(subspace.Path, $"it must contain the matrix '{rotation}'");
        }
        int? inner = kind switch
        {
            SubspaceKind.Householder => Inner(SubspaceNames.ReflectionMlp),
            SubspaceKind.Mask => Inner(SubspaceNames.MaskMlp),
            _ => null,
        };
        HypernetworkOptions options = new HypernetworkOptions
        {
            Layer = settings.Layer,
            Blocks = blocks,
            Subspace = kind,
            FeatureDimension = rank,
            SubspaceInner = inner,
            FromScratch = settings.FromScratch,
            BaseSuffixVisible = settings.BaseSuffixVisible,
            SourceSuffixVisible = settings.SourceSuffixVisible,
            AblateBaseAttention = !Has("base_cross_attn"),
            AblateSourceAttention = !Has("source_cross_attn"),
            Symmetric = settings.Symmetric,
        }.Faithful();
        // For the full rotation, the dimension isn't the requested one.
        Agree(nameof(options.Blocks), settings.Blocks, options.Blocks, network);
        Agree(nameof(options.FeatureDimension), kind is SubspaceKind.None or SubspaceKind.Boundless ? null : settings.FeatureDimension,
            options.FeatureDimension, subspace!);
        Agree(nameof(options.Subspace), settings.Subspace, options.Subspace, subspace ?? network);
        return options;

        bool HasPart(string part) => subspace!.Entries.ContainsKey($"{Short(part)}.down_proj.weight");

        int Inner(string part) => subspace!.Entries[$"{Short(part)}.down_proj.weight"].Shape is [_, >= 1 and <= int.MaxValue] shape
            ? (int)shape[1]
            : throw Corrupt(subspace!.Path, $"'{Short(part)}.down_proj.weight' isn't a matrix");

        void Agree<T>(string what, T? said, T held, TorchFile file)
            where T : struct
        {
            if (said is { } value && !value.Equals(held))
            {
                throw new HyperDasException(
                    "InterpreterCorrupt", HyperDasErrorKind.InvalidData,
                    $"{settings.Source}: {what} is {value}, but the tensors in '{file.Path}' have {what} {held}.", file.Path);
            }
        }
    }

    private static void ThrowIfOfOther(TorchFile network, LanguageModel target)
    {
        if (!network.Entries.TryGetValue(Embedding, out TensorEntry? embedding))
        {
            throw Corrupt(network.Path, $"it has no '{Embedding}', which the original's hypernetworks have");
        }
        long[] right = [target.Config.VocabularySize, target.HiddenSize];
        if (!embedding.Shape.AsSpan().SequenceEqual(right))
        {
            throw new HyperDasException(
                "InterpreterMismatch", HyperDasErrorKind.Mismatch,
                $"'{network.Path}' was trained for a model with embeddings of [{string.Join(", ", embedding.Shape)}]; those of '{target.Name}' are [{string.Join(", ", right)}]. "
                + "Import the model that it was trained for.", network.Path);
        }
    }

    private static Tensor Parameter(string name, long[] shape, TorchFile network, TorchFile? subspace, HashSet<string> read)
    {
        (TorchFile file, string stored) = name.StartsWith(NetworkPrefix, StringComparison.Ordinal)
            ? (network, name[NetworkPrefix.Length..])
            : (subspace!, Short(name));
        if (!file.Entries.TryGetValue(stored, out TensorEntry? entry) || !entry.Shape.AsSpan().SequenceEqual(shape))
        {
            throw Corrupt(
                file.Path,
                $"it must contain '{stored}' with shape [{string.Join(", ", shape)}]; found {(entry is null ? "nothing" : $"[{string.Join(", ", entry.Shape)}]")}");
        }
        read.Add(name);
        return file.Load(stored, ScalarType.Float32);
    }

    private static void ThrowIfUnread(TorchFile? file, string prefix, HashSet<string> read)
    {
        string? more = file?.Entries.Keys.Concat(file.Unreadable.Keys).Order(StringComparer.Ordinal)
            .FirstOrDefault(name => !read.Contains(prefix + name) && !s_unneeded.Any(end => name.EndsWith(end, StringComparison.Ordinal)));
        if (more is not null)
        {
            throw Corrupt(file!.Path, $"it contains '{more}', which an interpreter with these parts doesn't have");
        }
    }

    private static string Short(string name) => name[SubspacePrefix.Length..];

    private static HyperDasException Corrupt(string path, string why) =>
        new("InterpreterCorrupt", HyperDasErrorKind.InvalidData,
            $"'{path}' can't be opened as a checkpoint of the original HyperDAS: {why}.", path);
}
