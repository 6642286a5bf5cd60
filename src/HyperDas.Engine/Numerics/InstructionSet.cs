using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace HyperDas.Engine.Numerics;

/// <summary>
/// Instruction sets of the processor, as far as they matter for matrix products in narrow formats. They are queried from the processor and
/// from the settings that libtorch's libraries obey, never measured, so the same machine always makes the same choices.
/// </summary>
/// <param name="Name">The kind of processor, for display.</param>
/// <param name="MultipliesBFloat16">Whether there are instructions for bfloat16 products. Without them libtorch converts every number, and
/// without AVX-512 it uses a reference path.</param>
internal sealed record InstructionSet(string Name, bool MultipliesBFloat16)
{
    // oneDNN's names of instruction sets without bfloat16 products; the variable has two names.
    private static readonly string[] s_limitVariables = ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"];
    private static readonly string[] s_narrowLimits =
        ["SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX2_VNNI_2", "AVX512_CORE", "AVX512_CORE_VNNI"];

    /// <summary>The instruction set of this process.</summary>
    public static InstructionSet Current { get; } = Detect(Environment.GetEnvironmentVariable);

    /// <summary>The processor, as restricted by the settings.</summary>
    /// <param name="setting">Value of an environment variable, or null.</param>
    internal static InstructionSet Detect(Func<string, string?> setting)
    {
        if (ArmBase.IsSupported)
        {
            return new InstructionSet("Arm", MultipliesBFloat16: false);
        }
        bool avx512 = Avx512BW.IsSupported, bfloat16 = HasAvx512BFloat16();
        return Limited(avx512, bfloat16, Avx2.IsSupported, setting);
    }

    /// <summary>The instruction set that remains after the settings.</summary>
    /// <param name="avx512">512-bit vectors, which .NET can turn off by itself.</param>
    /// <param name="bfloat16">Bfloat16 products on them; AMX always includes these.</param>
    /// <param name="avx2">256-bit vectors.</param>
    /// <param name="setting">Value of an environment variable, or null.</param>
    internal static InstructionSet Limited(bool avx512, bool bfloat16, bool avx2, Func<string, string?> setting)
    {
        string? limit = s_limitVariables.Select(setting).FirstOrDefault(value => !string.IsNullOrEmpty(value));
        bool narrow = limit is not null && s_narrowLimits.Contains(limit, StringComparer.OrdinalIgnoreCase);
        // ATen's and MKL's names of instruction sets below AVX-512.
        bool short512 = Less(setting("ATEN_CPU_CAPABILITY")) || Less(setting("MKL_ENABLE_INSTRUCTIONS"));
        return (avx512 && !short512, bfloat16 && !narrow, avx2) switch
        {
            (true, true, _) => new InstructionSet("x64 with AVX-512 and bfloat16", MultipliesBFloat16: true),
            (true, false, _) => new InstructionSet("x64 with AVX-512", MultipliesBFloat16: false),
            (false, _, true) => new InstructionSet("x64 with AVX2", MultipliesBFloat16: false),
            _ => new InstructionSet("x64", MultipliesBFloat16: false),
        };

        static bool Less(string? value) => !string.IsNullOrEmpty(value) && !value.Contains("512", StringComparison.Ordinal);
    }

    // CPUID leaf 7, subleaf 1, EAX bit 5.
    private static bool HasAvx512BFloat16() =>
        X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7 && X86Base.CpuId(7, 0).Eax >= 1 && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0;
}
