namespace HyperDas;

/// <summary>What an experiment writes, and where.</summary>
public sealed record ExperimentOutputs
{
    /// <summary>
    /// Folder of the run, in a document relative to its file; with a sweep, each run has a folder in it that is named after its values.
    /// <c>runs/</c> and the name beside the document if left out.
    /// </summary>
    public string Path { get; init; } = "";

    /// <summary>Keep the trained interpreter.</summary>
    public bool Interpreter { get; init; } = true;

    /// <summary>Write TensorBoard's events beside the metrics.</summary>
    public bool TensorBoard { get; init; } = true;

    /// <summary>Write a page with scores, training curves, settings and manifest, <c>report.html</c>.</summary>
    public bool Report { get; init; } = true;
}
