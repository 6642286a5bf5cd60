using System.Globalization;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Training.Memory;

/// <summary>Predicts the memory of a training before any of it is allocated.</summary>
public static class MemoryPredictor
{
    // A process that hosts PowerShell's engine and has loaded and used libtorch.
    private const long RuntimeBytes = 188L << 20;

    // Measured: memory of one example, as text and as tokens.
    private const long ExampleBytes = 1 << 10;

    // Measured: oneDNN's cache when full (bounded by TorchRuntime); another library without a cache computes float32 products.
    private const long KernelBytes = 140L << 20;

    // Assumed, because no card was available to measure it: memory that the driver and the card's libraries use per process.
    private const long CardRuntimeBytes = 600L << 20;

    // A slab doubles its size when it grows, and both exist while it is copied.
    private const double GrownSlab = 1.5;

    /// <summary>Predicts the memory of a training from sizes.</summary>
    /// <param name="config">The target model's shape.</param>
    /// <param name="weights">Number of the target's weights.</param>
    /// <param name="format">The target's number formats.</param>
    /// <param name="method">The method. Parameters of methods with a fixed position are negligible.</param>
    /// <param name="prefixTokens">Number of tokens of the prompts as shown, whose hidden states are cached if there is room.</param>
    /// <param name="wholeTokens">Number of tokens of whole base sequences, likewise.</param>
    /// <param name="examples">Training examples.</param>
    /// <param name="options">Options of the training.</param>
    /// <param name="step">The largest batch.</param>
    /// <param name="looked">Validation examples; their hidden states are cached in addition, for the whole training.</param>
    /// <param name="devices">Comma-separated names of the devices over which the target is distributed; null for one.</param>
    internal static MemoryPrediction Predict(
        ModelConfig config, long weights, NumberFormat format, MethodOptions method, long prefixTokens, long wholeTokens, double examples,
        TrainingOptions options, StepShape step, LookedAt looked = default, string? devices = null)
    {
        HypernetworkOptions? network = method as HypernetworkOptions;
        HypernetworkSize? size = network is null ? null : HypernetworkSize.Of(HypernetworkShape.Of(config, network), network);
        int stateBytes = Size(format.Computed);
        StepMemory memory = new(config, stateBytes, method.Layer, network, size?.Largest ?? 0, options.Recompute == true);
        double cache = Cache(prefixTokens, wholeTokens) + Cache(looked.PrefixTokens, looked.WholeTokens);
        long stepBytes = Math.Min(
            memory.Bytes(step), Math.Max(memory.Bytes(step with { Examples = 1 }), options.MemoryLimit ?? long.MaxValue));
        MemoryPrediction prediction = new(
            RuntimeBytes, Bounded(CollectorMemory.Bytes() + ((examples + looked.Examples) * ExampleBytes)),
            format.Computed == ModelDtype.Float32
                ? 0
                : KernelBytes, weights * Size(format.Held), Bounded((size?.Total ?? 0) * (MemoryCheck.TrainedBytesOf(options.MomentFormat
                    ?? MomentFormat.Float32) + KeptBytes(options))), (long)cache, stepBytes);
        return devices?.Contains(',') == true
            ? prediction with { Devices = Shares(config, format, method.Layer, prediction, memory, step, devices.Split(',')) }
            : prediction;

        double Cache(double prefixes, double whole) =>
            Math.Min(options.CacheBytes, StateNumbers(config, network, prefixes, whole) * stateBytes * GrownSlab);
    }

    // Only the blocks' memory is on other devices than the first.
    private static DeviceMemory[] Shares(
        ModelConfig config, NumberFormat format, int layer, MemoryPrediction all, StepMemory memory, StepShape step, string[] devices)
    {
        int[] places = BlockPlaces.Split(config, devices.Length);
        double[] weights = BlockPlaces.Weights(config, places, devices.Length);
        // For a batch in parts.
        double part = all.Step / Math.Max(1.0, memory.Bytes(step));
        long[] bytes =
        [
            .. devices.Select((_, place) => (long)(weights[place] * Size(format.Held)) + (place == 0
                ? 0
                : (long)(part * memory.BlockBytes(
                    step, places.Where((p, block) => p == place && block >= layer).Count(), toTop: places[^1] == place)))),
        ];
        long above = bytes.Skip(1).Sum() - (long)(weights.Skip(1).Sum() * Size(format.Held));
        bytes[0] += all.Interpreter + all.Cache + Math.Max(0, all.Step - above);
        return [.. devices.Select((name, place) => new DeviceMemory(
            name.Trim().ToLowerInvariant(), places.Count(p => p == place), bytes[place]))];
    }

