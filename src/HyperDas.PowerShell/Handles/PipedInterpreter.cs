using HyperDas.Engine.Methods;
using HyperDas.Pump;

namespace HyperDas.Handles;

/// <summary>An interpreter on the pipeline; see <see cref="PipedModel"/>.</summary>
internal sealed class PipedInterpreter : InterpreterHandle
{
    private readonly Interpreter _interpreter;
    private readonly ModelHandle _model;

    /// <summary>Wraps an interpreter of the engine.</summary>
    /// <param name="interpreter">The engine's object, which the handle then owns.</param>
    /// <param name="model">Its target model on the pipeline.</param>
    public PipedInterpreter(Interpreter interpreter, ModelHandle model)
    {
        (_interpreter, _model) = (interpreter, model);
        OpenHandles.Add(this);
    }

    public override string Method => _interpreter.Method;

    public override ModelHandle Model => _model;

    public override int Layer => _interpreter.Layer;

    public override int FeatureDimension => _interpreter.FeatureDimension;

    public override string Subspace => _interpreter.Subspace;

    public override long ParameterCount => _interpreter.ParameterCount;

    public override string? Path => _interpreter.Path;

    internal Interpreter Engine => _interpreter;

    // See PipedModel.
    protected override void Dispose(bool disposing) => _interpreter.Dispose();
}
