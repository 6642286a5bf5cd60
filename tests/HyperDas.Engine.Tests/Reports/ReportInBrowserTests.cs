using HyperDas.Engine.Reports.Html;
using HyperDas.Engine.Tests.Reports.Browser;
using SkiaSharp;
using Xunit;

namespace HyperDas.Engine.Tests.Reports;

/// <summary>The report as its readers see it: in Chromium, on a phone and on a desk, by day and by night.</summary>
public sealed class ReportInBrowserTests(Chromium chromium) : IClassFixture<Chromium>, IDisposable
{
    private const string LightCard = "#ffffff", DarkCard = "#1b2128";

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<int, bool> Readers => new() { { 390, false }, { 390, true }, { 1280, false }, { 1280, true } };

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [MemberData(nameof(Readers))]
    public async Task It_fits_loads_nothing_and_has_no_errors(int width, bool dark)
    {
        await using BrowserPage page = await Open(width, dark);

        Assert.Equal(width, await page.Evaluate<int>("innerWidth"));
        Assert.True(
            await page.Evaluate<int>("document.documentElement.scrollWidth") <= width, "nothing reaches beyond the page's right edge");
        Assert.True(await page.Evaluate<int>("document.documentElement.scrollHeight") > 1500, "there is a page");
        Assert.Equal([Path.Combine(_folder.Path, "report.html")], page.Requests.Where(r => !r.StartsWith(
            "data:", StringComparison.Ordinal)).Select(r => new Uri(r).LocalPath));
        Assert.Empty(page.Problems);
    }

    [SkippableTheory]
    [MemberData(nameof(Readers))]
    public async Task Its_parts_are_visible_in_the_reader_s_colours(int width, bool dark)
    {
        await using BrowserPage page = await Open(width, dark);

        await page.Evaluate<object?>("document.querySelectorAll('.modes button')[1].click()");
        byte[] png = await page.Screenshot();

        Keep(png, $"report-{width}-{(dark ? "dark" : "light")}.png");
        Pixels picture = Pixels.Of(png);
        Assert.Equal(width, picture.Width);
        Assert.True(picture.Count(dark ? DarkCard : LightCard) > picture.Width * picture.Height / 4, "cards have the scheme's colour");
        Assert.Equal(0, picture.Count(dark ? LightCard : DarkCard) * 20 / (picture.Width * picture.Height));
        // Blue and vermilion of the scores, in the plot that this width shows.
        SKRectI plot = await Region(page, "#scores .plot > div:not([hidden])");
        Assert.True(picture.Count(dark ? "#5ab4f0" : "#0072b2", plot) > 100, "the plot shows causes");
        Assert.True(picture.Count(dark ? "#ff8a45" : "#d55e00", plot) > 100, "the plot shows isolates");
        SKRectI matrix = await Region(page, ".matrix tbody");
        Assert.True(picture.Count(dark ? "#7cc4ff" : "#08306b", matrix) > 300, "the weight of 1 has the full colour");
    }

    [SkippableTheory]
    [InlineData(390, "narrow", "wide")]
    [InlineData(1280, "wide", "narrow")]
    public async Task A_plot_is_shown_in_the_width_that_is_legible(int width, string shown, string hidden)
    {
        await using BrowserPage page = await Open(width, dark: false);

        Assert.True(await page.Evaluate<double>($"document.querySelector('#scores .{shown} svg').getBoundingClientRect().width") > 280);
        Assert.Equal(0, await page.Evaluate<double>($"document.querySelector('#scores .{hidden}').getBoundingClientRect().width"));
        // Letters of 13 units in a plot of 400 or 720.
        Assert.True(
            await page.Evaluate<double>($"document.querySelector('#scores .{shown} svg text').getBoundingClientRect().height") >= 9);
    }

    [SkippableFact]
    public async Task The_token_selection_can_be_explored()
    {
        await using BrowserPage page = await Open(390, dark: false);

        // What is edited most is shown first.
        Assert.Equal("enna", await page.Evaluate<string>("document.querySelector('.base button[aria-pressed=true]').textContent"));
        Assert.Equal("“Austria” becomes “France␀”", await page.Evaluate<string>("document.querySelector('.answer').textContent"));
        Assert.Contains("“aris” (90 %)", await page.Evaluate<string>("document.querySelector('.says').textContent"));

        await page.Evaluate<object?>("document.querySelector('.base button').click()");
        Assert.Equal("“V” takes its part of the concept from “aris” (20 %); 80 % stays.",
            await page.Evaluate<string>("document.querySelector('.says').textContent"));

        await page.Evaluate<object?>("document.querySelectorAll('.modes button')[1].click()");
        Assert.Equal("“Austria” becomes “Italy”", await page.Evaluate<string>("document.querySelector('.answer').textContent"));

        await page.Evaluate<object?>("const s = document.querySelector('select'); s.value = '1'; s.dispatchEvent(new Event('change'))");
        Assert.Equal("</script><b>", await page.Evaluate<string>("document.querySelector('.base button').textContent"));
        Assert.Equal(3 * 3, await page.Evaluate<int>("document.querySelectorAll('.matrix td').length - 1"));
        Assert.Empty(page.Problems);
    }

    [SkippableFact]
    public async Task Fingers_hit_the_buttons()
    {
        await using BrowserPage page = await Open(390, dark: false);

        Assert.True(await page.Evaluate<double>(
            "Math.min(...[...document.querySelectorAll('button, select')].map(b => b.getBoundingClientRect().height))") >= 44);
    }

    // For people to look at.
    private static void Keep(byte[] png, string name) =>
        File.WriteAllBytes(Path.Combine(Directory.CreateDirectory(Path.Combine(
            SharedData.RepositoryRoot(), "artifacts", "screenshots")).FullName, name), png);

    private async Task<BrowserPage> Open(int width, bool dark)
    {
        string file = Path.Combine(_folder.Path, "report.html");
        HtmlReport.Write(HtmlReportTests.Everything(), file);
        return await chromium.Open(file, width, dark);
    }

    private static async Task<SKRectI> Region(BrowserPage page, string selector)
    {
        int[] box = await page.Evaluate<int[]>(
            $"(() => {{ const e = [...document.querySelectorAll('{selector}')].find(e => e.getBoundingClientRect().width > 0), r = e.getBoundingClientRect();"
            + " return [r.left + scrollX, r.top + scrollY, Math.min(r.right, innerWidth), r.bottom + scrollY].map(Math.round); })()");
        return new SKRectI(box[0], box[1], box[2], box[3]);
    }
}