    /// <summary>Memory of an interpreter's steps.</summary>
    /// <param name="interpreter">The interpreter.</param>
    /// <param name="recompute">Whether the blocks above the layer are recomputed in the backward pass.</param>
    internal static StepMemory StepOf(Interpreter interpreter, bool recompute = false)
    {
        LanguageModel target = interpreter.Target;
        HypernetworkOptions? network = interpreter.Options as HypernetworkOptions;
        double largest = interpreter.Parameters.Parameters.Select(p => p.Value.numel()).DefaultIfEmpty(0).Max();
        return new StepMemory(
            target.Config, SafetensorsDtype.ElementSize(target.ScalarType), interpreter.Layer, network, largest, recompute);
    }

    /// <summary>Predicts the memory of a training on existing examples.</summary>
    /// <param name="model">The target model.</param>
    /// <param name="method">The method.</param>
    /// <param name="examples">The training examples.</param>
    /// <param name="options">Options of the training.</param>
    /// <param name="looked">Validation examples; null for none.</param>
    public static MemoryPrediction Predict(
        LanguageModel model, MethodOptions method, IReadOnlyCollection<TokenizedExample> examples, TrainingOptions options,
        IReadOnlyCollection<TokenizedExample>? looked = null)
    {
        (long prefixTokens, long wholeTokens) = LookedAt.Tokens(examples);
        StepShape step = examples.Count == 0 ? new StepShape(1, 1, 1, 1, 1, 1) : StepShape.Of(examples) with
        {
            Examples = Math.Min(options.BatchSize, examples.Count)
        };
        return Predict(
            model.Config, model.ParameterCount, model.Format, method, prefixTokens, wholeTokens,
            examples.Count, options, step, LookedAt.Of(looked ?? []), model.Device);
    }

    /// <summary>Size of all hidden states that the examples of an epoch need.</summary>
    /// <param name="model">The target model.</param>
    /// <param name="method">The method.</param>
    /// <param name="examples">The training examples.</param>
    internal static double StateBytes(LanguageModel model, MethodOptions method, IReadOnlyCollection<TokenizedExample> examples)
    {
        (long prefixTokens, long wholeTokens) = LookedAt.Tokens(examples);
        return StateNumbers(model.Config, method as HypernetworkOptions, prefixTokens, wholeTokens) * Size(model.Format.Computed);
    }

    /// <summary>Throws for a training that exceeds the memory of this machine, of the process limit, or of the model's card.</summary>
    /// <param name="model">The target model.</param>
    /// <param name="method">The method.</param>
    /// <param name="examples">The training examples.</param>
    /// <param name="options">Options of the training.</param>
    /// <param name="looked">Validation examples; null for none.</param>
    /// <exception cref="HyperDasException"><c>MemoryInsufficient</c>.</exception>
    internal static void ThrowIfTooLarge(
        LanguageModel model, MethodOptions method, IReadOnlyCollection<TokenizedExample> examples, TrainingOptions options,
        IReadOnlyCollection<TokenizedExample>? looked = null)
    {
        MemoryPrediction prediction = Predict(model, method, examples, options, looked);
        MemoryPrediction? compact = CompactDefaults.Instead(model.Config, method, options) is { } instead
            ? Predict(model, instead.Method, examples, instead.Training, looked)
            : null;
        if (model.TorchDevice.type == TorchSharp.DeviceType.CPU)
        {
            ThrowIfTooLarge(prediction, method, compact);
        }
        else if (prediction.Devices.Count > 0)
        {
            ThrowIfTooLarge(prediction.Devices, name => CardMemory.Total(ComputeDevice.Parse(name).index), method);
        }
        else if (CardMemory.Total(model.TorchDevice.index) is long memory)
        {
            ThrowIfTooLarge(prediction, model.Device, memory, method, compact);
        }
    }

