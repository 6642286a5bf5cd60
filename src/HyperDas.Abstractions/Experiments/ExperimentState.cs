namespace HyperDas;

/// <summary>Where a run of an experiment stands, as its folder tells.</summary>
public enum ExperimentState
{
    /// <summary>It was never begun.</summary>
    Missing,

    /// <summary>A process works on it now.</summary>
    Running,

    /// <summary>It was stopped, or its process was killed; the next call goes on with it.</summary>
    Interrupted,

    /// <summary>Its last attempt ended with an error.</summary>
    Failed,

    /// <summary>It has its scores.</summary>
    Finished,

    /// <summary>Its folder holds a run with other settings.</summary>
    Different,
}
