using System.ComponentModel.DataAnnotations;

namespace HyperDas.Engine.Reports;

/// <summary>Appearance of a plot; null values are determined by the plot.</summary>
public sealed record PlotOptions
{
    /// <summary>Heading; empty for none.</summary>
    public string? Title { get; init; }

    /// <summary>Width in picture units; a PNG file has two pixels per unit.</summary>
    [Range(240, 8000)]
    public int? Width { get; init; }

    /// <summary>Height in picture units.</summary>
    [Range(160, 8000)]
    public int? Height { get; init; }
}
