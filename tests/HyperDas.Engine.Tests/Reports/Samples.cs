namespace HyperDas.Engine.Tests.Reports;

/// <summary>Results as the engine makes them, to draw.</summary>
internal static class Samples
{
    internal static InterventionResult Intervention(params string[] baseTokens) => new()
    {
        BasePrompt = string.Concat(baseTokens),
        CounterfactualPrompt = "Paris",
        Concept = "the country of a city",
        SelectionMode = SelectionMode.Soft,
        OriginalOutput = "Austria",
        IntervenedOutput = "France\0",
        ChosenTokens = [],
        BaseTokens = baseTokens,
        SourceTokens = ["P", "aris"],
        Weights = [Row(baseTokens.Length, 0, 0.1), Row(baseTokens.Length, 0.2, 0.9), Row(baseTokens.Length, 0.8, 0)],
    };

    internal static RavelScore Score(string attribute, double cause, double isolate, int? layer = null, string method = "HyperDas") => new()
    {
        Domain = "city",
        Attribute = attribute,
        Method = method,
        SelectionMode = SelectionMode.OneToOne,
        Cause = cause,
        Isolate = isolate,
        CauseCount = 50,
        IsolateCount = 50,
        CauseInterval = new ScoreInterval(cause - 5, cause + 5),
        Layer = layer,
        FeatureDimension = layer * 16,
    };

    internal static TrainingStep[] Steps(int count) =>
        [.. Enumerable.Range(1, count).Select(i => new TrainingStep(i, i / 10.0, 4.0 / i, 3.0 / i, 0.5, 1, 1e-3))];

    // As many columns as there are tokens: the two of a sample over and over.
    private static double[] Row(int columns, double first, double second) =>
        [.. Enumerable.Range(0, columns).Select(j => j % 2 == 0 ? first : second)];
}
