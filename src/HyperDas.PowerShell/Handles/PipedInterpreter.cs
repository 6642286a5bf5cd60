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

    // As PipedModel.
    protected override void Dispose(bool disposing) => interpreter.Dispose();
}
