using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Methods;
using HyperDas.Engine.Tests.Reference;
using HyperDas.Engine.Training;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Training;

public sealed class TrainerTests : IDisposable
{
    private static readonly TokenizedExample[] s_examples = RandomExamples.Create(10);
    private static readonly TrainingOptions s_options = new() { Epochs = 3, BatchSize = 4, LearningRate = 1e-3 };
    private readonly LanguageModel _target = TinyLlama.Create();

    [Theory]
    [InlineData(SubspaceKind.Householder)]
    [InlineData(SubspaceKind.Mask)]
    public void The_same_seed_gives_the_same_training_bit_for_bit(SubspaceKind kind)
    {
        (List<TrainingStep> steps, byte[] parameters) = Train(s_options, kind);
        (List<TrainingStep> stepsAgain, byte[] parametersAgain) = Train(s_options, kind);

        Assert.Equal(steps, stepsAgain);
        Assert.Equal(parameters, parametersAgain);
        Assert.NotEqual(steps, Train(s_options with { Seed = 2 }, kind).Steps);
    }

    [Fact]
    public void Training_lowers_the_loss_on_what_it_sees()
    {
        List<TrainingStep> steps = Train(s_options with { Epochs = 20, LearningRate = 1e-2 }).Steps;

        Assert.True(steps[^3..].Average(s => s.PredictionLoss) < 0.8 * steps[..3].Average(s => s.PredictionLoss));
    }