    /// <summary>
    /// Throws for a training that exceeds the memory of a card, which holds weights, trained parameters, cached hidden states and steps;
    /// the rest is in the processor's memory.
    /// </summary>
    /// <param name="prediction">Predicted memory of the training.</param>
    /// <param name="card">Name of the card, e.g. <c>cuda:0</c>.</param>
    /// <param name="memory">Its memory in bytes.</param>
    /// <param name="target">The value at fault.</param>
    /// <param name="compact">Memory with the compact hypernetwork, the default for large targets; null if it is already compact or the
    /// target isn't large.</param>
    /// <exception cref="HyperDasException"><c>MemoryInsufficient</c>.</exception>
    internal static void ThrowIfTooLarge(
        MemoryPrediction prediction, string card, long memory, object? target, MemoryPrediction? compact = null)
    {
        double needed = OnCard(prediction);
        if (needed > memory)
        {
            throw new HyperDasException(
                "MemoryInsufficient", HyperDasErrorKind.ResourceUnavailable,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"On '{card}' the training would take {GiB(needed)} GiB (model {GiB(prediction.Model)}, interpreter {GiB(prediction.Interpreter)}, cache {GiB(prediction.Cache)}, step {GiB(prediction.Step)}); the card has {GiB(memory)}. Use a smaller BatchSize, MemoryLimit, CacheBytes, SubspaceInner, SubspaceSpan, Reflections or FeatureDimension, fewer Blocks, or a smaller number format for the model (-Dtype BFloat16).{Advice(compact is null ? null : OnCard(compact))}"),
                target);
        }
    }

    /// <summary>Throws for a training that exceeds the memory of one of several cards.</summary>
    /// <param name="shares">Memory on each device; a card may occur twice.</param>
    /// <param name="memoryOf">Memory of a card by name, in bytes; null if unknown.</param>
    /// <param name="target">The value at fault.</param>
    /// <exception cref="HyperDasException"><c>MemoryInsufficient</c>.</exception>
    internal static void ThrowIfTooLarge(IReadOnlyList<DeviceMemory> shares, Func<string, long?> memoryOf, object? target)
    {
        foreach (IGrouping<string, DeviceMemory> card in shares.GroupBy(share => share.Device))
        {
            double needed = (double)CardRuntimeBytes + card.Sum(share => share.Bytes);
            if (memoryOf(card.Key) is long memory && needed > memory)
            {
                throw new HyperDasException(
                    "MemoryInsufficient", HyperDasErrorKind.ResourceUnavailable,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"On '{card.Key}', with {card.Sum(share => share.Blocks)} of the model's blocks, the training would take {GiB(needed)} GiB; the card has {GiB(memory)}. Use more cards, or a smaller BatchSize, MemoryLimit, CacheBytes, SubspaceInner, SubspaceSpan, Reflections or FeatureDimension."),
                    target);
            }
        }
    }

    /// <summary>Throws for a training that exceeds the memory of this machine or of the process limit.</summary>
    /// <param name="prediction">Predicted memory of the training.</param>
    /// <param name="target">The value at fault.</param>
    /// <param name="compact">As for a card.</param>
    /// <exception cref="HyperDasException"><c>MemoryInsufficient</c>.</exception>
    internal static void ThrowIfTooLarge(MemoryPrediction prediction, object? target, MemoryPrediction? compact = null)
    {
        long available = MemoryCheck.Available;
        if (prediction.Total > available)
        {
            throw new HyperDasException(
                "MemoryInsufficient", HyperDasErrorKind.ResourceUnavailable,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The training would take {prediction}; {available / (double)(1L << 30):N1} GiB are available. Use a smaller BatchSize, SubspaceInner, SubspaceSpan, Reflections or FeatureDimension, fewer Blocks, or a smaller target model.{Advice(compact?.Total)}"),
                target);
        }
    }

    private static double OnCard(MemoryPrediction prediction) =>
        (double)CardRuntimeBytes + prediction.Model + prediction.Interpreter + prediction.Cache + prediction.Step;

    private static string Advice(double? compact) => compact is null ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $" With the compact hypernetwork, the default for such a target (AdapterRank omitted), it would take {GiB(compact.Value)} GiB.");

    private static double StateNumbers(ModelConfig config, HypernetworkOptions? network, double prefixTokens, double wholeTokens)
    {
        long levels = network?.Reads == StackDepth.AllLayers ? config.BlockCount + 2 : 1;
        return ((prefixTokens * levels) + wholeTokens) * config.HiddenSize;
    }

    private static string GiB(double bytes) => (bytes / (1L << 30)).ToString("N1", CultureInfo.InvariantCulture);

    private static int Size(ModelDtype dtype) => SafetensorsDtype.ElementSize(NumberFormat.ToScalarType(dtype));

    // The best parameters so far, in float32.
    private static int KeptBytes(TrainingOptions options) => options.KeepBest && options.ValidateEvery != 0 ? sizeof(float) : 0;

    private static long Bounded(double bytes) => (long)Math.Min(bytes, long.MaxValue / 8);
}
