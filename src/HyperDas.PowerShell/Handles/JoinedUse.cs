namespace HyperDas.Handles;

/// <summary>The use of a handle and of the engine's object in it, ended together.</summary>
internal sealed class JoinedUse : IDisposable
{
    private readonly IDisposable _handle, _engine;

    private JoinedUse(IDisposable handle, IDisposable engine) => (_handle, _engine) = (handle, engine);

    /// <summary>Begins both.</summary>
    /// <param name="handle">The handle's own use.</param>
    /// <param name="engine">The engine's object.</param>
    public static JoinedUse Begin(IDisposable handle, NativeHandle engine)
    {
        try
        {
            return new JoinedUse(handle, engine.Acquire());
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _engine.Dispose();
        _handle.Dispose();
    }
}
