namespace HyperDas;

/// <summary>In whose words an example names its concept.</summary>
public enum RavelWording
{
    /// <summary>In words that trainings are shown: a description of the training split, or the benchmark's one sentence.</summary>
    Trained,

    /// <summary>In words that no training is shown: a description of the validation or test split.</summary>
    Unseen,

    /// <summary>It names something that the domain doesn't have, so that nothing may change, whatever the base prompt asks.</summary>
    Absent,
}
