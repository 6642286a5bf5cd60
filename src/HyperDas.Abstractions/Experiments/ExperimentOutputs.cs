namespace HyperDas;

/// <summary>What an experiment writes, and where.</summary>
public sealed record ExperimentOutputs
{
    /// <summary>
    /// Folder of the run, in a document relative to its file. With a sweep, each run has a subfolder named after its values. By default,
    /// <c>runs/</c> and the name, beside the document.
    /// </summary>
    public string Path { get; init; } = "";

    /// <summary>Whether the trained interpreter is kept.</summary>
    public bool Interpreter { get; init; } = true;

    /// <summary>Whether TensorBoard events are written beside the metrics.</summary>
    public bool TensorBoard { get; init; } = true;

    /// <summary>Whether a page with scores, training curves, settings and manifest is written, <c>report.html</c>.</summary>
    public bool Report { get; init; } = true;
}
