using static TorchSharp.torch;

namespace HyperDas.Engine.Checkpoints;

/// <summary>Element types by their safetensors names: the supported ones, and the sizes of the others.</summary>
internal static class SafetensorsDtype
{
    private static readonly (string Name, ScalarType Type, int Size)[] s_known =
    [
        ("F32", ScalarType.Float32, 4),
        ("F16", ScalarType.Float16, 2),
        ("BF16", ScalarType.BFloat16, 2),
        ("F64", ScalarType.Float64, 8),
        ("I64", ScalarType.Int64, 8),
        ("I32", ScalarType.Int32, 4),
        ("U8", ScalarType.Byte, 1),
        ("BOOL", ScalarType.Bool, 1),
    ];

    // Types smaller than a byte are omitted: unsupported tensors need no size.
    private static readonly Dictionary<string, int> s_otherSizes = new()
    {
        ["I8"] = 1, ["I16"] = 2, ["U16"] = 2, ["U32"] = 4, ["U64"] = 8, ["C64"] = 8, ["C128"] = 16,
        ["F8_E4M3"] = 1, ["F8_E5M2"] = 1, ["F8_E8M0"] = 1, ["F8_E4M3FNUZ"] = 1, ["F8_E5M2FNUZ"] = 1,
    };

    /// <summary>The supported types, for messages.</summary>
    public static string KnownNames => string.Join(", ", s_known.Select(k => k.Name));

    public static bool TryParse(string? name, out ScalarType type)
    {
        int index = Array.FindIndex(s_known, k => k.Name == name);
        type = index < 0 ? default : s_known[index].Type;
        return index >= 0;
    }

    public static bool IsFloatingPoint(ScalarType type) => type is ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16
        or ScalarType.Float64;

    public static bool IsKnown(ScalarType type) => s_known.Any(k => k.Type == type);

    public static string Name(ScalarType type) => s_known.First(k => k.Type == type).Name;

    public static int ElementSize(ScalarType type) => s_known.First(k => k.Type == type).Size;

    /// <summary>Size of an element of any type in bytes; null where it isn't known.</summary>
    /// <param name="name">The type's name.</param>
    public static int? ElementSize(string name) =>
        TryParse(name, out ScalarType type) ? ElementSize(type) : s_otherSizes.TryGetValue(name, out int size) ? size : null;
}
