namespace HyperDas.Engine.Numerics;

/// <summary>Lengths of batches are rounded up, so that few shapes occur: every distinct one costs memory in oneDNN.</summary>
public static class ShapeRounding
{
    /// <summary>What lengths are rounded up to a multiple of.</summary>
    public const int LengthMultiple = 4;

    /// <summary>A length, rounded up.</summary>
    /// <param name="length">Tokens, at least 1.</param>
    /// <param name="multiple">What it is rounded to a multiple of.</param>
    public static int Round(int length, int multiple = LengthMultiple) => (length + multiple - 1) / multiple * multiple;
}
