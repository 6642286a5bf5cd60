using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using HyperDas.Reference;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Benchmarks;

/// <summary>A training step of 16 examples against the original's way of making it.</summary>
internal static class TrainingBenchmark
{
    internal static void Run(ReferenceConfiguration configuration, Report report)
    {
        using HyperDasInterpreter start = new(configuration.Model, ReferenceConfiguration.Original, seed: 1);
        using ReferencePath path = new(start);
        using ReferenceTraining original = new(path, ReferenceConfiguration.Training, totalSteps: 1000);
        using Trained same = new(configuration, ReferenceConfiguration.Original),
            oneLayer = new(configuration, ReferenceConfiguration.OneLayer);
        using ReferenceConfiguration half = new(dtype: ModelDtype.BFloat16);
        using Trained halfTarget = new(half, ReferenceConfiguration.OneLayer);
        report.Add(new Wait("first step of an interpreter, one layer read", Timing.Once(() => oneLayer.Step(Batch(0))).Seconds * 1e3));
        Timing[] times = Timing.InTurns(
            report.Rounds,
            round =>
            {
                using DisposeScope scope = NewDisposeScope();
                original.Step(ReferenceBatch.Of(Batch(round), PaddingSide.Left, configuration.Model.TorchDevice));
            },
            round => same.Step(Batch(round)),
            round => same.StepCold(Batch(round)),
            round => oneLayer.Step(Batch(round)),
            round => halfTarget.Step(half.Examples[round % half.Examples.Length]));
        report.Add("train.step",
            "the original's options, hidden states cached; reference: four passes, every pair, explicit reflectors", times[1], times[0]);
        report.Add("train.step.cold", "the same, hidden states computed in the step", times[2], times[0]);
        report.Add("train.step.oneLayer", "the project's reading of the intervention layer alone, cached", times[3], times[0]);
        report.Add("train.step.bfloat16", $"the same over a target stored in bfloat16 (here {half.Model.Format})", times[4], times[0]);

        Fixed(configuration, half, report, "train.mdas",
            new MdasOptions { Layer = ReferenceConfiguration.OneLayer.Layer, FeatureDimension = 128 });
        Fixed(configuration, half, report, "train.das",
            new DasOptions { Layer = ReferenceConfiguration.OneLayer.Layer, FeatureDimension = 24 });

        TokenizedExample[] Batch(int round) => configuration.Examples[round % configuration.Examples.Length];
    }

    // DAS learns from cause examples alone; how many of a batch they are doesn't change what is compared.
    private static void Fixed(
        ReferenceConfiguration configuration, ReferenceConfiguration half, Report report, string name, FixedMethodOptions options)
    {
        TrainingOptions training = MethodOptions.TrainingOf(options.Method);
        using FixedPositionInterpreter start = (FixedPositionInterpreter)MethodCatalog.Create(
            configuration.Model, options, [ReferenceConfiguration.Concept], seed: 1);
        using ReferenceFixedTraining whole = new(start, training);
        using Trained trained = Of(configuration), halfTarget = Of(half);
        Timing[] times = Timing.InTurns(
            report.Rounds,
            round =>
            {
                using DisposeScope scope = NewDisposeScope();
                whole.Step(ReferenceBatch.Of(Batch(round), PaddingSide.Left, configuration.Model.TorchDevice));
            },
            round => trained.Step(Batch(round)),
            round => halfTarget.Step(half.Examples[round % half.Examples.Length]));
        report.Add(name,
            $"a step of {options.Method}, hidden states cached; reference: two whole passes, logits of every token", times[1], times[0]);
        report.Add($"{name}.bfloat16", $"the same over a target stored in bfloat16 (here {half.Model.Format})", times[2], times[0]);

        TokenizedExample[] Batch(int round) => configuration.Examples[round % configuration.Examples.Length];

        Trained Of(ReferenceConfiguration target) => new(target,
            (FixedPositionInterpreter)MethodCatalog.Create(target.Model, options, [ReferenceConfiguration.Concept], seed: 1), training);
    }
}
