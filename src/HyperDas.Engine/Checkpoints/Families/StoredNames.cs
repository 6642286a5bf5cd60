namespace HyperDas.Engine.Checkpoints.Families;

/// <summary>Where the tensors of a family are in one checkpoint, which may lack the usual prefix or hold additional tensors.</summary>
internal sealed class StoredNames
{
    private static readonly string[] s_heads = ["lm_head.weight", "embed_out.weight"];

    private readonly Dictionary<string, string> _names;

    private StoredNames(ModelConfig config, ModelCheckpoint checkpoint, ModelFamily family)
    {
        Weights = [.. family.Weights(config)];
        _names = Weights.ToDictionary(w => w.Name, w => NameOf(family, checkpoint, w.Name));
        HashSet<string> read = [.. _names.Values];
        // Some files hold a second copy of a tied head.
        Unread =
        [
            .. checkpoint.Names.Where(n => !read.Contains(n) && !family.IsBuffer(n) && !(config.TiedHead && s_heads.Contains(n)))
                .Order(StringComparer.Ordinal)
        ];
    }

    /// <summary>The family's tensors in their fixed order.</summary>
    public IReadOnlyList<StoredWeight> Weights { get; }

    /// <summary>Names of the checkpoint's tensors that aren't used, except buffers.</summary>
    public IReadOnlyList<string> Unread { get; }

    /// <summary>A tensor's name in the checkpoint.</summary>
    /// <param name="usual">Its usual name.</param>
    public string this[string usual] => _names[usual];

    /// <summary>Finds the tensors of a model and checks that none is missing or has another shape.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="checkpoint">Its checkpoint.</param>
    /// <exception cref="HyperDasException"><c>TensorNotFound</c>; <c>TensorShapeMismatch</c>; <c>TensorDtypeUnsupported</c>.</exception>
    public static StoredNames Of(ModelConfig config, ModelCheckpoint checkpoint)
    {
        ModelFamily family = ModelFamily.Of(config);
        // One at a time, before anything is allocated: a configuration may require more memory than there is.
        foreach (StoredWeight weight in family.Weights(config))
        {
            checkpoint.ThrowIfUnfit(NameOf(family, checkpoint, weight.Name), weight.Shape(config));
        }
        return new StoredNames(config, checkpoint, family);
    }

    /// <summary>
    /// Name of a head that a checkpoint holds although the configuration ties the head to the embeddings; null where there is none.
    /// </summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="checkpoint">Its checkpoint.</param>
    public static string? HeadBesideEmbedding(ModelConfig config, ModelCheckpoint checkpoint) => config.TiedHead
        ? Array.Find(s_heads, checkpoint.Contains)
        : null;

    /// <summary>Name of the token embeddings in a checkpoint.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="checkpoint">Its checkpoint.</param>
    public static string Embedding(ModelConfig config, ModelCheckpoint checkpoint)
    {
        ModelFamily family = ModelFamily.Of(config);
        return NameOf(family, checkpoint, family.Weights(config).First(w => w.Roles[0] == WeightRole.Embedding).Name);
    }

    private static string NameOf(ModelFamily family, ModelCheckpoint checkpoint, string usual) =>
        family.NamesOf(usual).FirstOrDefault(checkpoint.Contains) ?? usual;
}
