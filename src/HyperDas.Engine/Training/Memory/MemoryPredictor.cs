using System.Globalization;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Training.Memory;

/// <summary>Predicts the memory of a training before anything of it is allocated.</summary>
public static class MemoryPredictor
{
    // A process that hosts PowerShell's engine, after libtorch was loaded and used.
    private const long RuntimeBytes = 188L << 20;

    // Measured: what one example holds, as text and as tokens.
    private const long ExampleBytes = 1 << 10;

    // Measured: oneDNN's store when it is full (TorchRuntime bounds it); float32 products are another library's, which keeps nothing.
    private const long KernelBytes = 140L << 20;

    // Assumed, since no card was there to measure it: what the driver and the card's libraries keep for a process.
    private const long CardRuntimeBytes = 600L << 20;

    // A slab that grows is twice as large as before, and both are there while it is copied.
    private const double GrownSlab = 1.5;

    /// <summary>Predicts.</summary>
    /// <param name="config">The target model's shape.</param>
    /// <param name="weights">Numbers of the target.</param>
    /// <param name="format">What they are held and computed in.</param>
    /// <param name="method">What is trained. Parameters of methods with a fixed position don't count beside the rest.</param>
    /// <param name="prefixTokens">Tokens of the prompts as they are shown, whose hidden states are kept, if there is room.</param>
    /// <param name="wholeTokens">Tokens of whole base sequences, likewise.</param>
    /// <param name="examples">Training examples.</param>
    /// <param name="options">How it is trained.</param>
    /// <param name="step">The largest batch.</param>
    /// <param name="looked">What is looked at while training: kept beside the rest, for as long as the training.</param>
    /// <param name="devices">Names of the devices that the target is spread over, with commas between them; null for one.</param>
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

    // Only what the blocks take is elsewhere than on the first device.
    private static DeviceMemory[] Shares(
        ModelConfig config, NumberFormat format, int layer, MemoryPrediction all, StepMemory memory, StepShape step, string[] devices)
    {
        int[] places = BlockPlaces.Split(config, devices.Length);
        double[] weights = BlockPlaces.Weights(config, places, devices.Length);
        // Of a batch in parts.
        double part = all.Step / Math.Max(1.0, memory.Bytes(step));
        long[] bytes =
        [
            .. devices.Select((_, place) => (long)(weights[place] * Size(format.Held)) + (place == 0
                ? 0
                : (long)(part * memory.BlockBytes(step, places.Where((p, block) => p == place && block >= layer).Count())))),
        ];
        long above = bytes.Skip(1).Sum() - (long)(weights.Skip(1).Sum() * Size(format.Held));
        bytes[0] += all.Interpreter + all.Cache + Math.Max(0, all.Step - above);
        return [.. devices.Select((name, place) => new DeviceMemory(
            name.Trim().ToLowerInvariant(), places.Count(p => p == place), bytes[place]))];
    }

    /// <summary>What an interpreter's steps take.</summary>
    /// <param name="interpreter">What is trained.</param>
    /// <param name="recompute">Whether the blocks above the layer are run again on the way back.</param>
    internal static StepMemory StepOf(Interpreter interpreter, bool recompute = false)
    {
        LanguageModel target = interpreter.Target;
        HypernetworkOptions? network = interpreter.Options as HypernetworkOptions;
        double largest = interpreter.Parameters.Parameters.Select(p => p.Value.numel()).DefaultIfEmpty(0).Max();
        return new StepMemory(
            target.Config, SafetensorsDtype.ElementSize(target.ScalarType), interpreter.Layer, network, largest, recompute);
    }

    /// <summary>Predicts the memory of a training on examples that are there.</summary>
    /// <param name="model">The target model.</param>
    /// <param name="method">What is trained.</param>
    /// <param name="examples">The training examples.</param>
    /// <param name="options">How it is trained.</param>
    /// <param name="looked">Validation examples that are looked at while training; null for none.</param>
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

    /// <summary>Bytes of all hidden states that the examples of an epoch ask for.</summary>
    /// <param name="model">The target model.</param>
    /// <param name="method">What is trained.</param>
    /// <param name="examples">The training examples.</param>
    internal static double StateBytes(LanguageModel model, MethodOptions method, IReadOnlyCollection<TokenizedExample> examples)
    {
        (long prefixTokens, long wholeTokens) = LookedAt.Tokens(examples);
        return StateNumbers(model.Config, method as HypernetworkOptions, prefixTokens, wholeTokens) * Size(model.Format.Computed);
    }

    /// <summary>
    /// Refuses a training that this machine, the limit that the process was given, or the model's card has no memory for.
    /// </summary>
    /// <param name="model">The target model.</param>
    /// <param name="method">What is trained.</param>
    /// <param name="examples">The training examples.</param>
    /// <param name="options">How it is trained.</param>
    /// <param name="looked">Validation examples that are looked at while training; null for none.</param>
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
    /// Refuses a training that a card has no memory for. Weights, what is trained, kept hidden states and steps are
    /// there; the rest is the processor's.
    /// </summary>
    /// <param name="prediction">What the training takes.</param>
    /// <param name="card">Name of the card, e.g. <c>cuda:0</c>.</param>
    /// <param name="memory">Its memory in bytes.</param>
    /// <param name="target">The value at fault.</param>
    /// <param name="compact">What it would take with the compact hypernetwork that large targets have by default; null where it has that
    /// already, or the target isn't large.</param>
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
                    $"On '{card}' the training would take {GiB(needed)} GiB (model {GiB(prediction.Model)}, interpreter {GiB(prediction.Interpreter)}, cache {GiB(prediction.Cache)}, step {GiB(prediction.Step)}); the card has {GiB(memory)}. Choose a smaller BatchSize, MemoryLimit, CacheBytes, SubspaceInner, SubspaceSpan, Reflections or FeatureDimension, fewer Blocks, or hold the model in fewer bytes (-Dtype BFloat16).{Advice(compact is null ? null : OnCard(compact))}"),
                target);
        }
    }

    /// <summary>Refuses a training that one of several cards has no memory for.</summary>
    /// <param name="shares">What lies on each device; a card may be named twice.</param>
    /// <param name="memoryOf">Memory of a card by its name, in bytes; null where nobody knows.</param>
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
                        $"On '{card.Key}', with {card.Sum(share => share.Blocks)} of the model's blocks, the training would take {GiB(needed)} GiB; the card has {GiB(memory)}. Name more cards, or choose a smaller BatchSize, MemoryLimit, CacheBytes, SubspaceInner, SubspaceSpan, Reflections or FeatureDimension."),
                    target);
            }
        }
    }

    /// <summary>Refuses a training that this machine, or the limit that the process was given, has no memory for.</summary>
    /// <param name="prediction">What it takes.</param>
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
                    $"The training would take {prediction}; there are {available / (double)(1L << 30):N1} GiB. Choose a smaller BatchSize, SubspaceInner, SubspaceSpan, Reflections or FeatureDimension, fewer Blocks, or a smaller target model.{Advice(compact?.Total)}"),
                target);
        }
    }

    private static double OnCard(MemoryPrediction prediction) =>
        (double)CardRuntimeBytes + prediction.Model + prediction.Interpreter + prediction.Cache + prediction.Step;

    private static string Advice(double? compact) => compact is null ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $" With the compact hypernetwork that is the default beside such a target (AdapterRank left out) it would take {GiB(compact.Value)} GiB.");

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
