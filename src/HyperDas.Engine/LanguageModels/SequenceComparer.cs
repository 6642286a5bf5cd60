using System.Runtime.InteropServices;

namespace HyperDas.Engine.LanguageModels;

/// <summary>Compares token sequences by content, for use as dictionary keys.</summary>
internal sealed class SequenceComparer : IEqualityComparer<int[]>
{
    public static readonly SequenceComparer Instance = new();

    public bool Equals(int[]? x, int[]? y) => x is not null && y is not null && x.AsSpan().SequenceEqual(y);

    public int GetHashCode(int[] obj)
    {
        HashCode hash = default;
        hash.AddBytes(MemoryMarshal.AsBytes(obj.AsSpan()));
        return hash.ToHashCode();
    }
}
