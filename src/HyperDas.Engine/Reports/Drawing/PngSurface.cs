using SkiaSharp;

namespace HyperDas.Engine.Reports.Drawing;

/// <summary>
/// Draws to a bitmap with two pixels per picture unit: the same input gives the same pixels on every machine, unless another font is
/// needed.
/// </summary>
internal sealed class PngSurface : Surface, IDisposable
{
    /// <summary>Pixels per picture unit.</summary>
    internal const int Scale = 2;

    private readonly SKSurface _surface;
    private readonly SKCanvas _canvas;

    /// <summary>Starts a picture.</summary>
    /// <param name="width">Width.</param>
    /// <param name="height">Height.</param>
    internal PngSurface(int width, int height)
    {
        _surface = SKSurface.Create(new SKImageInfo(width * Scale, height * Scale, SKColorType.Rgba8888, SKAlphaType.Premul));
        _canvas = _surface.Canvas;
        _canvas.Clear(SKColors.White);
        _canvas.Scale(Scale);
    }

    internal override void Rectangle(double x, double y, double width, double height, string fill, string? stroke = null)
    {
        SKRect box = SKRect.Create((float)x, (float)y, (float)width, (float)height);
        using SKPaint paint = new() { Color = SKColor.Parse(fill), IsAntialias = true };
        _canvas.DrawRect(box, paint);
        if (stroke is not null)
        {
            paint.Color = SKColor.Parse(stroke);
            paint.Style = SKPaintStyle.Stroke;
            _canvas.DrawRect(box, paint);
        }
    }

    internal override void Text(double x, double y, string text, double size, TextAnchor anchor, string colour, double turn)
    {
        (string Text, SKFont Font)[] runs =
            [.. PictureFont.Runs(Shown(text)).Select(r => (r.Text, new SKFont(r.Typeface, (float)size) { Subpixel = true }))];
        float[] widths = [.. runs.Select(r => r.Font.MeasureText(r.Text))];
        float start = anchor switch { TextAnchor.Start => 0, TextAnchor.Middle => -widths.Sum() / 2, _ => -widths.Sum() };
        using SKPaint paint = new() { Color = SKColor.Parse(colour), IsAntialias = true };
        _canvas.Save();
        _canvas.Translate((float)x, (float)y);
        _canvas.RotateDegrees((float)turn);
        for (int i = 0; i < runs.Length; i++)
        {
            _canvas.DrawText(runs[i].Text, start, 0, SKTextAlign.Left, runs[i].Font, paint);
            start += widths[i];
            runs[i].Font.Dispose();
        }
        _canvas.Restore();
    }

    /// <summary>The finished picture as a PNG file.</summary>
    internal byte[] Finish()
    {
        using SKImage image = _surface.Snapshot();
        using SKData data = image.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    public void Dispose() => _surface.Dispose();
}
