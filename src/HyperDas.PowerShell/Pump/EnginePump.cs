using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace HyperDas.Pump;

/// <summary>
/// Runs one engine call on a dedicated, named thread and executes on the caller's thread whatever the engine posts meanwhile.
/// PowerShell allows Write* only on the pipeline thread; TorchSharp's dispose scopes belong to the thread that opened them.
/// The queue is bounded, so that a slow consumer slows the engine instead of filling memory.
/// </summary>
internal sealed class EnginePump(string threadName, CancellationTokenSource stop)
{
    private const int QueueLength = 256;

    /// <summary>Returns when the worker has ended, never before: on any exception it is cancelled and joined first.</summary>
    /// <param name="work">The engine call; it receives a way to post to the caller's thread, and a token to check once per batch.</param>
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
            // A write failed because something downstream ended the pipeline: the engine must not go on using native memory.
            stop.Cancel();
            worker.Join();
            throw;
        }
        worker.Join();
        failure?.Throw();
        return result;
    }
}
