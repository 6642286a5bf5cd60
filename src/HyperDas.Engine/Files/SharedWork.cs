namespace HyperDas.Engine.Files;

/// <summary>
/// Divides work into parts that several processes share without a coordinator: each does the parts that no other has taken and waits for
/// those in progress. The operating system keeps track of taken parts (see <see cref="FolderLock"/>), so a part that a process leaves
/// undone, however the process ended, becomes available to the others.
/// </summary>
internal static class SharedWork
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    /// <summary>Does the parts, or waits until other processes have done them.</summary>
    /// <param name="parts">The parts.</param>
    /// <param name="isDone">Whether a part is done, by any process; it may record the result. Called until it returns true.</param>
    /// <param name="tryDo">Does a part; false if another process has taken it.</param>
    /// <param name="wait">Called before each wait with the number of parts in progress elsewhere.</param>
    /// <param name="cancellation">Checked between two parts, and during a wait.</param>
    public static void Do<T>(
        IEnumerable<T> parts, Func<T, bool> isDone, Func<T, bool> tryDo, Action<int> wait, CancellationToken cancellation)
    {
        Queue<T> left = new(parts);
        int passed = 0;
        while (left.TryDequeue(out T? part))
        {
            cancellation.ThrowIfCancellationRequested();
            if (isDone(part) || tryDo(part))
            {
                passed = 0;
                continue;
            }
            left.Enqueue(part);
            if (++passed < left.Count)
            {
                continue;
            }
            passed = 0;
            wait(left.Count);
            if (cancellation.WaitHandle.WaitOne(s_look))
            {
                throw new OperationCanceledException(cancellation);
            }
        }
    }
}
