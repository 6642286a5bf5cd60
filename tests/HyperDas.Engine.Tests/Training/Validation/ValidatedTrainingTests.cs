using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Methods;
using HyperDas.Engine.Tests.Ravel;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.States;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Training.Validation;

/// <summary>
/// Redrawn pairs, validation and the best parameters: a training that is stopped anywhere ends as if it hadn't been.
/// </summary>
public sealed class ValidatedTrainingTests : IDisposable
{
    private static readonly HypernetworkOptions s_network = new() { Layer = 2, FeatureDimension = 4, Reflections = 2, SubspaceInner = 20 };

    private static readonly TrainingOptions s_options = new()
    {
        Epochs = 3, BatchSize = 8, LearningRate = 3e-3, EntityOnlyShare = 0.3, Seed = 5, ValidateEvery = 2, ValidationShare = 1,
    };

    private readonly LanguageModel _target = TinyLlama.CreateWithTokenizer();
    private readonly RavelDataset _dataset;
    private readonly TemporaryFolder _folder = new();

    public ValidatedTrainingTests() => _dataset = RavelDatasetBuilder.Build(
        [RavelDescriptionReaderTests.Read()], _target.Tokenizer, new FactFilter(new FakeOracle()),
        new RavelBuildOptions
        {
            TrainPerAttribute = 12, ValPerAttribute = 4, TestPerAttribute = 0, Seed = 3, InstructionStyle = InstructionStyle.Descriptions
        });

    private string StatePath => Path.Combine(_folder.Path, "state");

    private string MetricsPath => Path.Combine(_folder.Path, "metrics.jsonl");

    [Fact]
    public void A_training_stopped_after_any_step_ends_as_the_undisturbed_one()
    {
        Ended undisturbed = Train(s_options);
        int steps = undisturbed.Result.Steps;

        Assert.True(steps > 10);
        for (int step = 1; step < steps; step++)
        {
            Stop(s_options, step);
            Assert.Equal(undisturbed.Comparable, Train(s_options, withState: true).Comparable);
            // Once more from the finished state.
            Assert.Equal(undisturbed.Comparable, Train(s_options, withState: true).Comparable);
            Directory.Delete(StatePath, recursive: true);
        }
    }

    [Fact]
    public void It_can_be_stopped_at_every_step_of_its_way()
    {
        Ended undisturbed = Train(s_options);

        for (int step = 1; step < undisturbed.Result.Steps; step++)
        {
            Stop(s_options, step);
        }

        Assert.Equal(undisturbed.Comparable, Train(s_options, withState: true).Comparable);
    }

    [Fact]
    public void Bases_of_described_examples_are_shown_at_the_entity_alone_half_of_the_time()
    {
        TrainingOptions unset = s_options with { EntityOnlyShare = null };
        RavelDataset rows = _dataset with { Pool = null, Val = [.. _dataset.Val.Where(e => e.Wording == RavelWording.Trained)] };

        Assert.Equal(Train(s_options with { EntityOnlyShare = 0.5 }).Comparable, Train(unset).Comparable);
        Assert.Equal(Train(s_options with { EntityOnlyShare = 0 }, dataset: rows).Comparable, Train(unset, dataset: rows).Comparable);
    }

    [Fact]
    public void Descriptions_of_described_examples_are_contrasted()
    {
        RavelDataset rows = _dataset with { Pool = null, Val = [.. _dataset.Val.Where(e => e.Wording == RavelWording.Trained)] };
        TrainingOptions none = s_options with { ContrastWeight = 0 };

        Assert.Equal(Train(s_options with { ContrastWeight = 0.3 }).Comparable, Train(s_options).Comparable);
        Assert.NotEqual(Train(none).Comparable, Train(s_options).Comparable);
        Assert.Equal(Train(none, dataset: rows).Comparable, Train(s_options, dataset: rows).Comparable);
    }

    [Fact]
    public void A_training_goes_on_with_the_share_and_weight_that_it_was_begun_with()
    {
        TrainingOptions begun = s_options with { ContrastWeight = 0.8 }, unset = s_options with { EntityOnlyShare = null };
        Ended undisturbed = Train(begun);
        Stop(begun, 4);

        Assert.Equal(undisturbed.Comparable, Train(unset, withState: true).Comparable);
    }

    [Fact]
    public void Looking_changes_no_step_of_the_training()
    {
        TrainingStep[] seen = [.. Train(s_options).Result.Metrics.Select(s => s with { Validation = null })];

        Assert.Equal(Train(s_options with { ValidateEvery = 0 }).Result.Metrics, seen);
    }

