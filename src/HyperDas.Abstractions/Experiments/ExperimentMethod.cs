namespace HyperDas;

/// <summary>The method of an experiment.</summary>
public sealed record ExperimentMethod
{
    /// <summary>The method.</summary>
    public InterpreterMethod Name { get; init; }

    /// <summary>HyperDAS with the original's choices, its accidents included; keys that are given win over them.</summary>
    public bool Faithful { get; init; }

    /// <summary>PCA, SAE and RLAP: fit to all training entities of the domains instead of to the prompts of the dataset.</summary>
    public bool AllEntities { get; init; }

    /// <summary>What the interpreter consists of. Its properties are keys beside <c>name</c>.</summary>
    public MethodOptions? Options { get; init; }

    /// <summary>
    /// Intervention layer ℓ: Hugging Face <c>hidden_states[ℓ]</c>; <see cref="MethodOptions.AutoLayer"/> where it is to be found.
    /// </summary>
    public int Layer => Options?.Layer ?? 0;

    /// <summary>Whether the layer is to be found before the training.</summary>
    public bool FindsLayer => Layer == MethodOptions.AutoLayer;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} at layer {(FindsLayer ? "auto" : Layer)}";
}
