namespace HyperDas;

/// <summary>Methods of making interpreters (docs/methods.md#methods-with-a-fixed-position).</summary>
public enum InterpreterMethod
{
    /// <summary>A hypernetwork that reads the concept's description and both prompts.</summary>
    HyperDas,

    /// <summary>Multi-task distributed alignment search: a rotated subspace for each concept, from cause and isolate examples.</summary>
    Mdas,

    /// <summary>Distributed alignment search: a rotated subspace for each concept, from cause examples only.</summary>
    Das,

    /// <summary>Differential binary masking: a set of hidden dimensions for each concept.</summary>
    Dbm,

    /// <summary>Principal components of entity representations, selected for each concept by a linear probe.</summary>
    Pca,

    /// <summary>Latents of a sparse autoencoder, selected for each concept by a linear probe.</summary>
    Sae,

    /// <summary>Relaxed linear adversarial probe: the subspace whose removal hurts a linear probe most.</summary>
    Rlap,
}
