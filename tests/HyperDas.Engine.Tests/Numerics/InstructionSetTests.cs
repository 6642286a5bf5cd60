using HyperDas.Engine.Numerics;
using Xunit;

namespace HyperDas.Engine.Tests.Numerics;

public sealed class InstructionSetTests
{
    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, false)]
    public void Bfloat16_products_need_both_their_instructions_and_the_vectors_these_work_on(bool avx512, bool bfloat16, bool expected) =>
        Assert.Equal(expected, InstructionSet.Limited(avx512, bfloat16, avx2: true, _ => null).MultipliesBFloat16);

    [Theory]
    [InlineData("ONEDNN_MAX_CPU_ISA", "AVX2", false)]
    [InlineData("ONEDNN_MAX_CPU_ISA", "avx512_core", false)]
    [InlineData("DNNL_MAX_CPU_ISA", "AVX512_CORE_VNNI", false)]
    [InlineData("ONEDNN_MAX_CPU_ISA", "AVX512_CORE_BF16", true)]
    [InlineData("ONEDNN_MAX_CPU_ISA", "AVX512_CORE_AMX", true)]
    [InlineData("ONEDNN_MAX_CPU_ISA", "ALL", true)]
    [InlineData("ONEDNN_MAX_CPU_ISA", "", true)]
    [InlineData("ATEN_CPU_CAPABILITY", "avx2", false)]
    [InlineData("ATEN_CPU_CAPABILITY", "default", false)]
    [InlineData("ATEN_CPU_CAPABILITY", "avx512", true)]
    [InlineData("MKL_ENABLE_INSTRUCTIONS", "AVX2", false)]
    [InlineData("MKL_ENABLE_INSTRUCTIONS", "AVX512_E4", true)]
    [InlineData("UNRELATED", "AVX2", true)]
    public void Settings_that_the_libraries_obey_take_instructions_away(string variable, string value, bool left) =>
        Assert.Equal(left, InstructionSet.Limited(avx512: true, bfloat16: true,
            avx2: true, name => name == variable ? value : null).MultipliesBFloat16);

    [Theory]
    [InlineData(true, true, true, "x64 with AVX-512 and bfloat16")]
    [InlineData(true, false, true, "x64 with AVX-512")]
    [InlineData(false, true, true, "x64 with AVX2")]
    [InlineData(false, false, false, "x64")]
    public void Each_kind_of_processor_has_a_name(bool avx512, bool bfloat16, bool avx2, string name) =>
        Assert.Equal(name, InstructionSet.Limited(avx512, bfloat16, avx2, _ => null).Name);

    [Fact]
    public void This_machine_is_asked_and_answers_the_same_each_time() =>
        Assert.Equal(InstructionSet.Detect(Environment.GetEnvironmentVariable), InstructionSet.Current);
}
