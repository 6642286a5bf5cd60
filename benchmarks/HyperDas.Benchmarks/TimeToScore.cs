using System.Diagnostics;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.States;

namespace HyperDas.Benchmarks;

/// <summary>What a training took until validation reached a score.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Score">The score that was to be reached: disentangle, one-to-one, unseen wording, validation templates.</param>
/// <param name="Reached">The score at the first look that reached it, or the best of all looks.</param>
/// <param name="WorstCause">The worst attribute's cause at that look.</param>
/// <param name="Step">The step of that look.</param>
/// <param name="IsReached">Whether it was reached within the steps that were allowed.</param>
/// <param name="ProcessorMinutes">Processor time of all threads from the beginning of the training to that look, looks included.</param>
/// <param name="Minutes">The same by the clock.</param>
internal sealed record ScoreTime(
    long Seed, double Score, double Reached, double WorstCause, int Step, bool IsReached, double ProcessorMinutes, double Minutes);

/// <summary>
/// Processor minutes until a training on the bundled city domain, from nothing, has learned to understand words that it wasn't shown:
/// validation's disentangle, one-to-one, in unseen wording. Making the dataset doesn't count.
/// </summary>
internal static class TimeToScore
{
    private const int Layer = 3, ValidationPairs = 60;

    /// <summary>Runs.</summary>
    /// <param name="report">Where the figures go.</param>
    /// <param name="line">Seeds, score, steps and pairs.</param>
    internal static void Run(Report report, CommandLine line)
    {
        string examples = Path.Combine(Repository.Root(), "examples");
        using LanguageModel model = LanguageModel.Load(Path.Combine(examples, "models", "mini-llama"));
        RavelDomain city = RavelReader.Read(Path.Combine(examples, "data", "ravel-mini"), "city");
        FactFilter facts = new(new ModelFactOracle(model));
        for (long seed = 1; seed <= line.Seeds; seed++)
        {
            RavelDataset dataset = RavelDatasetBuilder.Build(
                [city], model.Tokenizer, facts,
                new RavelBuildOptions
                {
                    TrainPerAttribute = line.Pairs, ValPerAttribute = Math.Min(ValidationPairs, line.Pairs), TestPerAttribute = 0,
                    Seed = seed, InstructionStyle = InstructionStyle.Descriptions,
                });
            report.Add(Train(model, dataset, seed, line));
        }
    }

    // Settings as for the ready interpreter (docs/trials.md#words-and-a-target-that-knows-them), at constant rates: when it
    // ends isn't known beforehand.
    private static TrainingOptions Options(long seed, CommandLine line) => new()
    {
        Epochs = line.Steps, MaxSteps = line.Steps, Seed = seed, EntityOnlyShare = 0.5, DecayFrom = 1, SparsityEnd = 0.15,
        ValidateEvery = Math.Min(line.Every, line.Steps), KeepBest = false,
    };

    private static ScoreTime Train(LanguageModel model, RavelDataset dataset, long seed, CommandLine line)
    {
        string folder = Directory.CreateTempSubdirectory("hyperdas-benchmark-").FullName;
        try
        {
            using CancellationTokenSource source = new();
            using TrainingState state = TrainingState.Open(Path.Combine(folder, "state"), new CheckpointInterval { Steps = int.MaxValue });
            Watcher watcher = new(seed, line.Score, source);
            state.Watcher = watcher;
            try
            {
                using InterpreterHandle trained = InterpreterTraining.Run(
                    new TrainingRequest(model, dataset, new HypernetworkOptions { Layer = Layer })
                    {
                        Options = Options(seed, line), State = state,
                    },
                    cancellation: source.Token).Interpreter;
            }
            catch (OperationCanceledException) when (watcher.Best.IsReached)
            {
            }
            return watcher.Best;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Ends the training at the first look that reaches the score.
    private sealed class Watcher(long seed, double score, CancellationTokenSource source) : IStepWatcher
    {
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private readonly TimeSpan _before = Process.GetCurrentProcess().TotalProcessorTime;

        public ScoreTime Best { get; private set; } = new(seed, score, 0, 0, 0, IsReached: false, 0, 0);

        public void Begin(IReadOnlyList<TrainingStep> behind, TimeSpan took)
        {
        }

        public void Add(TrainingStep step)
        {
            if (step.Validation?.Wordings.FirstOrDefault(w => w.Wording == RavelWording.Unseen) is not { } unseen
                || unseen.Disentangle <= Best.Reached)
            {
                return;
            }
            Best = new ScoreTime(
                seed, score, unseen.Disentangle, unseen.WorstCause, step.Step, unseen.Disentangle >= score,
                (Process.GetCurrentProcess().TotalProcessorTime - _before).TotalMinutes, _clock.Elapsed.TotalMinutes);
            if (Best.IsReached)
            {
                source.Cancel();
            }
        }
    }
}
