using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace HyperDas.Engine.Numerics;

/// <summary>
/// What the processor's instruction sets mean for products of matrices in narrow formats. It is asked of the processor and of the settings
/// that libtorch's libraries obey, and never measured, so that the same machine always decides the same.
/// </summary>
/// <param name="Name">The kind of processor, for people.</param>
/// <param name="MultipliesBFloat16">
/// Whether bfloat16 products have instructions of their own. Without them libtorch widens and narrows number by number, and
/// without AVX-512 in a reference path.
/// </param>
internal sealed record InstructionSet(string Name, bool MultipliesBFloat16)
{
    // oneDNN's own names for what has no bfloat16 products; each variable may be called either way.
    private static readonly string[] s_limitVariables = ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"];
    private static readonly string[] s_narrowLimits =
        ["SSE41", "AVX", "AVX2", "AVX2_VNNI", "AVX2_VNNI_2", "AVX512_CORE", "AVX512_CORE_VNNI"];

    /// <summary>This process's.</summary>
    public static InstructionSet Current { get; } = Detect(Environment.GetEnvironmentVariable);

    /// <summary>This processor, as far as the settings let it be used.</summary>
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

    /// <summary>What is left of a processor's instructions after the settings.</summary>
    /// <param name="avx512">Vectors of 512 bits, which .NET has a switch of its own for.</param>
    /// <param name="bfloat16">Bfloat16 products over them; AMX never comes without.</param>
    /// <param name="avx2">Vectors of 256 bits.</param>
    /// <param name="setting">Value of an environment variable, or null.</param>
    internal static InstructionSet Limited(bool avx512, bool bfloat16, bool avx2, Func<string, string?> setting)
    {
        string? limit = s_limitVariables.Select(setting).FirstOrDefault(value => !string.IsNullOrEmpty(value));
        bool narrow = limit is not null && s_narrowLimits.Contains(limit, StringComparer.OrdinalIgnoreCase);
        // ATen's and MKL's names for less than AVX-512.
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
