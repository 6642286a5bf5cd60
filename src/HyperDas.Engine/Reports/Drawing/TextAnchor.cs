namespace HyperDas.Engine.Reports.Drawing;

/// <summary>The point of a text at its position.</summary>
internal enum TextAnchor
{
    /// <summary>Its beginning.</summary>
    Start,

    /// <summary>Its middle.</summary>
    Middle,

    /// <summary>Its end.</summary>
    End,
}
