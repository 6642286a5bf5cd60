using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Methods;
using HyperDas.Engine.Tests.Ravel;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.Memory;
using HyperDas.Engine.Training.States;
using HyperDas.Engine.Training.Validation;
using Xunit;

namespace HyperDas.Engine.Tests.Training.Memory;

/// <summary>
/// Hidden states that memory has no room for go to files by themselves, and the files go when they aren't needed any more.
/// </summary>
public sealed class SpilledStatesTests : IDisposable
{
    // 30 tokens of 16 numbers.
    private static readonly TrainingOptions s_short =
        new() { Epochs = 3, BatchSize = 4, CacheBytes = 30 * 16 * 4 * 2, ValidateEvery = 0, Seed = 5 };
    private static readonly HypernetworkOptions s_network = new() { Layer = 2, FeatureDimension = 4, Reflections = 2, SubspaceInner = 20 };

    private readonly LanguageModel _target = TinyLlama.CreateWithTokenizer();
    private readonly TemporaryFolder _folder = new();

    private string StatePath => Path.Combine(_folder.Path, "state");

    private string Spilled => Path.Combine(StatePath, "hidden-states");

    [Fact]
    public void States_without_room_in_memory_are_read_again_instead_of_computed_again()
    {
        (_, ActivationUse none) = Train(s_short with { CacheBytes = 1 << 20 });

        (double loss, ActivationUse use) = Train(s_short);
        (double roomy, _) = Train(s_short with { CacheBytes = 1 << 20 });

        Assert.Equal(0, none.FromFiles);
        Assert.True(use.FromFiles > 0, $"{use}");
        // One and the same sequence may be both a prompt's visible part and whole, so that more are known of than were computed.
        Assert.True(use.Computed <= none.Computed, $"{use}; with room {none}");
        Assert.Equal(roomy, loss, 1e-3);
    }

    [Fact]
    public void They_stay_beside_the_state_until_the_training_is_finished_and_it_goes_on_bit_for_bit()
    {
        byte[]? undisturbed = Bits(null, null);

        Assert.Null(Bits(StatePath, stopAfter: 4));
        Assert.NotEmpty(Directory.GetFiles(Spilled, "*", SearchOption.AllDirectories));
        byte[]? resumed = Bits(StatePath, null);

        Assert.Equal(undisturbed, resumed);
        Assert.False(Directory.Exists(Spilled));
    }

    [Fact]
    public void Without_a_state_the_folder_goes_with_the_training_and_abandoned_ones_too()
    {
        string abandoned = Path.Combine(Path.GetTempPath(), "hyperdas-hidden-states-" + Guid.NewGuid().ToString("N")), folder;
        Directory.CreateDirectory(abandoned);
        Directory.SetLastWriteTimeUtc(abandoned, DateTime.UtcNow.AddHours(-1));

        using (SpilledStates spilled = SpilledStates.For(_target, bytes: 5000, epochs: 1, s_short, state: null)!)
        {
            folder = spilled.Files.Path;
            Assert.True(Directory.Exists(folder));
            Assert.False(Directory.Exists(abandoned));
            // One that is in use isn't abandoned, however old it is.
            Directory.SetLastWriteTimeUtc(folder, DateTime.UtcNow.AddHours(-1));
            SpilledStates.For(_target, bytes: 5000, epochs: 1, s_short, state: null)!.Dispose();
            Assert.True(Directory.Exists(folder));
        }

        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void States_of_validation_examples_spill_too()
    {
        using HyperDasInterpreter interpreter = new(_target, s_network, seed: 1);
        RavelCollator collator = new(_target.Tokenizer, interpreter.Collation);
        IReadOnlyList<(RavelExample, TokenizedExample)> rows = collator.TokenizeUsable(TinyDataset.Create().Train);
        using Validator roomy = new(interpreter, rows, s_short with { CacheBytes = 1 << 20 });
        using Validator tight = new(interpreter, rows, s_short);

        double expected = roomy.Score(null, CancellationToken.None).Score, seen = tight.Score(null, CancellationToken.None).Score;
        roomy.Score(null, CancellationToken.None);
        tight.Score(null, CancellationToken.None);

        Assert.Equal(expected, seen);
        Assert.Equal(0, roomy.Use.FromFiles);
        Assert.True(tight.Use.FromFiles > 0, $"{tight.Use}");
        Assert.Equal(roomy.Use.Computed, tight.Use.Computed);
    }

    [Fact]
    public void Nothing_is_spilled_that_fits_or_goes_to_the_users_files_or_would_fill_the_disk()
    {
        Assert.Null(SpilledStates.For(_target, s_short.CacheBytes, 1, s_short, state: null));
        Assert.Null(SpilledStates.For(_target, 1e18, 1, s_short, state: null));
        _target.KeepActivations(Path.Combine(_folder.Path, "own"));
        Assert.Null(SpilledStates.For(_target, 5000, 1, s_short, state: null));
    }

    public void Dispose()
    {
        _target.Dispose();
        _folder.Dispose();
    }

    private (double Loss, ActivationUse Use) Train(TrainingOptions options)
    {
        TrainingResult result = InterpreterTraining.Run(
            new TrainingRequest(_target, TinyDataset.Create(), s_network) { Options = options });
        using Interpreter interpreter = (Interpreter)result.Interpreter;
        return (result.Metrics[^1].Loss, result.Activations!);
    }

    private byte[]? Bits(string? folder, int? stopAfter)
    {
        using TrainingState? state = folder is null ? null : TrainingState.Open(folder);
        using CancellationTokenSource source = new();
        StopAfter progress = new(source, stopAfter);
        try
        {
            TrainingResult result = InterpreterTraining.Run(
                new TrainingRequest(_target, TinyDataset.Create(), s_network) { Options = s_short, State = state }, progress, source.Token);
            using Interpreter interpreter = (Interpreter)result.Interpreter;
            return TinyInterpreter.Bits(interpreter);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private sealed class StopAfter(CancellationTokenSource source, int? step) : IProgress<WorkProgress>
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
