namespace HyperDas;

/// <summary>
/// Owner of native memory that several threads may use: released by <see cref="Dispose()"/>, but not under the feet of work that still
/// runs on it.
/// </summary>
public abstract class NativeHandle : IDisposable
{
    private readonly Lock _gate = new();
    private int _uses;
    private bool _released;

    /// <summary>Whether the handle was given up. New work is refused from then on.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>
    /// Keeps the native memory while something works on it: giving up the handle meanwhile refuses new work, and releases when the last
    /// use ends.
    /// </summary>
    /// <returns>The use; dispose it at the end of the work.</returns>
    /// <exception cref="HyperDasException">When the handle was given up already.</exception>
    public virtual IDisposable Acquire()
    {
        lock (_gate)
        {
            ThrowIfDisposed();
            _uses++;
        }
        return new Use(this);
    }

    /// <summary>Gives up the handle and releases the native memory as soon as nothing works on it. Calling it again does nothing.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            IsDisposed = true;
        }
        ReleaseIfUnused();
        GC.SuppressFinalize(this);
    }

    /// <summary>Throws when the handle was given up.</summary>
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
