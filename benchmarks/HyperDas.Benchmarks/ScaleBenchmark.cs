using System.Globalization;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Benchmarks;

/// <summary>
/// What a target model of Llama-3-8B's size costs: loading, against reading the same files; an answer; an intervention and a training step
/// of a method with a fixed position; ten steps of HyperDAS with what is the default there.
/// </summary>
internal static class ScaleBenchmark
{
    private const int PromptTokens = 12, NewTokens = 3;

    internal static void Run(string? folder, string shape)
    {
        string place = folder ?? Path.Combine(Path.GetTempPath(), "hyperdas-scale");
        try
        {
            Write($"writing: {Timing.Once(() => LargeCheckpoint.Write(place, ModelShapes.All[shape])).Seconds:F0} s");
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
        Write(
            $"loading: {loading:F1} s, {bytes / loading / 1e9:F2} GB/s; at its highest {ProcessMemory.Peak() - before:N0} bytes more, {(ProcessMemory.Peak() - before) / (double)bytes:F3} times the weights ({ProcessMemory.Peak() >> 20:N0} MiB in all)");

        int[] prompt = Ids(0, PromptTokens);
        IReadOnlyList<int[]> answer = [];
        double generating = Timing.Once(
            () => answer = TextGenerator.Generate(model, [prompt], new GenerationOptions { MaxNewTokens = NewTokens })).Seconds;
        Write($"an answer of {answer[0].Length} tokens to {PromptTokens}: {generating:F1} s");

        TokenizedExample[] batch = [.. Enumerable.Range(0, 4).Select(number => Example(number, PromptTokens))];
        ConceptKey concept = batch[0].Concept!;
        using FixedPositionInterpreter mdas = (FixedPositionInterpreter)MethodCatalog.Create(
            model, new MdasOptions { Layer = model.BlockCount / 2, FeatureDimension = 16 }, [concept], seed: 1);
        using ActivationCache cache = mdas.CreateCache();
        InterchangeBatchBuilder builder = new(model, cache, mdas.Layer);
        TimeOf("hidden states of 4 pairs of prompts", () => builder.Build(batch));
        TimeOf("an intervention on them", () =>
        {
            using IDisposable noGradient = no_grad();
            InterchangeBatch built = builder.Build(batch);
            mdas.LabelLogits(built, Interpreter.Edit(built, mdas.Propose(built), SelectionMode.OneToOne)).argmax(-1);
        });
        using TrainingLoop loop = new(mdas, MethodOptions.TrainingOf(InterpreterMethod.Mdas), totalSteps: 10);
        TimeOf("a training step of MDAS", () => loop.Step(builder.Build(batch), 0));
        Write($"at its highest so far {ProcessMemory.Peak() >> 20:N0} MiB");

        ScaledTraining.Run(model);
    }

    /// <summary>An example of tokens that mean nothing.</summary>
    /// <param name="number">Which one.</param>
    /// <param name="tokens">Tokens of each prompt.</param>
    internal static TokenizedExample Example(int number, int tokens) => new()
    {
        BaseIds = Ids(number, tokens),
        PromptLength = tokens - 1,
        BaseVisible = tokens - 3,
        BaseEntityIndex = tokens - 4,
        SourceIds = Ids(number + 50, tokens),
        SourceVisible = tokens - 3,
        SourceEntityIndex = tokens - 4,
        InstructionIds = Ids(99, tokens)[..8],
        Concept = new ConceptKey("city", "Country"),
        IsCause = number % 2 == 0,
    };

    // Within every shape's vocabulary.
    private static int[] Ids(int seed, int tokens) =>
        [1, .. Enumerable.Range(1, tokens - 1).Select(i => ((i * 7919) + (seed * 104729)) % 31999)];

    private static void TimeOf(string what, Action work)
    {
        using DisposeScope scope = NewDisposeScope();
        Write($"{what}: {Timing.Once(work).Seconds:F1} s");
    }

    private static void Write(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
