using System.Globalization;

namespace HyperDas.Benchmarks;

/// <summary>What the program is asked to do.</summary>
/// <param name="What"><c>all</c>, <c>train</c>, <c>eval</c>, <c>load</c>, <c>import</c>, <c>scaling</c>, <c>memory</c>, or <c>scale</c>,
/// <c>predict</c>, <c>time-to-score</c> or <c>compare</c>, which <c>all</c> leaves out; or what a <see cref="Child"/> is asked.</param>
/// <param name="JsonFile">File that the figures are written to, or null.</param>
/// <param name="Threads">Threads of tensor operations; null for the engine's own choice.</param>
/// <param name="Rounds">How often everything is measured; figures are medians.</param>
/// <param name="Folder">Where the checkpoint of <c>scale</c> is made, and found again; null for a temporary folder.</param>
/// <param name="Plots">Where the pictures of <c>scaling</c> go; null for none.</param>
/// <param name="Other">Folder of the build that <c>compare</c> measures beside this one.</param>
/// <param name="Shape">Which of <see cref="ModelShapes"/> <c>scale</c> takes.</param>
internal sealed record CommandLine(
    string What, string? JsonFile, int? Threads, int Rounds, string? Folder, string? Plots, string? Other, string Shape)
{
    /// <summary>Trainings of <c>time-to-score</c>, each with a different seed.</summary>
    internal int Seeds { get; private init; } = 3;

    /// <summary>The score that <c>time-to-score</c> waits for, in percent.</summary>
    internal double Score { get; private init; } = 75;

    /// <summary>Steps after which <c>time-to-score</c> gives up.</summary>
    internal int Steps { get; private init; } = 6000;

    /// <summary>Steps of <c>time-to-score</c> from one look to the next.</summary>
    internal int Every { get; private init; } = 100;

    /// <summary>Pairs of each attribute in an epoch of <c>time-to-score</c>.</summary>
    internal int Pairs { get; private init; } = 2000;

    private const string Usage =
        "Usage: HyperDas.Benchmarks [all|train|eval|load|import|scaling|memory|scale|predict|time-to-score|compare] [--json file] [--threads n] [--rounds n] [--folder path] [--plots folder] [--with folder] [--shape 1b|3b|8b|14b|70b] [--seeds n] [--score n] [--steps n] [--every n] [--pairs n]";

    /// <summary>Reads the arguments.</summary>
    /// <param name="args">As the program gets them.</param>
    /// <exception cref="ArgumentException">They aren't understood.</exception>
    internal static CommandLine Parse(string[] args)
    {
        CommandLine line = new("all", null, null, Rounds: 30, null, null, null, "8b");
        for (int i = 0; i < args.Length; i++)
        {
            line = args[i] switch
            {
                "all" or "train" or "eval" or "load" or "import" or "scaling" or "memory" or "scale" or "predict" or "time-to-score"
                    or "compare" => line with { What = args[i] },
                _ when args[i].StartsWith(Child.Prefix, StringComparison.Ordinal) => line with { What = args[i] },
                "--json" => line with { JsonFile = Next() },
                "--folder" => line with { Folder = Next() },
                "--shape" => line with { Shape = Known(Next()) },
                "--with" => line with { Other = Next() },
                "--plots" => line with { Plots = Next() },
                "--threads" => line with { Threads = Positive(Next()) },
                "--seeds" => line with { Seeds = Positive(Next()) },
                "--score" => line with { Score = Positive(Next()) },
                "--steps" => line with { Steps = Positive(Next()) },
                "--every" => line with { Every = Positive(Next()) },
                "--pairs" => line with { Pairs = Positive(Next()) },
                "--rounds" => line with { Rounds = Positive(Next()) },
                _ => throw new ArgumentException($"'{args[i]}' isn't known. {Usage}"),
            };

            string Next() => ++i < args.Length ? args[i] : throw new ArgumentException($"'{args[^1]}' needs a value. {Usage}");
        }
        return line.What == "compare" && line.Other is null
            ? throw new ArgumentException($"'compare' needs --with and the folder of another build. {Usage}")
            : line;
    }

    private static string Known(string shape) =>
        ModelShapes.All.ContainsKey(shape) ? shape : throw new ArgumentException($"'{shape}' isn't a shape that is known. {Usage}");

    private static int Positive(string text) =>
        int.TryParse(text, CultureInfo.InvariantCulture, out int number) && number > 0
            ? number
            : throw new ArgumentException($"'{text}' isn't a number above 0. {Usage}");
}
