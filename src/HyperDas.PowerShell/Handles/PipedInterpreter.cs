using HyperDas.Engine.Methods;

namespace HyperDas.Handles;

/// <summary>An interpreter as the pipeline sees it; see <see cref="PipedModel"/>.</summary>
internal sealed class PipedInterpreter(Interpreter interpreter, ModelHandle model) : InterpreterHandle
{
    public override string Method => interpreter.Method;

    public override ModelHandle Model => model;

    public override int Layer => interpreter.Layer;

    public override int FeatureDimension => interpreter.FeatureDimension;

    public override SubspaceKind Subspace => interpreter.Subspace;

    public override long ParameterCount => interpreter.ParameterCount;

    public override string? Path => interpreter.Path;

    internal Interpreter Engine => interpreter;

    /// <summary>Keeps the engine's object too, which is given up with this handle.</summary>
    public override IDisposable Acquire() => JoinedUse.Begin(base.Acquire(), interpreter);

    // Work that runs on it meets the refusal at its next step; the memory goes when the work has ended.
    protected override void OnGivenUp() => interpreter.Dispose();

    protected override void Dispose(bool disposing) => interpreter.Dispose();
}
