using System.Text;
using HyperDas.Engine.Files;
using HyperDas.Engine.Reports.Drawing;
using ScottPlot;

namespace HyperDas.Engine.Reports;

/// <summary>A picture available as SVG and as PNG. The same input gives the same bytes.</summary>
public sealed class Picture
{
    private const int PlotWidth = 720;

    private readonly Func<string> _svg;
    private readonly Func<byte[]> _png;

    private Picture(Func<string> svg, Func<byte[]> png)
    {
        _svg = svg;
        _png = png;
    }

    /// <summary>The picture as self-contained SVG text.</summary>
    public string Svg() => _svg();

    /// <summary>The picture as a PNG file, with two pixels per picture unit.</summary>
    public byte[] Png() => _png();

    /// <summary>Writes the picture in the format of the file's extension; an existing file is replaced, a missing folder created.</summary>
    /// <param name="path">File, <c>.svg</c> or <c>.png</c>.</param>
    /// <exception cref="HyperDasException"><c>PictureFormatInvalid</c>, <c>WriteFailed</c>, <c>DrawingBackendNotFound</c>.</exception>
    public void Write(string path)
    {
        byte[] bytes = IsPng(path) ? _png() : Encoding.UTF8.GetBytes(_svg());
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            AtomicFile.Write(path, stream => stream.Write(bytes));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HyperDasException(
                "WriteFailed", HyperDasErrorKind.WriteError, $"The picture couldn't be written to '{path}': {e.Message}", path, e);
        }
    }

    /// <summary>Whether a path names a PNG file.</summary>
    /// <param name="path">File, <c>.svg</c> or <c>.png</c>.</param>
    /// <exception cref="HyperDasException"><c>PictureFormatInvalid</c>: it names neither.</exception>
    public static bool IsPng(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".png" => true,
        ".svg" => false,
        string other => throw new HyperDasException(
            "PictureFormatInvalid", HyperDasErrorKind.InvalidArgument,
            $"'{path}' ends in '{other}'; a picture file must end in .svg or .png.", path),
    };

    /// <summary>A picture of rectangles and text.</summary>
    /// <param name="width">Width.</param>
    /// <param name="height">Height.</param>
    /// <param name="title">Alternative text.</param>
    /// <param name="draw">Draws it.</param>
    internal static Picture Drawn(int width, int height, string title, Action<Surface> draw) => new(
        () =>
        {
            SvgSurface surface = new(width, height, title);
            draw(surface);
            return surface.Finish();
        },
        () =>
        {
            DrawingRuntime.EnsureLoaded();
            using PngSurface surface = new(width, height);
            draw(surface);
            return surface.Finish();
        });

    /// <summary>A picture with axes.</summary>
    /// <param name="options">Appearance.</param>
    /// <param name="height">Default height.</param>
    /// <param name="title">Alternative text.</param>
    /// <param name="plot">Creates a new plot: drawing changes it.</param>
    /// <exception cref="HyperDasException"><c>OptionInvalid</c>.</exception>
    internal static Picture Plotted(PlotOptions options, int height, string title, Func<Plot> plot)
    {
        OptionLaw.ThrowIfBroken(options);
        return Plotted(options.Width ?? PlotWidth, options.Height ?? height, title, plot);
    }

    /// <summary>As the other overload, with a given size.</summary>
    internal static Picture Plotted(int width, int height, string title, Func<Plot> plot) => new(
        () =>
        {
            DrawingRuntime.EnsureLoaded();
            using Plot made = plot();
            return PlotSvg.Tidy(made.GetSvgXml(width, height), width, height, title);
        },
        () =>
        {
            DrawingRuntime.EnsureLoaded();
            using Plot made = plot();
            made.ScaleFactor = PngSurface.Scale;
            return made.GetImageBytes(width * PngSurface.Scale, height * PngSurface.Scale, ImageFormat.Png);
        });
}
