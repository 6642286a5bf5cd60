using HyperDas.Engine.Numerics;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Numerics;

public sealed class NumberFormatTests
{
    private const long Weights = 1_000_000_000, Small = 4L << 30, Large = 64L << 30;

    private static readonly InstructionSet s_slow = new("slow", MultipliesBFloat16: false), s_fast = new("fast", MultipliesBFloat16: true);

    [Theory]
    // A processor with instructions for bfloat16 products.
    [InlineData(ScalarType.BFloat16, true, Small, ModelDtype.BFloat16, ModelDtype.BFloat16)]
    [InlineData(ScalarType.Float32, true, Large, ModelDtype.Float32, ModelDtype.Float32)]
    [InlineData(ScalarType.Float16, true, Large, ModelDtype.Float16, ModelDtype.Float32)]
    [InlineData(ScalarType.Float64, true, Large, ModelDtype.Float32, ModelDtype.Float32)]
    // One without.
    [InlineData(ScalarType.BFloat16, false, Large, ModelDtype.Float32, ModelDtype.Float32)]
    [InlineData(ScalarType.BFloat16, false, Small, ModelDtype.BFloat16, ModelDtype.Float32)]
    [InlineData(ScalarType.Float32, false, Small, ModelDtype.Float32, ModelDtype.Float32)]
    [InlineData(ScalarType.Float16, false, Large, ModelDtype.Float16, ModelDtype.Float32)]
    [InlineData(ScalarType.Float64, false, Small, ModelDtype.Float32, ModelDtype.Float32)]
    public void What_is_stored_is_held_unless_the_processor_is_slow_in_it_and_float32_fits(
        ScalarType stored, bool fast, long memory, ModelDtype held, ModelDtype computed)
    {
        NumberFormat format = Decide(ModelDtype.Auto, stored, fast, memory: memory);

        Assert.Equal((held, computed, true), (format.Held, format.Computed, format.Automatic));
    }

    [Theory]
    [InlineData(ModelDtype.BFloat16, true, ModelDtype.BFloat16)]
    [InlineData(ModelDtype.BFloat16, false, ModelDtype.Float32)]
    [InlineData(ModelDtype.Float16, true, ModelDtype.Float32)]
    [InlineData(ModelDtype.Float32, true, ModelDtype.Float32)]
    public void A_format_that_was_asked_for_is_held_and_the_machine_decides_what_it_computes_in(
        ModelDtype asked, bool fast, ModelDtype computed)
    {
        NumberFormat format = Decide(asked, ScalarType.BFloat16, fast);

        Assert.Equal((asked, computed, false), (format.Held, format.Computed, format.Automatic));
    }

    [Theory]
    [InlineData(ScalarType.BFloat16, ModelDtype.BFloat16)]
    [InlineData(ScalarType.Float16, ModelDtype.Float16)]
    [InlineData(ScalarType.Float32, ModelDtype.Float32)]
    public void A_card_computes_in_what_is_stored(ScalarType stored, ModelDtype expected)
    {
        NumberFormat format = Decide(ModelDtype.Auto, stored, fast: false, DeviceType.CUDA);

        Assert.Equal((expected, expected), (format.Held, format.Computed));
    }

    [Fact]
    public void Float32_weights_leave_half_of_the_memory_to_the_rest()
    {
        long bytes = Weights * sizeof(float);

        Assert.Equal(ModelDtype.Float32, Decide(ModelDtype.Auto, ScalarType.BFloat16, fast: false, memory: 2 * bytes).Held);
        Assert.Equal(ModelDtype.BFloat16, Decide(ModelDtype.Auto, ScalarType.BFloat16, fast: false, memory: (2 * bytes) - 1).Held);
    }

    [Theory]
    [InlineData(true, Large, "stored as BFloat16, and the processor (fast) has instructions for such products")]
    [InlineData(false, Large,
        "stored as BFloat16, and the processor (slow) has no instructions for such products, while float32 weights fit (3.7 of 64.0 GiB)")]
    [InlineData(false, Small,
        "stored as BFloat16, and the processor (slow) has no instructions for such products; float32 weights would take 3.7 of 4.0 GiB, so weights are converted product by product")]
    public void The_reason_names_what_decided(bool fast, long memory, string reason) =>
        Assert.Equal(reason, Decide(ModelDtype.Auto, ScalarType.BFloat16, fast, memory: memory).Reason);

    [Fact]
    public void A_pretraining_follows_the_same_rule() =>
        Assert.Equal(
            InstructionSet.Current.MultipliesBFloat16 ? ModelDtype.BFloat16 : ModelDtype.Float32, NumberFormat.ForPretraining().Computed);

    private static NumberFormat Decide(
        ModelDtype asked, ScalarType stored, bool fast, DeviceType device = DeviceType.CPU, long memory = Large) =>
        NumberFormat.Decide(asked, stored, Weights, device, fast ? s_fast : s_slow, memory);
}
