using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Numerics;

/// <summary>
/// The number formats of a target model: what its weights are held in, and what its products and hidden states are computed in. What is
/// stored decides the first one, and the device with its instruction sets the second; neither is measured.
/// </summary>
/// <param name="Held">Format of the weights in memory.</param>
/// <param name="Computed">Format of products and hidden states.</param>
/// <param name="Reason">Why, for people; a clause without a full stop.</param>
/// <param name="Automatic">Whether the machine decided, rather than the user.</param>
public sealed record NumberFormat(ModelDtype Held, ModelDtype Computed, string Reason, bool Automatic)
{
    // Maximum fraction of the memory for float32 weights; the rest is for hidden states and trained parameters.
    private const double WeightShare = 0.5;

    /// <summary>Decides for this machine.</summary>
    /// <param name="asked">Format to hold the weights in.</param>
    /// <param name="stored">Format of the stored weights.</param>
    /// <param name="weights">Number of weights.</param>
    /// <param name="device">Kind of device that the weights will live on.</param>
    public static NumberFormat Decide(ModelDtype asked, ScalarType stored, long weights, DeviceType device) =>
        Decide(asked, stored, weights, device, InstructionSet.Current, MemoryCheck.Available);

    /// <summary>Decides for any machine.</summary>
    /// <param name="asked">Format to hold the weights in.</param>
    /// <param name="stored">Format of the stored weights.</param>
    /// <param name="weights">Number of weights.</param>
    /// <param name="device">Kind of device that the weights will live on.</param>
    /// <param name="processor">What the processor can do.</param>
    /// <param name="memory">The machine's memory in bytes.</param>
    internal static NumberFormat Decide(
        ModelDtype asked, ScalarType stored, long weights, DeviceType device, InstructionSet processor, long memory)
    {
        bool automatic = asked == ModelDtype.Auto;
        // Float64 is also held in float32.
        ModelDtype held = automatic ? FromScalarType(stored) : asked;
        string origin = automatic ? $"stored as {stored}" : $"requested as {asked}";
        if (held == ModelDtype.Float32 || device != DeviceType.CPU || (held == ModelDtype.BFloat16 && processor.MultipliesBFloat16))
        {
            string able = held == ModelDtype.Float32 ? "" : device == DeviceType.CPU
                ? $", and the processor ({processor.Name}) has instructions for such products"
                : ", in which the card computes";
            return new NumberFormat(held, held, origin + able, automatic);
        }
        string slow = $"{origin}, and the processor ({processor.Name}) has no instructions for such products";
        double wide = (double)weights * sizeof(float);
        if (!automatic || held == ModelDtype.Float16)
        {
            return new NumberFormat(held, ModelDtype.Float32, $"{slow}: weights are converted product by product", automatic);
        }
        return wide <= memory * WeightShare
            ? new NumberFormat(
                ModelDtype.Float32, ModelDtype.Float32, $"{slow}, while float32 weights fit ({GiB(wide)} of {GiB(memory)} GiB)", automatic)
            : new NumberFormat(held, ModelDtype.Float32,
                $"{slow}; float32 weights would take {GiB(wide)} of {GiB(memory)} GiB, so weights are converted product by product",
                automatic);
    }

    /// <summary>Whether the numbers are the same; the reasons may differ.</summary>
    /// <param name="other">Another decision.</param>
    public bool Equivalent(NumberFormat other) => (Held, Computed) == (other.Held, other.Computed);

    /// <summary>
    /// Whether a model in this format is loaded again for a training that began in another one, on another machine: it goes on in that
    /// one, unless the user has decided otherwise.
    /// </summary>
    /// <param name="begun">The format that the training began in.</param>
    public bool YieldsTo(NumberFormat begun) => !Equivalent(begun) && (Automatic || Held == begun.Held);

    /// <summary>
    /// What a model is trained from scratch in on this machine's processor: weights are trained in float32 and saved in bfloat16.
    /// </summary>
    internal static NumberFormat ForPretraining() => InstructionSet.Current is { MultipliesBFloat16: true } able
        ? new NumberFormat(
            ModelDtype.Float32, ModelDtype.BFloat16, $"the processor ({able.Name}) has instructions for bfloat16 products", Automatic: true)
        : new NumberFormat(ModelDtype.Float32, ModelDtype.Float32,
            $"the processor ({InstructionSet.Current.Name}) has no instructions for bfloat16 products", Automatic: true);

    /// <summary>The element type of a format that was decided.</summary>
    /// <param name="dtype">Any but <see cref="ModelDtype.Auto"/>.</param>
    internal static ScalarType ToScalarType(ModelDtype dtype) => dtype switch
    {
        ModelDtype.BFloat16 => ScalarType.BFloat16,
        ModelDtype.Float16 => ScalarType.Float16,
        _ => ScalarType.Float32,
    };

    /// <summary>The format that an element type is held in.</summary>
    /// <param name="type">A floating-point type.</param>
    internal static ModelDtype FromScalarType(ScalarType type) => type switch
    {
        ScalarType.BFloat16 => ModelDtype.BFloat16,
        ScalarType.Float16 => ModelDtype.Float16,
        _ => ModelDtype.Float32,
    };

    /// <inheritdoc/>
    public override string ToString() => Held == Computed ? $"{Held}" : $"{Held}, computed in {Computed}";

    private static string GiB(double bytes) => (bytes / (1L << 30)).ToString("N1", CultureInfo.InvariantCulture);
}
