namespace HyperDas;

/// <summary>How the wording of an example's concept relates to the training.</summary>
public enum RavelWording
{
    /// <summary>Words that trainings use: a description of the training split, or the benchmark's only sentence.</summary>
    Trained,

    /// <summary>Words that no training uses: a description of the validation or test split.</summary>
    Unseen,

    /// <summary>A description of something that the domain doesn't have, so nothing may change, whatever the base prompt asks.</summary>
    Absent,
}
