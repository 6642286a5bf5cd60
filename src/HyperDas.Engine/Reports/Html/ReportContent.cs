using HyperDas.Engine.Reports.Plots;

namespace HyperDas.Engine.Reports.Html;

/// <summary>What a report shows; a part without content is left out.</summary>
public sealed record ReportContent
{
    /// <summary>Heading; null for one that follows from the content.</summary>
    public string? Title { get; init; }

    /// <summary>Scores, in order.</summary>
    public IReadOnlyList<RavelScore> Scores { get; init; } = [];

    /// <summary>Trainings.</summary>
    public IReadOnlyList<TrainingRun> Runs { get; init; } = [];

    /// <summary>Interventions whose token selection can be explored; those of one question are its selection modes.</summary>
    public IReadOnlyList<InterventionResult> Interventions { get; init; } = [];

    /// <summary>Documents that say how the results came about: a title and a text each, e.g. the configuration of a run.</summary>
    public IReadOnlyList<ReportDocument> Documents { get; init; } = [];

    /// <summary>Runs that belong to what is shown but have no scores.</summary>
    public IReadOnlyList<ExperimentStatus> Unfinished { get; init; } = [];

    /// <summary>How many runs belong to it, with scores and without; 0 where that isn't known.</summary>
    public int RunCount { get; init; }

    /// <summary>Whether there is nothing to show.</summary>
    public bool IsEmpty => Scores.Count + Runs.Count + Interventions.Count + Documents.Count + Unfinished.Count == 0;

    /// <summary>Several contents, one after the other; the heading is the first one's.</summary>
    /// <param name="contents">At least none.</param>
    public static ReportContent Of(IReadOnlyList<ReportContent> contents) => new()
    {
        Title = contents.Select(c => c.Title).FirstOrDefault(title => title is not null),
        Scores = [.. contents.SelectMany(c => c.Scores)],
        Runs = [.. contents.SelectMany(c => c.Runs)],
        Interventions = [.. contents.SelectMany(c => c.Interventions)],
        Documents = [.. contents.SelectMany(c => c.Documents)],
        Unfinished = [.. contents.SelectMany(c => c.Unfinished)],
        RunCount = contents.Sum(c => c.RunCount),
    };
}

/// <summary>A document of a report.</summary>
/// <param name="Title">E.g. <c>Configuration</c>.</param>
/// <param name="Text">Its text.</param>
/// <param name="Json">Whether the text is a JSON object, to be shown as a table.</param>
public sealed record ReportDocument(string Title, string Text, bool Json);
