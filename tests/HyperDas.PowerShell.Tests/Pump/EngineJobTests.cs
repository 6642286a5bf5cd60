using System.Management.Automation;
using System.Management.Automation.Runspaces;
using HyperDas.Pump;
using Xunit;

namespace HyperDas.PowerShell.Tests.Pump;

/// <summary>Background jobs, handled with PowerShell's own job commands.</summary>
public sealed class EngineJobTests : IDisposable
{
    private const string Endless = "Measure-Count -To 1000000 -PauseMilliseconds 1 -AsJob";
    private readonly System.Management.Automation.PowerShell _shell;

    public EngineJobTests()
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        state.Commands.Add(new SessionStateCmdletEntry("Measure-Count", typeof(CountCommand), helpFileName: null));
        _shell = System.Management.Automation.PowerShell.Create(state);
    }

    public void Dispose()
    {
        Invoke("Get-Job | Remove-Job -Force");
        _shell.Dispose();
    }

    [Fact]
    public void Results_wait_for_Receive_Job()
    {
        object[] output = Invoke(
            "$job = Measure-Count -AsJob; $job | Wait-Job | ForEach-Object State; $job.HasMoreData; $job | Receive-Job; $job.HasMoreData");

        Assert.Equal(["Completed", true], output[..2]);
        Assert.StartsWith("HyperDas Measure-Count (job ", (string)output[2]);
        Assert.False((bool)output[3]);
    }

    [Fact]
    public void A_job_says_where_and_how_far_it_is()
    {
        object[] output = Invoke(
            "$job = Measure-Count -To 3 -AsJob; $null = $job | Wait-Job; $job.Location; $job.PSJobTypeName; $job.StatusMessage; $job.Progress.Count; Get-Job | ForEach-Object Command");

        Assert.Equal(["nowhere", "HyperDasJob", "1 of 3", 1], output[..4]);
        Assert.Contains("Measure-Count -To 3 -AsJob", (string)output[4]);
    }

    [Fact]
    public void However_often_a_job_reports_it_keeps_the_latest_progress_only()
    {
        object[] output = Invoke(
            "$job = Measure-Count -To 50 -PauseMilliseconds 20 -AsJob; $null = $job | Wait-Job; $job.Progress.Count; $job.StatusMessage");

        Assert.Equal(1, output[0]);
        Assert.NotEqual("1 of 50", output[1]);
    }

    [Fact]
    public void An_error_fails_the_job_and_is_received_and_is_its_reason()
    {
        object[] output = Invoke(
            "$job = Measure-Count -To 7 -FailWith CheckpointCorrupt -AsJob; $null = $job | Wait-Job; $job.State; $job.JobStateInfo.Reason.ErrorId; $job | Receive-Job");

        Assert.Equal(["Failed", "CheckpointCorrupt"], output);
        ErrorRecord error = Assert.Single(_shell.Streams.Error);
        Assert.StartsWith("CheckpointCorrupt", error.FullyQualifiedErrorId);
        Assert.Equal(7, error.TargetObject);
    }

    [Theory]
    [InlineData("$job | Receive-Job -Wait -AutoRemoveJob")]
    [InlineData("$job | Receive-Job -Wait -AutoRemoveJob -Force")]
    [InlineData("Receive-Job -Id $job.Id -Wait -AutoRemoveJob")]
    [InlineData("Receive-Job -Name $job.Name -Wait; $job | Remove-Job")]
    [InlineData("$job | Receive-Job -Wait -NoRecurse; $job | Remove-Job")]
    [InlineData("$null = $job | Wait-Job; $job | Receive-Job -AutoRemoveJob -Wait")]
    [InlineData("$job | Wait-Job | Receive-Job -Keep | ForEach-Object { $_ }; $job | Remove-Job")]
    [InlineData("while (-not (Wait-Job $job -Timeout 1)) { }; Receive-Job $job; Remove-Job $job")]
    [InlineData("Wait-Job -Any $job | Receive-Job; Get-Job | Remove-Job -Force")]
    public void However_a_job_is_waited_for_and_removed_it_gives_its_result_once_and_is_gone(string end)
    {
        object[] output = Within(() => Invoke($"$job = Measure-Count -To 40 -PauseMilliseconds 10 -AsJob; {end}; @(Get-Job).Count"));

        Assert.StartsWith("HyperDas Measure-Count (job ", (string)output[0]);
        Assert.Equal([0], output[1..]);
        Assert.Empty(_shell.Streams.Error);
        Assert.Equal(0, CountCommand.LiveWorkers);
    }

    [Fact]
    public void Several_jobs_are_received_and_removed_together()
    {
        object[] output = Within(() => Invoke(
            "$jobs = 1..5 | ForEach-Object { Measure-Count -To ($_ * 10) -PauseMilliseconds 5 -AsJob }; @($jobs | Receive-Job -Wait -AutoRemoveJob).Count; @(Get-Job).Count"));

        Assert.Equal([5, 0], output);
        Assert.Empty(_shell.Streams.Error);
    }

    [Fact]
    public void A_failing_job_may_remove_itself()
    {
        object[] output = Within(() => Invoke(
            "$job = Measure-Count -To 20 -PauseMilliseconds 10 -FailWith CheckpointCorrupt -AsJob; $job | Receive-Job -Wait -AutoRemoveJob; @(Get-Job).Count"));

        Assert.Equal([0], output);
        Assert.StartsWith("CheckpointCorrupt", Assert.Single(_shell.Streams.Error).FullyQualifiedErrorId);
    }

    [Theory]
    [InlineData("$null = 1")]
    [InlineData("while (-not $job.Output.Count) { [System.Threading.Thread]::Sleep(1) }")]
    public void A_job_may_be_removed_by_what_receives_from_it(string wait)
    {
        object[] output = Within(() => Invoke(
            $"$job = {Endless} -Early; {wait}; $job | Receive-Job -Wait | ForEach-Object {{ $_; $job | Remove-Job -Force }}; @(Get-Job).Count"));

        Assert.Equal(["early", 0], output);
        Assert.Equal(0, CountCommand.LiveWorkers);
    }

    [Fact]
    public void Another_runspace_may_stop_and_wait_for_a_job()
    {
        Invoke($"$job = {Endless}");
        using System.Management.Automation.PowerShell other = System.Management.Automation.PowerShell.Create(
            InitialSessionState.CreateDefault2());

        string[] states = Within(() => other.AddScript("param($job) $job | Stop-Job; ($job | Wait-Job).State")
            .AddArgument(Invoke("$job").Single()).Invoke().Select(o => $"{o}").ToArray());

        Assert.Equal(["Stopped"], states);
        Assert.Equal(0, CountCommand.LiveWorkers);
    }

    [Fact]
    public void A_job_has_the_name_that_it_was_given()
    {
        Assert.Equal(["night", "Completed"],
            Invoke("$null = Measure-Count -AsJob -Name night; $job = Get-Job -Name nig*; $job.Name; ($job | Wait-Job).State"));

        Assert.Empty(Invoke("Measure-Count -Name night"));
        Assert.StartsWith("ParameterUnused,", _shell.Streams.Error.Single().FullyQualifiedErrorId);
    }

    [Theory]
    [InlineData("Stop-Job")]
    [InlineData("Remove-Job -Force")]
    public void Ending_a_job_waits_for_its_worker(string end)
    {
        Invoke($"$job = {Endless}");
        SpinWait.SpinUntil(() => CountCommand.LiveWorkers == 1);

        Invoke($"$job | {end}");

        Assert.Equal(0, CountCommand.LiveWorkers);
        Assert.Equal(["Stopped"], Invoke("$job.State"));
    }

    [Fact]
    public void Removing_the_module_stops_the_jobs_of_its_runspace()
    {
        Invoke($"$job = {Endless}");
        SpinWait.SpinUntil(() => CountCommand.LiveWorkers == 1);
        Runspace? before = Runspace.DefaultRunspace;
        try
        {
            Runspace.DefaultRunspace = _shell.Runspace;
            EngineJob.StopAllOfRunspace();
        }
        finally
        {
            Runspace.DefaultRunspace = before;
        }

        Assert.Equal(0, CountCommand.LiveWorkers);
    }

    [Fact]
    public void What_a_job_works_on_is_released_when_it_ends_not_before()
    {
        ToyHandle model = new();
        _shell.Runspace.SessionStateProxy.SetVariable("model", model);
        Invoke($"$job = {Endless} -Model $model");

        model.Dispose();
        Assert.True(model.IsDisposed);
        Assert.False(model.Released);

        Invoke("$job | Stop-Job");
        Assert.True(model.Released);
        Invoke("Measure-Count -Model $model -AsJob");
        Assert.StartsWith("ModelDisposed,", _shell.Streams.Error.Single().FullyQualifiedErrorId);
    }

    private static T Within<T>(Func<T> work)
    {
        Task<T> running = Task.Run(work);
        Assert.True(running.Wait(TimeSpan.FromMinutes(1)), "It hangs.");
        return running.Result;
    }

    private object[] Invoke(string script)
    {
        _shell.Commands.Clear();
        return [.. _shell.AddScript(script).Invoke().Select(o => o.BaseObject)];
    }

    private sealed class ToyHandle : ModelHandle
    {
        public bool Released { get; private set; }

        public override string Name => "toy";

        public override string Path => "";

        public override string Architecture => "toy";

        public override long ParameterCount => 0;

        public override int HiddenSize => 1;

        public override int BlockCount => 1;

        public override int VocabularySize => 1;

        public override ModelDtype Dtype => ModelDtype.Float32;

        public override ModelDtype ComputeDtype => ModelDtype.Float32;

        public override string Device => "nowhere";

        public override string Fingerprint => "";

        protected override void Dispose(bool disposing) => Released = true;
    }
}
