using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Numerics.Kernels;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Benchmarks;

/// <summary>Where the time of a training step goes: the phases of <see cref="TrainingLoop.Step"/>, one by one.</summary>
internal static class PhaseBenchmark
{
    private const int WarmUpRounds = 3;

    internal static void Run(ReferenceConfiguration configuration, Report report)
    {
        report.Add("original's options", Measure(configuration, ReferenceConfiguration.Original, report.Rounds));
        report.Add("one layer", Measure(configuration, ReferenceConfiguration.OneLayer, report.Rounds));
    }

    private static List<(string Phase, Timing Time)> Measure(ReferenceConfiguration configuration, HypernetworkOptions options, int rounds)
    {
        using HyperDasInterpreter interpreter = new(configuration.Model, options, seed: 1);
        using ActivationCache cache = interpreter.CreateCache();
        configuration.Warm(cache);
        InterchangeBatchBuilder builder = new(
            configuration.Model, cache, options.Layer, options.NormedLastLayerSource, ShapeRounding.LengthMultiple);
        using FlatAdamW optimiser = new(interpreter.Parameters);
        Dictionary<string, List<Timing>> phases = [];
        for (int round = -WarmUpRounds; round < rounds; round++)
        {
            TokenizedExample[] examples = configuration.Examples[(round + WarmUpRounds) % configuration.Examples.Length];
            Step(interpreter, builder, optimiser, examples, (phase, work) =>
            {
                Timing time = Timing.Once(work);
                if (round >= 0)
                {
                    (phases.TryGetValue(phase, out List<Timing>? times) ? times : phases[phase] = []).Add(time);
                }
            });
        }
        return [.. phases.Select(p => (p.Key, Timing.Median(p.Value)))];
    }

    private static void Step(
        HyperDasInterpreter interpreter, InterchangeBatchBuilder builder, FlatAdamW optimiser, TokenizedExample[] examples,
        Action<string, Action> phase)
    {
        using DisposeScope scope = NewDisposeScope();
        TrainingOptions training = ReferenceConfiguration.Training;
        InterchangeBatch batch = null!;
        Patch patch = default;
        Tensor loss = null!;
        double norm = 0;
        phase("build batch", () => batch = builder.Build(examples));
        phase("clear gradients", interpreter.Parameters.ClearGradients);
        phase("propose", () => patch = interpreter.Propose(batch));
        phase("edit, upper blocks, losses", () =>
        {
            Tensor logits = interpreter.LabelLogits(batch, Interpreter.Edit(batch, patch, SelectionMode.Soft));
            float[] weights =
                [.. batch.LabelExamples.Select(n => (float)(batch.IsCause[n] ? training.CauseWeight : training.IsolateWeight))];
            loss = Losses.Prediction(logits, batch.Labels, tensor(weights)) + Losses.Sparsity(patch.Weights);
        });
        phase("backward", () => OwnGradient.Backward(loss));
        phase("gradient norm", () => norm = interpreter.Parameters.GradientNorm().item<float>());
        phase("optimiser", () => optimiser.Step(
            _ => new GroupRate(training.LearningRate, training.WeightDecay), Math.Min(1, training.ClipNorm / (norm + 1e-6))));
    }
}
