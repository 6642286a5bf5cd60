using HyperDas.Engine.Evaluation;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Training;

namespace HyperDas.Parity;

/// <summary>What one training on the fixed rows gave.</summary>
/// <param name="Name">Which settings.</param>
/// <param name="Seed">Seed.</param>
/// <param name="Split">Which rows were scored.</param>
/// <param name="Steps">Optimiser steps.</param>
/// <param name="SecondsPerStep">Wall-clock time of training, hidden states of prompts included, divided by the steps.</param>
/// <param name="LossCurve">Mean prediction loss of steps 0-49, 250-299, 500-549, …</param>
/// <param name="HitRate">Percent of cause rows whose largest selection weight is the pair of last entity tokens;
/// null for fixed positions.</param>
/// <param name="Scores">Pooled over all rows and per attribute, by selection mode.</param>
internal sealed record ParityResult(
    string Name, long Seed, string Split, int Steps, double SecondsPerStep, IReadOnlyList<double> LossCurve, double? HitRate,
    IReadOnlyList<ParityScore> Scores);

/// <summary>Percent of rows that came out right.</summary>
/// <param name="Mode">Selection mode.</param>
/// <param name="Attribute">Target attribute, or <c>pooled</c>.</param>
/// <param name="Cause">Of cause rows.</param>
/// <param name="Isolate">Of isolate rows.</param>
internal sealed record ParityScore(string Mode, string Attribute, double Cause, double Isolate)
{
    public double Disentangle => (Cause + Isolate) / 2;
}

/// <summary>Trains one set of settings and scores it.</summary>
internal static class ParityRun
{
    private const int CurveStride = 250, CurveWindow = 50;

    public static ParityResult Run(
        LanguageModel model, RavelDataset dataset, ParitySettings settings, long seed, RavelSplit split, CancellationToken stop)
    {
        IProgress<WorkProgress> progress = new ConsoleProgress($"{settings.Name}, seed {seed}");
        dataset = settings.ConceptOnly ? ParityRows.ConceptOnly(dataset) : dataset;
        TrainingOptions training = settings.Training with { Seed = seed };
        TrainingResult trained = InterpreterTraining.Run(
            new TrainingRequest(model, dataset, settings.Method) { Options = training }, progress, stop);
        using Interpreter interpreter = (Interpreter)trained.Interpreter;
        SelectionMode[] modes = interpreter.LearnsSelection
            ? [SelectionMode.Soft, SelectionMode.OneToMany, SelectionMode.OneToOne, SelectionMode.GroundTruth]
            : [SelectionMode.Soft];
        IReadOnlyList<RavelScore> scores = RavelScorer.Score(interpreter, dataset, split, modes, progress, stop);
        return new ParityResult(
            settings.Name,
            seed,
            split.ToString(),
            trained.Steps,
            trained.Duration.TotalSeconds / trained.Steps,
            Curve(trained.Metrics),
            interpreter.LearnsSelection ? SelectionHits.Percent(interpreter, dataset.Split(split)) : null,
            [.. scores.GroupBy(s => s.SelectionMode).SelectMany(Pooled)]);
    }

    // The original's figures are pooled over rows; the engine's "(all)" is the mean of attributes.
    private static IEnumerable<ParityScore> Pooled(IGrouping<SelectionMode, RavelScore> scores)
    {
        RavelScore[] attributes = [.. scores.Where(s => s.Attribute != RavelScore.All)];
        string mode = scores.Key.ToString();
        yield return new ParityScore(
            mode,
            "pooled",
            attributes.Where(s => s.CauseCount > 0).Sum(s => s.Cause * s.CauseCount) / attributes.Sum(s => s.CauseCount),
            attributes.Where(s => s.IsolateCount > 0).Sum(s => s.Isolate * s.IsolateCount) / attributes.Sum(s => s.IsolateCount));
        foreach (RavelScore score in attributes)
        {
            yield return new ParityScore(mode, score.Attribute, score.Cause, score.Isolate);
        }
    }

    private static double[] Curve(IReadOnlyList<TrainingStep> steps) =>
    [
        .. Enumerable.Range(0, (steps.Count + CurveStride - 1) / CurveStride)
            .Select(i => steps.Skip(i * CurveStride).Take(CurveWindow).Average(s => s.PredictionLoss)),
    ];

    private sealed class ConsoleProgress(string what) : IProgress<WorkProgress>
    {
        private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(30);
        private DateTime _next = DateTime.UtcNow;

        public void Report(WorkProgress value)
        {
            if (DateTime.UtcNow >= _next)
            {
                _next = DateTime.UtcNow + s_interval;
                Console.Error.WriteLine($"{what}: {value.Activity}, {value.Status}");
            }
        }
    }
}
