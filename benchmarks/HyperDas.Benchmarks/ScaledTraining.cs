using System.Diagnostics;
using System.Globalization;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Numerics.Kernels;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.Memory;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Benchmarks;

/// <summary>
/// Ten steps of HyperDAS on a large target with what is the default there: memory against the prediction, time, and where it goes.
/// </summary>
internal static class ScaledTraining
{
    private const int BatchSize = 4, PromptTokens = 32, Distinct = 8, Steps = 10, FeatureDimension = 128;

    internal static void Run(LanguageModel model)
    {
        TokenizedExample[] examples = [.. Enumerable.Range(0, Distinct).Select(number => ScaleBenchmark.Example(number, PromptTokens))];
        HypernetworkOptions asked = new() { Layer = (model.BlockCount / 2) - 1, FeatureDimension = FeatureDimension };
        TrainingOptions training = CompactDefaults.Settle(
            model.Config, asked,
            new TrainingOptions { BatchSize = BatchSize, Epochs = Steps * BatchSize / Distinct, ValidateEvery = 0, KeepBest = false });
        HypernetworkOptions network = (HypernetworkOptions)CompactDefaults.Settle(model.Config, asked);
        MemoryPrediction prediction = MemoryPredictor.Predict(model, network, examples, training);
        Write(
            $"HyperDAS, {HyperDasInterpreter.StartOf(model, network)}, subspace's inner width {network.SubspaceInner} and span {network.SubspaceSpan}, moments in {training.MomentFormat}, recompute {training.Recompute}: {prediction}");
        MemoryPredictor.ThrowIfTooLarge(prediction, network);
        using HyperDasInterpreter interpreter = new(model, network, seed: 1);
        Write($"trained numbers: {interpreter.ParameterCount / 1e6:N1} million");
        Stopwatch clock = Stopwatch.StartNew();
        List<double> seconds = [], losses = [];
        Trainer.Train(interpreter, examples, training, log: step =>
        {
            seconds.Add(clock.Elapsed.TotalSeconds);
            losses.Add(step.Loss);
            clock.Restart();
        });
        double[] later = [.. seconds.Skip(1).Order()];
        Write(
            $"{seconds.Count} steps: {later[later.Length / 2]:F1} s a step (median; shortest {later[0]:F1}), the first with hidden states {seconds[0]:F1}; loss {losses[0]:F3} to {losses[^1]:F3}");
        Write(
            $"at its highest {ProcessMemory.Peak() / (double)(1L << 30):F2} GiB; predicted {prediction.Total / (double)(1L << 30):F2}, ratio {(double)prediction.Total / ProcessMemory.Peak():F3}");
        Phases(interpreter, training, examples[..BatchSize]);
        Stored(interpreter);
    }

    private static void Phases(HyperDasInterpreter interpreter, TrainingOptions training, TokenizedExample[] examples)
    {
        using DisposeScope scope = NewDisposeScope();
        using ActivationCache cache = interpreter.CreateCache();
        InterchangeBatchBuilder builder = new(interpreter.Target, cache, interpreter.Layer);
        using FlatAdamW optimiser = new(interpreter.Parameters, format: training.MomentFormat ?? MomentFormat.Float32);
        InterchangeBatch batch = builder.Build(examples);
        Patch patch = default;
        Tensor loss = null!;
        Phase("propose", () => patch = interpreter.Propose(batch));
        Phase("edit, upper blocks, losses", () =>
        {
            Tensor logits = interpreter.LabelLogits(batch, Interpreter.Edit(batch, patch, SelectionMode.Soft), training.Recompute == true);
            loss = Losses.Prediction(logits, batch.Labels, null) + Losses.Sparsity(patch.Weights);
        });
        Phase("backward", () => OwnGradient.Backward(loss));
        Phase("optimiser", () => optimiser.Step(_ => new GroupRate(training.LearningRate, training.WeightDecay)));
        interpreter.Parameters.ClearGradients();
    }

    private static void Stored(HyperDasInterpreter interpreter)
    {
        string folder = Path.Combine(Path.GetTempPath(), "hyperdas-scale-interpreter");
        try
        {
            foreach (ModelDtype format in (ModelDtype[])[ModelDtype.Float32, ModelDtype.BFloat16])
            {
                InterpreterStore.Save(interpreter, folder, format);
                Write($"on disk in {format}: {new FileInfo(Path.Combine(folder, InterpreterStore.ParametersFile)).Length / 1e6:N0} MB");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Phase(string what, Action work) => Write($"  {what}: {Timing.Once(work).Seconds:F2} s");

    private static void Write(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
