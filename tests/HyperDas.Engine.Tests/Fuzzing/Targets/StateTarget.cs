using HyperDas.Engine.Training.States;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Fuzzing.Targets;

/// <summary>The state that a stopped training left, and what a resumed one asks of it.</summary>
internal sealed class StateTarget : FuzzTarget
{
    private static readonly StateFingerprint s_fingerprint = new StateFingerprint().Add("Method", "HyperDas").Add("Seed", "1");
    private static readonly long[] s_shape = [2, 3];

    public StateTarget()
    {
        using TemporaryFolder folder = new();
        using (DisposeScope scope = NewDisposeScope())
        using (TrainingState state = TrainingState.Open(folder.Path))
        {
            StateHeader header = new(
                StateHeader.CurrentVersion, Step: 3, "step 3 of 9", Finished: false, Threads: 1, DateTimeOffset.UnixEpoch, Seconds: 1.5,
                new Dictionary<string, long> { ["cursor"] = 2 }, s_fingerprint.Parts);
            state.Write(header, [new("parameters/w", ones(s_shape)),
                new(MetricsTensor.Name, MetricsTensor.Create([new TrainingStep(1, 0.5, 2, 2, 0, 1, 0.1)]))]);
        }
        Seeds = [FuzzFile.Of(folder.Path, FuzzFile.KindOf).Where(f => f.Name == TrainingState.StateFile).ToArray()];
    }

    internal override string Name => "state";

    internal override IReadOnlyList<FuzzFile[]> Seeds { get; }

    internal override IReadOnlyList<string> Words =>
        ["training", "__metadata__", "\\\"step\\\":", "\\\"finished\\\":true", "formatVersion", "counters", "fingerprint", "cursor",
            "metrics", "F64", "F32", "[1,7]", "[2,3]"];

    internal override void Read(string folder)
    {
        using TrainingState state = TrainingState.Open(folder);
        _ = (state.Position?.ToString(), state.OtherThreads);
        if (state.Read(s_fingerprint) is not { } saved)
        {
            return;
        }
        using (saved)
        using (DisposeScope scope = NewDisposeScope())
        {
            saved.Counter("cursor");
            saved.Metrics();
            ones(s_shape).copy_(saved.Reader("parameters/")("w", s_shape));
        }
    }
}
