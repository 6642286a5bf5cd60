using System.Diagnostics;
using System.Globalization;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.Memory;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Benchmarks;

/// <summary>
/// What a target model of Llama-3-8B's size costs: loading, against reading the same files; an answer; an intervention and a training step
/// of a method with a fixed position; a step of HyperDAS, or why this machine can't make one.
/// </summary>
internal static class ScaleBenchmark
{
    private const int Layer = 16, PromptTokens = 12, NewTokens = 3;

    internal static void Run(string? folder)
    {
        string place = folder ?? Path.Combine(Path.GetTempPath(), "hyperdas-scale");
        try
        {
            Write($"writing: {Timing.Once(() => LargeCheckpoint.Write(place, LargeCheckpoint.Config)).Seconds:F0} s");
            long bytes = Directory.GetFiles(place, "*.safetensors").Sum(f => new FileInfo(f).Length);
            double reading = Timing.Once(() => LargeCheckpoint.Read(place, new byte[16 << 20])).Seconds;
            Write($"reading the files alone: {reading:F1} s, {bytes / reading / 1e9:F2} GB/s");
            Measure(place, bytes);
        }
        finally
        {
            if (folder is null && Directory.Exists(place))
            {
                Directory.Delete(place, recursive: true);
            }
        }
    }

    private static void Measure(string folder, long bytes)
    {
        using (NewDisposeScope())
        {
            rand(64, 64).matmul(rand(64, 64));
        }
        ProcessMemory.ResetPeak();
        long before = ProcessMemory.Peak();
        LanguageModel? loaded = null;
        double loading = Timing.Once(() => loaded = LanguageModel.Load(folder)).Seconds;
        using LanguageModel model = loaded!;
        Write($"loading: {loading:F1} s, {bytes / loading / 1e9:F2} GB/s; at its highest {ProcessMemory.Peak() - before:N0} bytes more, {(ProcessMemory.Peak() - before) / (double)bytes:F3} times the weights ({ProcessMemory.Peak() >> 20:N0} MiB in all)");

        int[] prompt = [128000, .. Enumerable.Range(1, PromptTokens - 1).Select(i => i * 9973 % 128000)];
        IReadOnlyList<int[]> answer = [];
        double generating = Timing.Once(() => answer = TextGenerator.Generate(model, [prompt], new GenerationOptions { MaxNewTokens = NewTokens })).Seconds;
        Write($"an answer of {answer[0].Length} tokens to {PromptTokens}: {generating:F1} s");

        TokenizedExample[] batch = [.. Enumerable.Range(0, 4).Select(Example)];
        ConceptKey concept = batch[0].Concept!;
        using FixedPositionInterpreter mdas = (FixedPositionInterpreter)MethodCatalog.Create(model, new MdasOptions { Layer = Layer, FeatureDimension = 16 }, [concept], seed: 1);
        using ActivationCache cache = mdas.CreateCache();
        InterchangeBatchBuilder builder = new(model, cache, Layer);
        TimeOf("hidden states of 4 pairs of prompts", () => builder.Build(batch));
        TimeOf("an intervention on them", () =>
        {
            using IDisposable noGradient = no_grad();
            InterchangeBatch built = builder.Build(batch);
            mdas.LabelLogits(built, Interpreter.Edit(built, mdas.Propose(built), SelectionMode.OneToOne)).argmax(-1);
        });
        using TrainingLoop loop = new(mdas, TrainingOptions.Of(InterpreterMethod.Mdas), totalSteps: 10);
        TimeOf("a training step of MDAS", () => loop.Step(builder.Build(batch), 0));
        Write($"at its highest so far {ProcessMemory.Peak() >> 20:N0} MiB");

        HypernetworkOptions network = new() { Layer = Layer, Blocks = 2, FeatureDimension = 16, Reflections = 16, SubspaceInner = 256 };
        Write($"HyperDAS with two blocks: {MemoryPredictor.Predict(model, network, batch, new TrainingOptions { BatchSize = batch.Length })}");
        try
        {
            MemoryPredictor.ThrowIfTooLarge(MemoryPredictor.Predict(model, network, batch, new TrainingOptions { BatchSize = batch.Length }), network);
            using HyperDasInterpreter interpreter = new(model, network, seed: 1);
            TimeOf("a training of one step", () => Trainer.Train(interpreter, batch, new TrainingOptions { BatchSize = batch.Length, MaxSteps = 1 }));
        }
        catch (HyperDasException e)
        {
            Write($"refused before it begins ({e.ErrorId}): {e.Message}");
        }
    }

    private static TokenizedExample Example(int number)
    {
        int[] Ids(int seed) => [128000, .. Enumerable.Range(1, PromptTokens - 1).Select(i => ((i * 7919) + (seed * 104729)) % 128000)];
        return new TokenizedExample
        {
            BaseIds = Ids(number),
            PromptLength = PromptTokens - 1,
            BaseVisible = PromptTokens - 3,
            BaseEntityIndex = PromptTokens - 4,
            SourceIds = Ids(number + 50),
            SourceVisible = PromptTokens - 3,
            SourceEntityIndex = PromptTokens - 4,
            InstructionIds = Ids(99)[..8],
            Concept = new ConceptKey("city", "Country"),
            IsCause = number % 2 == 0,
        };
    }

    private static void TimeOf(string what, Action work)
    {
        using DisposeScope scope = NewDisposeScope();
        Write($"{what}: {Timing.Once(work).Seconds:F1} s");
    }

    private static void Write(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
