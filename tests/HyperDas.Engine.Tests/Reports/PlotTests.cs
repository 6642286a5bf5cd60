using System.Xml.Linq;
using HyperDas.Engine.Reports;
using HyperDas.Engine.Reports.Plots;
using SkiaSharp;
using Xunit;

namespace HyperDas.Engine.Tests.Reports;

public class PlotTests
{
    private const string Blue = "#0072b2", Vermilion = "#d55e00", Green = "#009e73";

    private static readonly PlotOptions s_plain = new();

    [Fact]
    public void Scores_name_their_attributes_and_the_measures_have_colours_of_their_own()
    {
        Picture picture = ScorePlot.Of([Samples.Score("Country", 90, 20), Samples.Score("Continent", 60, 80)], s_plain);

        Assert.Empty(new[] { "Country", "Continent", "cause", "isolate", "disentangle", "city: HyperDas", "100" }.Except(Texts(picture)));
        Pixels png = Pixels.Of(picture.Png());
        Assert.All(new[] { Blue, Vermilion, Green }, colour => Assert.True(png.Count(colour) > 200, colour));
    }

    [Fact]
    public void A_point_stands_where_its_score_is()
    {
        Pixels low = Pixels.Of(ScorePlot.Of([Samples.Score("Country", 5, 50)], s_plain).Png());
        Pixels high = Pixels.Of(ScorePlot.Of([Samples.Score("Country", 95, 50)], s_plain).Png());

        SKRectI left = SKRectI.Create(0, 80, low.Width / 2, 180), right = SKRectI.Create(low.Width / 2, 80, low.Width / 2, 180);
        Assert.True(low.Count(Blue, left) > 100);
        Assert.Equal(0, low.Count(Blue, right));
        Assert.Equal(0, high.Count(Blue, left));
        Assert.True(high.Count(Blue, right) > 100);
    }

    [Fact]
    public void Scores_of_several_methods_say_which_is_which()
    {
        Picture picture = ScorePlot.Of([Samples.Score("Country", 90, 20), Samples.Score("Country", 60, 80, method: "Mdas")], s_plain);

        Assert.Empty(new[] { "Country · HyperDas", "Country · Mdas" }.Except(Texts(picture)));
        Picture layers = ScorePlot.Of([Samples.Score("Country", 90, 20, layer: 1), Samples.Score("Country", 60, 80, layer: 2)], s_plain);
        Assert.Empty(new[] { "Country · layer 1, k = 16", "Country · layer 2, k = 32" }.Except(Texts(layers)));
    }

    [Fact]
    public void A_sweep_of_one_method_has_a_line_for_each_measure_and_a_tick_for_each_layer()
    {
        Picture picture = SweepPlot.Of([Samples.Score("(all)", 90, 20, 1), Samples.Score("(all)", 60, 80, 3),
            Samples.Score("(all)", 10, 99, 7)], PlotKind.LayerSweep, s_plain);

        Assert.Empty(new[] { "1", "3", "7", "cause", "isolate", "disentangle", "intervention layer" }.Except(Texts(picture)));
        Pixels png = Pixels.Of(picture.Png());
        Assert.All(new[] { Blue, Vermilion, Green }, colour => Assert.True(png.Count(colour) > 1000, colour));
    }

    [Fact]
    public void A_sweep_of_several_methods_names_them()
    {
        RavelScore[] scores =
            [.. new[] { "HyperDas", "Mdas" }.SelectMany(m => new[] { 1, 2 }.Select(l => Samples.Score("(all)", 10 * l, 90, l, m)))];

        string[] texts = Texts(SweepPlot.Of(scores, PlotKind.DimensionSweep, s_plain));

        Assert.Empty(new[] { "HyperDas", "Mdas", "16", "32", "feature dimension" }.Except(texts));
        Assert.DoesNotContain("cause", texts);
    }

    [Fact]
    public void Several_seeds_have_a_band_and_one_has_none()
    {
        RavelScore[] scores =
        [
            .. new[] { 1, 2 }.SelectMany(
                l => new[] { 1, 2 }.Select(seed => Samples.Score("(all)", 30 + (20 * seed), 90, l) with { Seed = seed }))
        ];

        Pixels band = Pixels.Of(SweepPlot.Of(scores, PlotKind.LayerSweep, s_plain).Png());
        Pixels lone = Pixels.Of(SweepPlot.Of([.. scores.Where(s => s.Seed == 1)], PlotKind.LayerSweep, s_plain).Png());

        Assert.True(band.Coloured() > lone.Coloured() + 5000, $"{band.Coloured()} and {lone.Coloured()} pixels are coloured");
    }

    [Fact]
    public void Corners_have_layers_but_no_dimension_to_choose()
    {
        RavelScore[] scores =
            [.. new[] { "HyperDas", "FullSwap" }.SelectMany(m => new[] { 1, 2 }.Select(l => Samples.Score("(all)", 10 * l, 90, l, m)))];

        Assert.Contains("FullSwap", Texts(SweepPlot.Of(scores, PlotKind.LayerSweep, s_plain)));
        Assert.DoesNotContain("FullSwap", Texts(SweepPlot.Of(scores, PlotKind.DimensionSweep, s_plain)));
    }

