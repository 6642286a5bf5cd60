namespace HyperDas.Engine.Reports.Drawing;

/// <summary>Colours that are distinguishable with any colour vision, on screen and in print.</summary>
internal static class Colours
{
    // From white to a dark blue in steps of equal lightness.
    private static readonly (int R, int G, int B)[] s_scale =
        [(255, 255, 255), (209, 229, 240), (146, 197, 222), (67, 147, 195), (33, 102, 172), (5, 48, 97)];

    /// <summary>Colours of categories, after Okabe and Ito; yellow, too light on white, is last.</summary>
    internal static IReadOnlyList<string> Categories { get; } =
        ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#555555", "#f0e442"];

    /// <summary>The colour of a fraction: the larger, the darker.</summary>
    /// <param name="share">0 to 1; values outside are clamped.</param>
    /// <returns><c>#rrggbb</c>.</returns>
    internal static string Share(double share)
    {
        double place = Math.Clamp(double.IsNaN(share) ? 0 : share, 0, 1) * (s_scale.Length - 1);
        int low = Math.Min((int)place, s_scale.Length - 2);
        double rest = place - low;
        (int r, int g, int b) = s_scale[low];
        (int r2, int g2, int b2) = s_scale[low + 1];
        return $"#{Mix(r, r2):x2}{Mix(g, g2):x2}{Mix(b, b2):x2}";

        int Mix(int from, int to) => (int)Math.Round(from + ((to - from) * rest));
    }

    /// <summary>The colour of text on <see cref="Share"/>.</summary>
    /// <param name="share">0 to 1.</param>
    internal static string Upon(double share) => share > 0.5 ? "#ffffff" : Surface.Ink;
}
