namespace HyperDas;

/// <summary>Numbers of bytes as people read them.</summary>
internal static class MemorySize
{
    /// <summary>E.g. <c>1,536 MiB</c>, or <c>24.6 GiB</c> from 10 GiB on.</summary>
    /// <param name="bytes">The number.</param>
    public static string Text(long bytes) => bytes < 10L << 30
        ? FormattableString.Invariant($"{bytes / 1048576.0:N0} MiB")
        : FormattableString.Invariant($"{bytes / 1073741824.0:N1} GiB");
}
