using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Files;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Methods;
using HyperDas.Engine.Tests.Ravel;
using HyperDas.Engine.Tests.Tokenization;
using HyperDas.Engine.Training.States;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Training.States;

/// <summary>Stop and resume equals the uninterrupted run bit for bit: parameters, metrics and their file.</summary>
public sealed class ResumedTrainingTests : IDisposable
{
    private static readonly TrainingOptions s_options =
        new() { Epochs = 2, BatchSize = 4, LearningRate = 1e-3, DecayFrom = 0.3, EntityOnlyShare = 0.3, Seed = 5 };
    private readonly LanguageModel _target = TinyLlama.CreateWithTokenizer();
    private readonly TemporaryFolder _folder = new();

    private string StatePath => Path.Combine(_folder.Path, "state");

    private string MetricsPath => Path.Combine(_folder.Path, "metrics.jsonl");

    public static TheoryData<SubspaceKind, bool> Networks => new()
    {
        { SubspaceKind.Householder, true }, { SubspaceKind.Mask, false }, { SubspaceKind.Boundless, false },
            { SubspaceKind.Generated, false }, { SubspaceKind.None, false },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_training_stopped_after_any_step_ends_as_the_undisturbed_one(SubspaceKind subspace, bool symmetric)
    {
        HypernetworkOptions network = Network(subspace) with { Symmetric = symmetric };
        Ended undisturbed = Train(network, s_options);

        for (int step = 1; step < 6; step++)
        {
            Stop(network, s_options, step);
            Ended resumed = Train(network, s_options, withState: true);

            Assert.Equal(undisturbed, resumed);
            Directory.Delete(StatePath, recursive: true);
        }
    }

    [Fact]
    public void A_training_can_be_stopped_at_every_step_of_its_way()
    {
        Ended undisturbed = Train(Network(), s_options);

        for (int step = 1; step < 6; step++)
        {
            Stop(Network(), s_options, step);
        }

        Assert.Equal(undisturbed, Train(Network(), s_options, withState: true));
    }

    [Theory]
    [InlineData(MomentFormat.BFloat16)]
    [InlineData(MomentFormat.EightBit)]
    public void Narrow_moments_go_on_bit_for_bit_and_not_in_another_format(MomentFormat format)
    {
        TrainingOptions narrow = s_options with { MomentFormat = format };
        Ended undisturbed = Train(Network(), narrow);
        Assert.NotEqual(Train(Network(), s_options).Parameters, undisturbed.Parameters);

        Stop(Network(), narrow, 2);
        Stop(Network(), narrow, 5);

        TrainingOptions wide = s_options with { MomentFormat = MomentFormat.Float32 };
        HyperDasException error = Assert.Throws<HyperDasException>(() => Train(Network(), wide, withState: true));
        Assert.Equal("StateMismatch", error.ErrorId);
        Assert.Contains($"TrainingOptions.MomentFormat was {format} and is Float32", error.Message, StringComparison.Ordinal);
        Assert.Equal(undisturbed, Train(Network(), narrow, withState: true));
    }

    [Theory]
    [InlineData(3, null)]
    [InlineData(null, 12)]
    public void Compact_interpreters_go_on_bit_for_bit(int? rank, int? width)
    {
        HypernetworkOptions network = Network() with { AdapterRank = rank, HypernetworkWidth = width };
        Ended undisturbed = Train(network, s_options);

        Stop(network, s_options, 2);
        Stop(network, s_options, 5);

        Assert.Equal("StateMismatch", Refused(() => Train(Network(), s_options, withState: true)));
        Assert.Equal(undisturbed, Train(network, s_options, withState: true));
    }

    [Theory]
    [InlineData(MomentFormat.BFloat16)]
    [InlineData(MomentFormat.EightBit)]
    public void Everything_compact_at_once_goes_on_bit_for_bit(MomentFormat format)
    {
        // With room for two prompts' hidden states, so that the others go to files.
        HypernetworkOptions network = Network() with { Layer = 1, AdapterRank = 3, SubspaceSpan = 3 };
        TrainingOptions options = s_options with { MomentFormat = format, Recompute = true, CacheBytes = 30 * 16 * 4 * 2 };
        Ended undisturbed = Train(network, options);

        Stop(network, options, 2);
        Stop(network, options, 5);

        HyperDasException error = Assert.Throws<HyperDasException>(
            () => Train(network with { SubspaceSpan = null }, options, withState: true));
        Assert.Contains("HypernetworkOptions.SubspaceSpan was 3 and is empty", error.Message, StringComparison.Ordinal);
        Assert.Equal(undisturbed, Train(network, options, withState: true));
    }

    [Fact]
    public void Which_examples_are_shown_at_the_entity_only_goes_on_too()
    {
        TrainingOptions hiding = s_options with { EntityOnlyShare = 0.5 };
        Ended undisturbed = Train(Network(), hiding);
        Assert.NotEqual(Train(Network(), s_options), undisturbed);

        Stop(Network(), hiding, 3);

        Assert.Equal(undisturbed, Train(Network(), hiding, withState: true));
    }

    [Fact]
    public void A_cache_without_room_for_all_prompts_goes_on_as_it_stood()
    {
        // 30 tokens of 16 numbers: every batch throws others' states out, so that what is computed together depends on what came before.
        TrainingOptions small = s_options with { CacheBytes = 30 * 16 * 4 * 2, Epochs = 3 };
        Ended undisturbed = Train(Network(), small);

        foreach (int step in (int[])[1, 4, 7])
        {
            Stop(Network(), small, step);
            Assert.Equal(undisturbed, Train(Network(), small, withState: true));
            Directory.Delete(StatePath, recursive: true);
        }
    }

    [Fact]
    public void Steps_behind_the_state_are_cut_from_the_metrics_and_lost_ones_come_back()
    {
        Ended undisturbed = Train(Network(), s_options);
        Stop(Network(), s_options, 3);
        File.AppendAllText(MetricsPath, "{\"step\":4,\"lo");

        Assert.Equal(undisturbed, Train(Network(), s_options, withState: true));

        Directory.Delete(StatePath, recursive: true);
        Stop(Network(), s_options, 3);
        File.Delete(MetricsPath);

        Assert.Equal(undisturbed, Train(Network(), s_options, withState: true));
    }

    [Fact]
    public void A_finished_training_gives_its_result_again_without_training()
    {
        Ended first = Train(Network(), s_options, withState: true);
        SeenProgress progress = new();

        Ended again = Train(Network(), s_options, withState: true, progress);

        Assert.Equal(first, again);
        Assert.Empty(progress.Seen);
        using TrainingState state = TrainingState.Open(StatePath);
        Assert.True(state.Position is { IsFinished: true, Step: 6 });
    }

    [Fact]
    public void A_training_without_steps_is_finished_too()
    {
        TrainingOptions none = s_options with { Epochs = 0 };

        Assert.Equal(Train(Network(), none, withState: true), Train(Network(), none, withState: true));
    }

    [Fact]
    public void The_state_is_written_every_so_many_steps()
    {
        List<int> written = [];
        using TrainingState state = TrainingState.Open(
            StatePath, new CheckpointInterval { Steps = 2 }, restart: false,
            (path, write) =>
            {
                AtomicFile.Write(path, write);
                using SavedState saved = SavedState.Open(path);
                written.Add(saved.Header.Step);
            });

        TrainingRuns.Run(_target, TinyDataset.Create(), Network(), s_options, state: state).Interpreter.Dispose();

        // The last one is the finished state.
        Assert.Equal([2, 4, 6, 6], written);
    }

    [Fact]
    public void What_a_version_without_validation_began_goes_on_as_often_as_it_is_stopped()
    {
        TrainingOptions then = s_options with { DrawAnew = false, ValidateEvery = 0, KeepBest = false },
            now = s_options with { ValidateEvery = 1 };
        Ended undisturbed = Train(Network(), then);
        Stop(Network(), then, 2);
        Forget("DrawAnew", "ValidateEvery", "ValidationShare", "KeepBest", "Patience", "From", "MomentFormat", "Recompute");

        Stop(Network(), now, 3);
        Stop(Network(), now, 5);

        Assert.Equal(undisturbed, Train(Network(), now, withState: true));
    }

    [Fact]
    public void A_training_goes_on_with_the_length_limit_that_it_began_with()
    {
        RavelDataset dataset = TinyDataset.Create(), longer = dataset with { MaxTokens = 200 };
        RavelExample[] lengthy = [.. dataset.Train.Take(4).Select(e => e with { BasePrefix = new string('x', 90) + e.BasePrefix })];
        longer = longer with { Train = [.. dataset.Train, .. lengthy] };
        dataset = longer with { MaxTokens = RavelDatasetOptions.DefaultMaxTokens };
        Ended cut = Train(Network(), s_options, dataset: dataset), whole = Train(Network(), s_options, dataset: longer);
        Assert.NotEqual(cut.Parameters, whole.Parameters);

        Stop(Network(), s_options, 2, dataset);
        Stop(Network(), s_options, 4, longer);
        Assert.Equal(cut, Train(Network(), s_options, withState: true, dataset: longer));

        Directory.Delete(StatePath, recursive: true);
        Stop(Network(), s_options, 2, longer);
        Assert.Equal("StateMismatch", Refused(() => Train(Network(), s_options, withState: true, dataset: dataset)));
        Assert.Equal(whole, Train(Network(), s_options, withState: true, dataset: longer));
    }

    [Fact]
    public void A_state_of_another_training_is_refused_with_what_differs()
    {
        Stop(Network(), s_options, 2);

        HyperDasException error = Assert.Throws<HyperDasException>(
            () => Train(Network(), s_options with { BatchSize = 6 }, withState: true));

        Assert.Equal("StateMismatch", error.ErrorId);
        Assert.Contains("TrainingOptions.BatchSize was 4 and is 6", error.Message, StringComparison.Ordinal);
        Assert.Equal("StateMismatch", Refused(() => Train(Network(SubspaceKind.Mask), s_options, withState: true)));
        Assert.Equal("StateMismatch", Refused(() => Train(
            Network(), s_options, withState: true, dataset: TinyDataset.Create() with { Train = TinyDataset.Create().Val })));
        using (TrainingState state = TrainingState.Open(StatePath))
        {
            Assert.Equal("StateMismatch", Refused(() => TrainingRuns.Run(
                _target, TinyDataset.Create(), new MdasOptions { Layer = 2, FeatureDimension = 4 },
                MethodOptions.TrainingOf(InterpreterMethod.Mdas), state: state)));
        }
        // It is still there.
        Assert.Equal(Train(Network(), s_options), Train(Network(), s_options, withState: true));
    }

    [Theory]
    [InlineData(ScalarType.Float32, ModelDtype.Float32)]
    [InlineData(ScalarType.BFloat16, ModelDtype.BFloat16)]
    [InlineData(ScalarType.BFloat16, ModelDtype.Float32)]
    public void A_state_tells_the_number_formats_that_it_began_with_and_is_refused_with_others(ScalarType held, ModelDtype computed)
    {
        Assert.Null(TrainingState.FormatOf(StatePath));
        using LanguageModel target = TinyLlama.Create(TinyLlama.TextConfig, held, TinyTokenizer.Build([]), computed);
        TrainingOptions options = s_options with { MaxSteps = 1 };
        using (TrainingState state = TrainingState.Open(StatePath))
        using (Interpreter trained = (Interpreter)TrainingRuns.Run(
            target, TinyDataset.Create(), Network(), options, state: state).Interpreter)
        {
            Assert.True(state.Position!.IsFinished);
        }

        NumberFormat format = TrainingState.FormatOf(StatePath)!;

        Assert.Equal((target.Dtype, computed), (format.Held, format.Computed));
        using LanguageModel other = TinyLlama.Create(
            TinyLlama.TextConfig, held, TinyTokenizer.Build([]), computed == ModelDtype.Float32 ? ModelDtype.BFloat16 : ModelDtype.Float32);
        using TrainingState again = TrainingState.Open(StatePath);
        Assert.Equal("StateMismatch", Refused(() => TrainingRuns.Run(other, TinyDataset.Create(), Network(), options, state: again)));
    }

    [Fact]
    public void A_resumed_training_leaves_no_tensor_behind()
    {
        Stop(Network(), s_options, 1);
        long before = LiveTensors.Settle();

        Stop(Network(), s_options, 3);
        Train(Network(), s_options, withState: true);

        Assert.Equal(before, Tensor.TotalCount);
    }

    public void Dispose()
    {
        _target.Dispose();
        _folder.Dispose();
    }

    private static HypernetworkOptions Network(SubspaceKind subspace = SubspaceKind.Householder) =>
        new() { Layer = 2, FeatureDimension = 4, Reflections = 2, Subspace = subspace, SubspaceInner = 20 };

    private static string Refused(Action training) => Assert.Throws<HyperDasException>(training).ErrorId;

    private Ended Train(
        HypernetworkOptions network, TrainingOptions options, bool withState = false, IProgress<WorkProgress>? progress = null,
        RavelDataset? dataset = null)
    {
        using TrainingState? state = withState ? TrainingState.Open(StatePath) : null;
        TrainingResult result = TrainingRuns.Run(_target, dataset ?? TinyDataset.Create(), network, options, MetricsPath, state, progress);
        using Interpreter interpreter = (Interpreter)result.Interpreter;
        return new Ended(
            Convert.ToHexString(TinyInterpreter.Bits(interpreter)), string.Join('\n', result.Metrics), File.ReadAllText(MetricsPath),
            interpreter.TrainedWith);
    }

    /// <summary>Leaves settings out of the state, as versions wrote it that didn't have them.</summary>
    private void Forget(params string[] settings)
    {
        string path = Path.Combine(StatePath, TrainingState.StateFile);
        using MemoryStream forgotten = new();
        using (DisposeScope scope = NewDisposeScope())
        using (SafetensorsFile file = SafetensorsFile.Open(path))
        {
            StateHeader header = StateHeader.Read(file.Metadata, path);
            Dictionary<string, string> left = header.Fingerprint
                .Where(part => !settings.Contains(part.Key.Split('.')[^1])).ToDictionary(part => part.Key, part => part.Value);
            SafetensorsWriter.Content(
                path, [.. file.Entries.Keys.Select(name => new KeyValuePair<string, Tensor>(name, file.Load(name)))],
                (header with { Fingerprint = left }).ToMetadata())(forgotten);
        }
        File.WriteAllBytes(path, forgotten.ToArray());
    }

    private void Stop(HypernetworkOptions network, TrainingOptions options, int step, RavelDataset? dataset = null)
    {
        using TrainingState state = TrainingState.Open(StatePath);
        using CancellationTokenSource source = new();
        Assert.Throws<OperationCanceledException>(() => TrainingRuns.Run(
            _target, dataset ?? TinyDataset.Create(), network, options, MetricsPath, state, new StopAfter(source, step), source.Token));
        Assert.True(state.Position is { IsFinished: false } position && position.Step == step);
    }

    private sealed record Ended(string Parameters, string Metrics, string MetricsFile, TrainingOptions? TrainedWith);

    private sealed class StopAfter(CancellationTokenSource source, long step) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            if (value.Activity.StartsWith("Training", StringComparison.Ordinal) && value.Completed == step)
            {
                source.Cancel();
            }
        }
    }
}
