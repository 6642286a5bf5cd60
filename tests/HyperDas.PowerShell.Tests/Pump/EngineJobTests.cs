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
        object[] output = Invoke("$job = Measure-Count -AsJob; $job | Wait-Job | ForEach-Object State; $job.HasMoreData; $job | Receive-Job; $job.HasMoreData");

        Assert.Equal(["Completed", true], output[..2]);
        Assert.StartsWith("HyperDas Measure-Count (job ", (string)output[2]);
        Assert.False((bool)output[3]);
    }

    [Fact]
    public void A_job_says_where_and_how_far_it_is()
    {
        object[] output = Invoke("$job = Measure-Count -To 3 -AsJob; $null = $job | Wait-Job; $job.Location; $job.PSJobTypeName; $job.StatusMessage; $job.Progress.Count; Get-Job | ForEach-Object Command");

        Assert.Equal(["nowhere", "HyperDasJob", "1 of 3", 1], output[..4]);
        Assert.Contains("Measure-Count -To 3 -AsJob", (string)output[4]);
    }

    [Fact]
    public void However_often_a_job_reports_it_keeps_the_latest_progress_only()
    {
        object[] output = Invoke("$job = Measure-Count -To 50 -PauseMilliseconds 20 -AsJob; $null = $job | Wait-Job; $job.Progress.Count; $job.StatusMessage");

        Assert.Equal(1, output[0]);
        Assert.NotEqual("1 of 50", output[1]);
    }

    [Fact]
    public void An_error_fails_the_job_and_is_received_as_one_record()
    {
        object[] output = Invoke("$job = Measure-Count -To 7 -FailWith CheckpointCorrupt -AsJob; $null = $job | Wait-Job; $job.State; $job | Receive-Job");

        Assert.Equal(["Failed"], output);
        ErrorRecord error = _shell.Streams.Error.Single();
        Assert.StartsWith("CheckpointCorrupt", error.FullyQualifiedErrorId);
        Assert.Equal(7, error.TargetObject);
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
