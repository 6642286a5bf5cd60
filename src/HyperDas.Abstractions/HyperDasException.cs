namespace HyperDas;

/// <summary>Kind of error, in terms that a shell translates into its own error categories.</summary>
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
/// The only exception type that the engine throws on purpose. It has a stable identifier for scripts and tests, a kind, the object at
/// fault, and a message that names the file, key and value and says what is allowed.
/// </summary>
/// <param name="errorId">Stable identifier in PascalCase, e.g. <c>CheckpointCorrupt</c>.</param>
/// <param name="kind">Kind of error.</param>
/// <param name="message">One or two clear sentences for display.</param>
/// <param name="target">The object at fault: usually a path or the offending value.</param>
/// <param name="inner">The exception that caused this one, if any.</param>
public sealed class HyperDasException(
    string errorId,
    HyperDasErrorKind kind,
    string message,
    object? target = null,
    Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Stable identifier in PascalCase.</summary>
    public string ErrorId { get; } = errorId;

    /// <summary>Kind of error.</summary>
    public HyperDasErrorKind Kind { get; } = kind;

    /// <summary>The object at fault.</summary>
    public object? Target { get; } = target;
}
