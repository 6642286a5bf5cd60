namespace HyperDas;

/// <summary>What holds native memory.</summary>
public enum HandleKind
{
    /// <summary>A target model.</summary>
    Model,

    /// <summary>A trained interpreter.</summary>
    Interpreter,
}

/// <summary>A model or an interpreter that is open in this process, as it was when it was asked for.</summary>
/// <param name="Name">The model's name, or what the interpreter is, e.g. <c>HyperDas at layer 3 of mini-llama</c>.</param>
/// <param name="Kind">Which of the two it is.</param>
/// <param name="Memory">Bytes of its weights.</param>
/// <param name="Device">Where they live, e.g. <c>cpu</c>.</param>
/// <param name="Opened">When it was loaded or trained.</param>
/// <param name="Age">How long ago that was.</param>
/// <param name="Users">Commands and jobs that work on it, and interpreters that need the model; its memory
/// stays as long as one works.</param>
/// <param name="Handle">The model or interpreter itself.</param>
public sealed record OpenHandle(
    string Name, HandleKind Kind, long Memory, string Device, DateTimeOffset Opened, TimeSpan Age,
    IReadOnlyList<string> Users, NativeHandle Handle)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