    [Fact]
    public void A_sweep_over_one_place_is_refused()
    {
        HyperDasException e = Assert.Throws<HyperDasException>(
            () => SweepPlot.Of([Samples.Score("(all)", 1, 2, 3), Samples.Score("(all)", 4, 5, 3)], PlotKind.LayerSweep, s_plain));

        Assert.Equal("PlotInputInvalid", e.ErrorId);
        Assert.Contains("3", e.Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(3000)]
    public void A_training_shows_its_losses(int steps)
    {
        Picture picture = TrainingCurves.Of([new TrainingRun("HyperDas, layer 3", Samples.Steps(steps))], s_plain);

        Assert.Empty(new[] { "Training: HyperDas, layer 3", "total", "prediction", "sparsity", "step", "loss" }.Except(Texts(picture)));
        Assert.True(Pixels.Of(picture.Png()).Count(Blue) > 50);
        Assert.True(picture.Svg().Length < 200_000, "a long training stays a small file");
    }

    [Fact]
    public void Several_trainings_are_told_apart_by_name()
    {
        Picture picture = TrainingCurves.Of(
            [new TrainingRun("layer 1", Samples.Steps(9)), new TrainingRun("layer 2", Samples.Steps(9))], s_plain);

        Assert.Empty(new[] { "layer 1", "layer 2" }.Except(Texts(picture)));
    }

    [Fact]
    public void A_training_without_steps_is_refused() =>
        Assert.Equal(
            "PlotInputInvalid", Assert.Throws<HyperDasException>(() => TrainingCurves.Of([new TrainingRun("none", [])], s_plain)).ErrorId);

    [Fact]
    public void A_moving_mean_keeps_a_constant_and_the_number_of_values()
    {
        Assert.All(TrainingCurves.Smooth([.. Enumerable.Repeat(2.5, 100)]), v => Assert.Equal(2.5, v, 12));
        Assert.Equal([0.5, 1, 2, 2.5], TrainingCurves.Smooth([0, 1, 2, 3]));
    }

    [Fact]
    public void Title_and_size_can_be_chosen()
    {
        Picture picture = ScorePlot.Of(
            [Samples.Score("Country", 90, 20)], new PlotOptions { Title = "Für alle <&>", Width = 400, Height = 300 });

        Pixels png = Pixels.Of(picture.Png());
        Assert.Equal((800, 600), (png.Width, png.Height));
        Assert.Contains("Für alle <&>", Texts(picture));
    }

    [Fact]
    public void The_same_input_gives_the_same_bytes()
    {
        Assert.Equal(Make().Png(), Make().Png());
        Assert.Equal(Make().Svg(), Make().Svg());

        static Picture Make() => TrainingCurves.Of([new TrainingRun("x", Samples.Steps(100))], s_plain);
    }

    [Fact]
    public void A_text_is_one_run_around_its_middle_so_that_any_font_can_draw_it()
    {
        XElement[] texts =
        [
            .. XElement.Parse(ScorePlot.Of([Samples.Score("Country", 90, 20)], s_plain).Svg()).Descendants()
                .Where(e => e.Name.LocalName == "text")
        ];

        Assert.All(texts, t => Assert.Equal("middle", t.Attribute("text-anchor")!.Value));
        Assert.All(texts, t => Assert.DoesNotContain(",", t.Attribute("x")!.Value));
        Assert.All(texts, t => Assert.Null(t.Attribute("font-family")));
    }

    [Fact]
    public void The_file_s_extension_chooses_the_format()
    {
        using TemporaryFolder folder = new();
        Picture picture = ScorePlot.Of([Samples.Score("Country", 90, 20)], s_plain);
        string png = Path.Combine(folder.Path, "new", "a.PNG"), svg = Path.Combine(folder.Path, "a.svg");

        picture.Write(png);
        picture.Write(svg);

        Assert.Equal(picture.Png(), File.ReadAllBytes(png));
        Assert.Equal(picture.Svg(), File.ReadAllText(svg));
        Assert.Equal(
            "PictureFormatInvalid", Assert.Throws<HyperDasException>(() => picture.Write(Path.Combine(folder.Path, "a.pdf"))).ErrorId);
    }

    [Fact]
    public void A_folder_in_the_file_s_place_is_an_error_that_names_it()
    {
        using TemporaryFolder folder = new();
        string taken = Directory.CreateDirectory(Path.Combine(folder.Path, "a.svg")).FullName;

        Assert.Contains(
            taken, Assert.Throws<HyperDasException>(() => ScorePlot.Of([Samples.Score("Country", 90, 20)], s_plain).Write(taken)).Message);
    }

    private static string[] Texts(Picture picture) =>
        [.. XElement.Parse(picture.Svg()).Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value)];
}
