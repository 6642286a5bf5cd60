namespace HyperDas;

/// <summary>The state of a run, determined from its folder.</summary>
public enum ExperimentState
{
    /// <summary>No attempt was made.</summary>
    Missing,

    /// <summary>A process is working on it.</summary>
    Running,

    /// <summary>It was stopped, or its process was killed; the next call resumes it.</summary>
    Interrupted,

    /// <summary>Its last attempt ended with an error.</summary>
    Failed,

    /// <summary>It has scores.</summary>
    Finished,

    /// <summary>Its folder contains a run with other settings.</summary>
    Different,
}
