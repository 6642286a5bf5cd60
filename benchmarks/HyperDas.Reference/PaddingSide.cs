namespace HyperDas.Reference;

/// <summary>Where short sequences are filled up.</summary>
public enum PaddingSide
{
    /// <summary>In front, as the original does.</summary>
    Left,

    /// <summary>Behind: positions then don't depend on the batch.</summary>
    Right,
}
