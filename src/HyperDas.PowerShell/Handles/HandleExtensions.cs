using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;

namespace HyperDas.Handles;

/// <summary>Converts the pipeline's handles to the engine's objects.</summary>
internal static class HandleExtensions
{
    /// <exception cref="HyperDasException"><c>ModelDisposed</c>.</exception>
    public static LanguageModel ToEngine(this ModelHandle handle)
    {
        handle.ThrowIfDisposed();
        return handle as LanguageModel ?? ((PipedModel)handle).Engine;
    }

    /// <exception cref="HyperDasException"><c>InterpreterDisposed</c> or <c>ModelDisposed</c>.</exception>
    public static Interpreter ToEngine(this InterpreterHandle handle)
    {
        handle.ThrowIfDisposed();
        return handle as Interpreter ?? ((PipedInterpreter)handle).Engine;
    }
}
