using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace HyperDas.Pump;

/// <summary>
/// Runs one engine call on a dedicated, named thread and executes on the caller's thread whatever the engine posts in the meantime.
/// PowerShell allows Write* only on the pipeline thread; TorchSharp's dispose scopes belong to the thread that opened them. The queue is
/// bounded, so a slow consumer slows the engine instead of filling memory.
/// </summary>
internal sealed class EnginePump(string threadName, CancellationTokenSource stop)
{
    private const int QueueLength = 256;

    /// <summary>Returns only when the worker has ended; on any exception it is first cancelled and joined.</summary>
    /// <param name="work">The engine call; it receives a function that posts to the caller's thread, and a token to check once per
    /// batch.</param>
    public T Run<T>(Func<Action<Action>, CancellationToken, T> work)
    {
        using BlockingCollection<Action> queue = new(QueueLength);
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        Thread worker = new(() =>
        {
            try
            {
                result = work(action => queue.Add(action, stop.Token), stop.Token);
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
            finally
            {
                queue.CompleteAdding();
            }
        })
        {
            IsBackground = true,
            Name = threadName,
        };
        worker.Start();
        try
        {
            foreach (Action action in queue.GetConsumingEnumerable())
            {
                action();
            }
        }
        catch
        {
            // A write failed because a downstream command ended the pipeline: the engine must stop using native memory.
            stop.Cancel();
            worker.Join();
            throw;
        }
        worker.Join();
        failure?.Throw();
        return result;
    }
}
