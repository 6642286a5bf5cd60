namespace HyperDas;

/// <summary>What went wrong, in the words that a shell turns into its own error categories.</summary>
public enum HyperDasErrorKind
{
    /// <summary>A file, folder, domain, attribute or other named thing doesn't exist.</summary>
    NotFound,

    /// <summary>A value that the caller gave can't be right.</summary>
    InvalidArgument,

    /// <summary>A file exists but its content is damaged or of another format.</summary>
    InvalidData,

    /// <summary>Parts that don't belong together, e.g. an interpreter and another target model.</summary>
    Mismatch,

    /// <summary>The thing can't be used in its present state, e.g. a model that was released.</summary>
    InvalidOperation,

    /// <summary>A native library or device is missing.</summary>
    NotInstalled,

    /// <summary>A native library, device or memory exists but can't be used.</summary>
    ResourceUnavailable,

    /// <summary>The output exists already.</summary>
    ResourceExists,

    /// <summary>Work was stopped because going on would be wrong, e.g. a loss that isn't finite.</summary>
    OperationStopped,

    /// <summary>Writing failed, e.g. a full disk.</summary>
    WriteError,
}

/// <summary>
/// The one exception type that the engine throws on purpose: a stable identifier for scripts and tests, a kind, and the object
/// that was at fault, beside a message that names the file, key and value and says what would be right.
/// </summary>
/// <param name="errorId">Stable identifier in PascalCase, e.g. <c>CheckpointCorrupt</c>.</param>
/// <param name="kind">What went wrong, in general terms.</param>
/// <param name="message">One clear sentence or two, for a person.</param>
/// <param name="target">The object at fault: usually a path or the offending value.</param>
/// <param name="inner">The cause, if another exception was.</param>
public sealed class HyperDasException(
    string errorId,
    HyperDasErrorKind kind,
    string message,
    object? target = null,
    Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Stable identifier in PascalCase.</summary>
    public string ErrorId { get; } = errorId;

    /// <summary>What went wrong, in general terms.</summary>
    public HyperDasErrorKind Kind { get; } = kind;

    /// <summary>The object at fault.</summary>
    public object? Target { get; } = target;
}
