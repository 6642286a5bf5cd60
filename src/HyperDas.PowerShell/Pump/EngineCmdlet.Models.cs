namespace HyperDas.Pump;

/// <content>Models that a command received as paths.</content>
public abstract partial class EngineCmdlet : IDisposable
{
    private readonly List<NativeHandle> _own = [];

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the command loaded itself.</summary>
    /// <param name="disposing">True when called from <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        _own.ForEach(handle => handle.Dispose());
        _own.Clear();
    }

    /// <summary>
    /// Returns the open handle: one given as a path is loaded now, in the format and on the device that Import-HyperDasModel chooses, and
    /// released when the command ends.
    /// </summary>
    /// <param name="handle">The parameter's value.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>PathAmbiguous</c>, and what loading may throw.</exception>
    private protected T Open<T>(T handle)
        where T : NativeHandle
    {
        if (handle is IWaitingHandle { IsOpen: false } waiting)
        {
            IReadOnlyList<string> found = waiting.Find(this);
            string path = found.Count == 1 ? found[0] : throw Errors.PathAmbiguous(waiting.GivenPath, found);
            Compute((progress, stop) => waiting.Open(path, progress, stop));
            _own.Add(handle);
        }
        return handle;
    }

    /// <summary>Leaves a model that the command loaded to the receiver of the result that needs it.</summary>
    /// <param name="handle">The parameter's value.</param>
    private protected void HandOver(NativeHandle handle) => _own.Remove(handle);
}
