using SkiaSharp;

namespace HyperDas.Engine.Tests.Reports;

/// <summary>What a PNG file shows, as far as a test can see it.</summary>
internal sealed class Pixels
{
    private readonly SKBitmap _bitmap;

    private Pixels(SKBitmap bitmap) => _bitmap = bitmap;

    internal int Width => _bitmap.Width;

    internal int Height => _bitmap.Height;

    internal static Pixels Of(byte[] png) => new(SKBitmap.Decode(png));

    /// <summary>The colour at a place, <c>#rrggbb</c>.</summary>
    internal string At(int x, int y) => Name(_bitmap.GetPixel(x, y));

    /// <summary>How many pixels of a region have a colour.</summary>
    internal int Count(string colour, SKRectI? region = null)
    {
        SKRectI r = region ?? SKRectI.Create(Width, Height);
        SKColor wanted = SKColor.Parse(colour);
        int count = 0;
        for (int y = r.Top; y < r.Bottom; y++)
        {
            for (int x = r.Left; x < r.Right; x++)
            {
                count += _bitmap.GetPixel(x, y) == wanted ? 1 : 0;
            }
        }
        return count;
    }

    /// <summary>How many pixels aren't a shade of grey.</summary>
    internal int Coloured() => _bitmap.Pixels.Count(p => p.Red != p.Green || p.Green != p.Blue);

    private static string Name(SKColor colour) => $"#{colour.Red:x2}{colour.Green:x2}{colour.Blue:x2}";
}