    [Fact]
    public void Every_epoch_ends_with_a_smaller_batch_when_examples_are_left_over()
    {
        List<TrainingStep> steps = Train(s_options).Steps;

        Assert.Equal(Enumerable.Range(1, 9), steps.Select(s => s.Step));
        Assert.Equal([0, 0, 0, 1, 1, 1, 2, 2, 2], steps.Select(s => (int)s.Epoch));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 4)]
    [InlineData(100, 9)]
    public void Steps_can_be_limited_whatever_the_epochs_say(int limit, int expected)
    {
        Assert.Equal(expected, Train(s_options with { MaxSteps = limit }).Steps.Count);
    }

    [Fact]
    public void A_short_training_reads_only_the_prompts_of_its_steps()
    {
        Assert.InRange(Computed(1), 1, 3 * s_options.BatchSize);
        Assert.InRange(Computed(2), Computed(1) + 1, Computed(3) - 1);
        Assert.Equal(Computed(3), Computed(9));

        long Computed(int steps)
        {
            using HyperDasInterpreter interpreter = TinyInterpreter.Create(_target, TinyInterpreter.Options(SubspaceKind.Householder));
            using ActivationCache cache = interpreter.CreateCache();
            Trainer.Train(interpreter, s_examples, s_options with { MaxSteps = steps }, cache);
            return cache.Use.Computed;
        }
    }

    [Fact]
    public void Schedules_span_the_steps_that_are_taken()
    {
        List<TrainingStep> steps = Train(s_options with { MaxSteps = 4, DecayFrom = 0.5 }).Steps;

        Assert.Equal([1e-3, 1e-3, 1e-3, 0.55e-3], steps.Select(s => Math.Round(s.LearningRate, 6)));
    }

    [Fact]
    public void No_epoch_leaves_the_interpreter_as_it_is()
    {
        using HyperDasInterpreter interpreter = TinyInterpreter.Create(_target);
        byte[] before = TinyInterpreter.Bits(interpreter);

        Trainer.Train(interpreter, s_examples, s_options with { Epochs = 0 }, log: _ => Assert.Fail("There is no step to log."));

        Assert.Equal(before, TinyInterpreter.Bits(interpreter));
    }

    [Fact]
    public void A_cancelled_training_leaves_the_interpreter_after_its_last_whole_step()
    {
        byte[][] afterEachStep = new byte[9][];
        using HyperDasInterpreter whole = TinyInterpreter.Create(_target), cancelled = TinyInterpreter.Create(_target);
        Trainer.Train(whole, s_examples, s_options, log: step => afterEachStep[step.Step - 1] = TinyInterpreter.Bits(whole));
        using CancellationTokenSource source = new();

        Assert.Throws<OperationCanceledException>(() => Trainer.Train(
            cancelled, s_examples, s_options, log: step => { if (step.Step == 5) { source.Cancel(); } }, cancellation: source.Token));

        Assert.Equal(afterEachStep[4], TinyInterpreter.Bits(cancelled));
        Assert.Null(cancelled.TrainedWith);
        Trainer.Train(cancelled, s_examples, s_options);
        Assert.Equal(s_options, cancelled.TrainedWith);
    }

    [Fact]
    public void A_training_that_diverges_stops_and_names_the_step_and_what_to_change()
    {
        using HyperDasInterpreter interpreter = TinyInterpreter.Create(_target);
        byte[] afterTheFirstStep = [];

        HyperDasException error = Assert.Throws<HyperDasException>(() => Trainer.Train(
            interpreter, s_examples, s_options with { LearningRate = 1e30 }, log: _ =>
                afterTheFirstStep = TinyInterpreter.Bits(interpreter)));

        Assert.Equal("TrainingDiverged", error.ErrorId);
        Assert.Contains("step 2", error.Message, StringComparison.Ordinal);
        Assert.Contains("The first tensor that isn't finite: selection weights.", error.Message, StringComparison.Ordinal);
        Assert.Contains("learning rate", error.Message, StringComparison.Ordinal);
        Assert.Equal(afterTheFirstStep, TinyInterpreter.Bits(interpreter));
    }

    [Fact]
    public void Progress_counts_to_the_end()
    {
        SeenProgress reports = new();
        using HyperDasInterpreter interpreter = TinyInterpreter.Create(_target);

        Trainer.Train(interpreter, s_examples, s_options, progress: reports);

        WorkProgress[] reading = [.. reports.Seen.Where(r => r.Activity == "Reading hidden states")];
        WorkProgress[] training = [.. reports.Seen.Where(r => r.Activity == "Training HyperDas")];
        Assert.Equal(reading[^1].Total, reading[^1].Completed);
        Assert.Equal(Enumerable.Range(1, 9), training.Select(r => (int)r.Completed));
        Assert.All(training, r => Assert.Equal(9, r.Total));
        Assert.All(training, r => Assert.True(r.Remaining >= TimeSpan.Zero));
        Assert.Equal(TimeSpan.Zero, training[^1].Remaining);
    }

    [Fact]
    public void A_training_without_examples_is_refused()
    {
        using HyperDasInterpreter interpreter = TinyInterpreter.Create(_target);

        Assert.Equal("DatasetEmpty", Assert.Throws<HyperDasException>(() => Trainer.Train(interpreter, [], s_options)).ErrorId);
    }

    public static TheoryData<TrainingOptions> ImpossibleOptions() =>
    [
        new() { Epochs = -1 }, new() { BatchSize = 0 }, new() { MaxSteps = 0 }, new() { LearningRate = 0 },
        new() { LearningRate = double.NaN },
        new() { ClipNorm = 0 }, new() { TemperatureStart = 0 }, new() { TemperatureEnd = 0 },
    ];

    [Theory]
    [MemberData(nameof(ImpossibleOptions))]
    public void Impossible_options_are_refused(TrainingOptions options)
    {
        using HyperDasInterpreter interpreter = TinyInterpreter.Create(_target);

        Assert.Equal("OptionInvalid", Assert.Throws<HyperDasException>(() => Trainer.Train(interpreter, s_examples, options)).ErrorId);
    }

    [Fact]
    public void Hundreds_of_steps_keep_no_tensor_alive()
    {
        List<long> live = [];
        using HyperDasInterpreter interpreter = TinyInterpreter.Create(_target);
        LiveTensors.Settle();

        Trainer.Train(interpreter, s_examples, s_options with { Epochs = 1000, MaxSteps = 300 }, log: _ => live.Add(Tensor.TotalCount));

        // Within a step as many tensors are alive as the batch has examples for; the last batch of an epoch is smaller.
        Assert.Equal(live[3], live[297]);
        Assert.Equal(live[30..60].Max(), live[270..300].Max());
    }

    [Theory]
    [InlineData(SubspaceKind.Householder)]
    [InlineData(SubspaceKind.Mask)]
    [InlineData(SubspaceKind.Boundless)]
    public void A_disposed_interpreter_leaves_no_tensor_behind(SubspaceKind kind)
    {
        long before = LiveTensors.Settle();

        Train(s_options with { Epochs = 1 }, kind);

        Assert.Equal(before, Tensor.TotalCount);
    }

    public void Dispose() => _target.Dispose();

    private (List<TrainingStep> Steps, byte[] Parameters) Train(TrainingOptions options, SubspaceKind kind = SubspaceKind.Householder)
    {
        using HyperDasInterpreter interpreter = TinyInterpreter.Create(_target, TinyInterpreter.Options(kind));
        List<TrainingStep> steps = [];
        Trainer.Train(interpreter, s_examples, options, log: steps.Add);
        return (steps, TinyInterpreter.Bits(interpreter));
    }
}
