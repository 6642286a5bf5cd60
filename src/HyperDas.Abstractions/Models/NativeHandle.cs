namespace HyperDas;

/// <summary>
/// Owner of native memory that several threads may use. <see cref="Dispose()"/> releases it, but not while an operation is still using it.
/// </summary>
public abstract class NativeHandle : IDisposable
{
    private readonly Lock _gate = new();
    private int _uses;
    private bool _released;

    /// <summary>Whether the handle was disposed. New operations are refused from then on.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>
    /// Keeps the native memory while an operation uses it: disposing the handle in the meantime refuses new operations, and the memory is
    /// released when the last use ends.
    /// </summary>
    /// <returns>The use; dispose it at the end of the operation.</returns>
    /// <exception cref="HyperDasException">The handle was already disposed.</exception>
    public virtual IDisposable Acquire()
    {
        lock (_gate)
        {
            ThrowIfDisposed();
            _uses++;
        }
        return new Use(this);
    }

    /// <summary>Disposes the handle and releases the native memory as soon as nothing uses it. Further calls do nothing.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            IsDisposed = true;
        }
        ReleaseIfUnused();
        GC.SuppressFinalize(this);
    }

    /// <summary>Throws if the handle was disposed.</summary>
    /// <exception cref="HyperDasException">An error that names the handle.</exception>
    public abstract void ThrowIfDisposed();

    /// <summary>Releases what the derived class holds; called once.</summary>
    /// <param name="disposing">True when called from <see cref="Dispose()"/>.</param>
    protected abstract void Dispose(bool disposing);

    private void ReleaseIfUnused()
    {
        lock (_gate)
        {
            if (!IsDisposed || _released || _uses > 0)
            {
                return;
            }
            _released = true;
        }
        Dispose(disposing: true);
    }

    private sealed class Use(NativeHandle owner) : IDisposable
    {
        private NativeHandle? _owner = owner;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _owner, null) is not { } owner)
            {
                return;
            }
            lock (owner._gate)
            {
                owner._uses--;
            }
            owner.ReleaseIfUnused();
        }
    }
}
