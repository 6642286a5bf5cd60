using HyperDas.Pump;
using Xunit;

namespace HyperDas.PowerShell.Tests.Pump;

public class EnginePumpTests
{
    private readonly CancellationTokenSource _stop = new();

    [Fact]
    public void Posted_actions_run_on_the_callers_thread_in_order()
    {
        List<(int Value, int ThreadId)> seen = [];

        Pump().Run((post, _) =>
        {
            for (int i = 0; i < 1000; i++)
            {
                int value = i;
                post(() => seen.Add((value, Environment.CurrentManagedThreadId)));
            }
            return true;
        });

        Assert.Equal(Enumerable.Range(0, 1000), seen.Select(s => s.Value));
        Assert.All(seen, s => Assert.Equal(Environment.CurrentManagedThreadId, s.ThreadId));
    }

    [Fact]
    public void A_failing_post_cancels_the_worker_and_joins_it()
    {
        bool ended = false;

        Assert.Throws<TimeoutException>(() => Pump().Run((post, token) =>
        {
            try
            {
                post(() => throw new TimeoutException("downstream"));
                token.WaitHandle.WaitOne();
                return 1;
            }
            finally
            {
                ended = true;
            }
        }));

        Assert.True(ended);
    }

    [Fact]
    public void The_workers_exception_keeps_its_type_and_origin()
    {
        InvalidDataException e = Assert.Throws<InvalidDataException>(
            () => Pump().Run<int>((_, _) => throw new InvalidDataException("broken")));

        Assert.Contains(nameof(The_workers_exception_keeps_its_type_and_origin), e.StackTrace, StringComparison.Ordinal);
    }

    private EnginePump Pump() => new("test", _stop);
}
