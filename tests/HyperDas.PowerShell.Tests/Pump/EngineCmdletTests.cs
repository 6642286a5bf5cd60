using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Xunit;

namespace HyperDas.PowerShell.Tests.Pump;

/// <summary>The base of all cmdlets, driven by a toy that needs no torch.</summary>
public sealed class EngineCmdletTests : IDisposable
{
    private readonly System.Management.Automation.PowerShell _shell;

    public EngineCmdletTests()
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        state.Commands.Add(new SessionStateCmdletEntry("Measure-Count", typeof(CountCommand), helpFileName: null));
        _shell = System.Management.Automation.PowerShell.Create(state);
    }

    public void Dispose() => _shell.Dispose();

    [Fact]
    public void Work_runs_on_a_named_thread_and_its_result_is_written()
    {
        Assert.Equal("HyperDas Measure-Count", Invoke("Measure-Count").Single().ToString());
    }

    [Fact]
    public void An_engine_error_becomes_one_record_with_id_category_and_target()
    {
        Invoke("Measure-Count -To 7 -FailWith CheckpointCorrupt");

        ErrorRecord error = _shell.Streams.Error.Single();
        Assert.StartsWith("CheckpointCorrupt,", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.InvalidData, error.CategoryInfo.Category);
        Assert.Equal(7, error.TargetObject);
    }

    [Fact]
    public void An_error_ends_its_input_and_the_next_goes_on()
    {
        Invoke("1, 2 | Measure-Count -FailWith PathNotFound");

        Assert.Equal([1, 2], _shell.Streams.Error.Select(e => e.TargetObject));
    }

    [Fact]
    public void An_unforeseen_exception_is_one_record_as_well()
    {
        Invoke("Measure-Count -FailWith Surprise");

        Assert.StartsWith("EngineFailed,", _shell.Streams.Error.Single().FullyQualifiedErrorId);
    }

    [Theory]
    [InlineData("Memory", "Use fewer dimensions")]
    [InlineData("CardMemory", "The card has no memory left for this. Lower BatchSize")]
    public void A_lack_of_memory_is_one_record_that_says_what_to_lower(string where, string advice)
    {
        Invoke($"Measure-Count -FailWith {where}");

        ErrorRecord error = _shell.Streams.Error.Single();
        Assert.StartsWith("MemoryInsufficient,", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ResourceUnavailable, error.CategoryInfo.Category);
        Assert.Contains(advice, error.Exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Exception.Message);
    }

    [Fact]
    public void Progress_is_throttled_and_ends_with_completed()
    {
        Stopwatch clock = Stopwatch.StartNew();

        Invoke("Measure-Count -To 5000");

        // Five each second, and those at the beginning and the end: counting takes long on a busy machine.
        Assert.InRange(_shell.Streams.Progress.Count, 2, (int)(clock.Elapsed.TotalSeconds * 5) + 3);
        Assert.Equal(ProgressRecordType.Completed, _shell.Streams.Progress[^1].RecordType);
    }

    [Fact]
    public void When_a_later_command_throws_the_worker_is_gone()
    {
        Assert.Throws<RuntimeException>(() => Invoke("1, 1000 | Measure-Count | ForEach-Object { throw 'enough' }"));

        Assert.Equal(0, CountCommand.LiveWorkers);
    }

    [Fact]
    public void Stop_cancels_the_worker_and_waits_for_it()
    {
        IAsyncResult running = _shell.AddScript("Measure-Count -To 1000000 -PauseMilliseconds 1").BeginInvoke();
        SpinWait.SpinUntil(() => CountCommand.LiveWorkers == 1);

        _shell.Stop();

        Assert.Throws<PipelineStoppedException>(() => _shell.EndInvoke(running));
        Assert.Equal(0, CountCommand.LiveWorkers);
    }

    private IEnumerable<PSObject> Invoke(string script) => _shell.AddScript(script).Invoke();
}
