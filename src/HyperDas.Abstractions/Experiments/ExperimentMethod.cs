namespace HyperDas;

/// <summary>The method of an experiment.</summary>
public sealed record ExperimentMethod
{
    /// <summary>The method.</summary>
    public InterpreterMethod Name { get; init; }

    /// <summary>HyperDAS with the original's choices, including its accidents; keys in the document take precedence.</summary>
    public bool Faithful { get; init; }

    /// <summary>PCA, SAE and RLAP: fit to all training entities of the domains instead of the dataset's prompts.</summary>
    public bool AllEntities { get; init; }

    /// <summary>Parts of the interpreter. Its properties are keys beside <c>name</c>.</summary>
    public MethodOptions? Options { get; init; }

    /// <summary>
    /// Intervention layer ℓ: Hugging Face <c>hidden_states[ℓ]</c>; <see cref="MethodOptions.AutoLayer"/> if it is to be found.
    /// </summary>
    public int Layer => Options?.Layer ?? 0;

    /// <summary>Whether the layer is found before the training.</summary>
    public bool FindsLayer => Layer == MethodOptions.AutoLayer;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} at layer {(FindsLayer ? "auto" : Layer)}";
}
