namespace HyperDas;

/// <summary>Kind of object that owns native memory.</summary>
public enum HandleKind
{
    /// <summary>A target model.</summary>
    Model,

    /// <summary>A trained interpreter.</summary>
    Interpreter,
}

/// <summary>A model or an interpreter that is open in this process, at the time of the query.</summary>
/// <param name="Name">The model's name, or a description of the interpreter, e.g. <c>HyperDas at layer 3 of mini-llama</c>.</param>
/// <param name="Kind">Which of the two it is.</param>
/// <param name="Memory">Bytes of its weights.</param>
/// <param name="Device">Device of the weights, e.g. <c>cpu</c>.</param>
/// <param name="Opened">When it was loaded or trained.</param>
/// <param name="Age">How long ago that was.</param>
/// <param name="Users">Commands and jobs that are using it, and interpreters that need the model; its memory is kept while any of them is
/// active.</param>
/// <param name="Handle">The model or interpreter itself.</param>
public sealed record OpenHandle(
    string Name, HandleKind Kind, long Memory, string Device, DateTimeOffset Opened, TimeSpan Age,
    IReadOnlyList<string> Users, NativeHandle Handle)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