    [Fact]
    public void Drawing_anew_changes_the_steps_after_the_first_epoch_only()
    {
        TrainingStep[] anew = [.. Train(s_options with { ValidateEvery = 0 }).Result.Metrics], fixedRows =
            [.. Train(s_options with { ValidateEvery = 0, DrawAnew = false }).Result.Metrics];
        int perEpoch = anew.Length / 3;

        Assert.Equal(fixedRows[..perEpoch], anew[..perEpoch]);
        Assert.NotEqual(fixedRows[perEpoch..], anew[perEpoch..]);
    }

    [Fact]
    public void The_best_parameters_are_those_of_the_best_look()
    {
        Ended best = Train(s_options);
        TrainingStep[] looks = [.. best.Result.Metrics.Where(s => s.Validation is not null)];
        TrainingStep first = looks.MaxBy(s => s.Validation!.Score)!;

        Assert.Equal((first.Step, first.Validation), (best.Result.BestStep, best.Result.Validation));
        Assert.Equal(looks.Where((s, i) => i == 0
            || s.Validation!.Score > looks[..i].Max(e => e.Validation!.Score)), looks.Where(s => s.Validation!.IsBest));
        // Trained no further than that, by the same schedule, the parameters are the same.
        Ended last = Train(s_options with { KeepBest = false });
        Assert.Equal(last.Result.Steps, last.Result.BestStep);
        Assert.Equal(best.Result.BestStep == best.Result.Steps, best.Parameters == last.Parameters);
        Stop(s_options with { KeepBest = false }, best.Result.BestStep, parameters => Assert.Equal(best.Parameters, parameters));
    }

    [Fact]
    public void A_training_stops_when_nothing_gets_better_and_a_resumed_one_at_the_same_place()
    {
        // Nothing is learned at this rate, so that the first look stays the best.
        TrainingOptions idle =
            s_options with { LearningRate = 1e-12, RotationLearningRate = 0, MaskLearningRate = 0, WeightDecay = 0, Patience = 2 };

        Ended ended = Train(idle);

        Assert.Equal((6, 2), (ended.Result.Steps, ended.Result.BestStep));
        Stop(idle, 5);
        Assert.Equal(ended.Comparable, Train(idle, withState: true).Comparable);
    }

    [Fact]
    public void Metrics_and_their_file_say_what_was_seen()
    {
        Ended ended = Train(s_options);

        IReadOnlyList<TrainingStep> read = MetricsLog.Read(MetricsPath);
        Assert.Equal(ended.Result.Metrics, read);
        TrainingValidation seen = read.First(s => s.Validation is not null).Validation!;
        Assert.Equal([RavelWording.Trained, RavelWording.Unseen], seen.Wordings.Select(w => w.Wording));
        Assert.All(seen.Wordings, w => Assert.True(w.WorstCause <= w.Cause));
        Assert.Contains("\"validation\":{\"score\":", File.ReadAllText(MetricsPath));
        Assert.Contains("\"wording\":\"unseen\"", File.ReadAllText(MetricsPath));
    }

    [Fact]
    public void The_original_and_datasets_without_more_than_rows_are_trained_as_before()
    {
        RavelDataset rows = _dataset with { Pool = null, Val = [] };
        TrainingOptions plain = s_options with { DrawAnew = false, ValidateEvery = 0, KeepBest = false };

        Assert.Equal(Train(plain, dataset: rows).Parameters, Train(s_options, dataset: rows).Parameters);
        Assert.Equal((false, 0, false),
            (plain.Faithful().DrawAnew, new TrainingOptions().Faithful().ValidateEvery, new TrainingOptions().Faithful().KeepBest));
        Assert.Null(Train(s_options.Faithful() with { BatchSize = 8, Epochs = 2 }).Result.Validation);
    }

    [Fact]
    public void A_state_of_before_these_options_goes_on_as_it_began()
    {
        TrainingOptions before = s_options with { DrawAnew = false, ValidateEvery = 0, KeepBest = false, ContrastWeight = 0 };
        Ended undisturbed = Train(before);
        Stop(before, 4);
        ForgetNewOptions();

        Ended resumed = Train(s_options, withState: true);

        Assert.Equal(undisturbed.Parameters, resumed.Parameters);
        Assert.Equal(undisturbed.Result.Metrics, resumed.Result.Metrics);
    }

    [Theory]
    [InlineData(GroupSignal.TrainingLoss)]
    [InlineData(GroupSignal.ValidationError)]
    public void Weights_of_groups_go_on_bit_for_bit_and_metrics_name_them(GroupSignal signal)
    {
        TrainingOptions weighing = s_options with { Epochs = 6, WorstGroupExponent = 2, WorstGroupSignal = signal };
        Ended undisturbed = Train(weighing);

        foreach (int step in (int[])[1, 3, 26])
        {
            Stop(weighing, step);
        }
        Ended resumed = Train(weighing, withState: true);

        Assert.Equal(undisturbed.Comparable, resumed.Comparable);
        Assert.Equal(undisturbed.Result.Metrics, resumed.Result.Metrics);
        Assert.Equal(resumed.Result.Metrics, MetricsLog.Read(MetricsPath));
        TrainingStep[] told = [.. resumed.Result.Metrics.Where(step => step.Weights is not null)];
        Assert.Equal([25, resumed.Result.Steps], told.Select(step => step.Step));
        // An untrained target answers nothing right, so that by validation all fail alike.
        bool differ = signal == GroupSignal.TrainingLoss;
        Assert.All(told, step => Assert.Equal(differ, step.Weights!.LargestWeight > 1.01 && step.Weights.SmallestWeight < 0.99));
        Assert.Equal(differ, undisturbed.Parameters != Train(weighing with { WorstGroupExponent = 0 }).Parameters);
    }

    [Fact]
    public void Weights_by_validation_need_some()
    {
        TrainingOptions blind = s_options with { WorstGroupExponent = 1, WorstGroupSignal = GroupSignal.ValidationError };

        HyperDasException none = Assert.Throws<HyperDasException>(() => Train(blind, dataset: _dataset with { Val = [] }));
        HyperDasException off = Assert.Throws<HyperDasException>(() => Train(blind with { ValidateEvery = 0 }));

        Assert.Equal(("OptionInvalid", "OptionInvalid"), (none.ErrorId, off.ErrorId));
        Assert.Contains("has 0 validation rows", none.Message);
        Assert.Contains("ValidateEvery is 0", off.Message);
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        Train(s_options);
        long before = LiveTensors.Settle();

        Stop(s_options, 5);
        Train(s_options, withState: true);

        Assert.Equal(before, Tensor.TotalCount);
    }

    public void Dispose()
    {
        _target.Dispose();
        _folder.Dispose();
    }

    // What an earlier version wrote names none of them.
    private void ForgetNewOptions()
    {
        string file = Path.Combine(StatePath, TrainingState.StateFile), copy = file + ".old";
        using (SavedState saved = SavedState.Open(file))
        {
            using DisposeScope scope = NewDisposeScope();
            string[] added =
            [
                "DrawAnew", "ValidateEvery", "ValidationShare", "KeepBest", "Patience", "WorstGroupExponent", "WorstGroupSignal",
                "ContrastWeight",
            ];
            StateHeader header = saved.Header with
            {
                Fingerprint = saved.Header.Fingerprint.Where(part => !added.Any(name => part.Key == $"TrainingOptions.{name}"))
                    .ToDictionary(p => p.Key, p => p.Value),
            };
            using Engine.Checkpoints.SafetensorsFile tensors = Engine.Checkpoints.SafetensorsFile.Open(file);
            KeyValuePair<string, Tensor>[] all = [.. tensors.Entries.Keys.Select(name => KeyValuePair.Create(name, tensors.Load(name)))];
            using FileStream stream = File.Create(copy);
            Engine.Checkpoints.SafetensorsWriter.Content(copy, all, header.ToMetadata())(stream);
        }
        File.Move(copy, file, overwrite: true);
    }

    private Ended Train(TrainingOptions options, bool withState = false, RavelDataset? dataset = null)
    {
        using TrainingState? state = withState ? TrainingState.Open(StatePath) : null;
        TrainingResult result = TrainingRuns.Run(_target, dataset ?? _dataset, s_network, options, MetricsPath, state);
        using Interpreter interpreter = (Interpreter)result.Interpreter;
        return new Ended(result, Convert.ToHexString(TinyInterpreter.Bits(interpreter)), File.ReadAllText(MetricsPath));
    }

    private void Stop(TrainingOptions options, int step, Action<string>? check = null)
    {
        using TrainingState state = TrainingState.Open(StatePath);
        using CancellationTokenSource source = new();
        Assert.Throws<OperationCanceledException>(() => TrainingRuns.Run(
            _target, _dataset, s_network, options, MetricsPath, state, new StopAfter(source, step), source.Token));
        Assert.True(state.Position is { IsFinished: false } position && position.Step == step);
        if (check is not null)
        {
            using SavedState saved = SavedState.Open(Path.Combine(StatePath, TrainingState.StateFile));
            using HyperDas.Engine.Methods.HyperDas.HyperDasInterpreter interpreter = new(_target, s_network, options.Seed);
            interpreter.Parameters.Restore(saved.Reader(RunKeeper.Parameters));
            check(Convert.ToHexString(TinyInterpreter.Bits(interpreter)));
        }
    }

    private sealed record Ended(TrainingResult Result, string Parameters, string MetricsFile)
    {
        public object Comparable =>
            (Parameters, MetricsFile, Result.BestStep, Result.Steps, Result.Validation, ((Interpreter)Result.Interpreter).TrainedWith);
    }

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
