using HyperDas.Engine.Reports.Plots;

namespace HyperDas.Engine.Reports.Html;

/// <summary>Content of a report; empty parts are omitted.</summary>
public sealed record ReportContent
{
    /// <summary>Heading; null for one derived from the content.</summary>
    public string? Title { get; init; }

    /// <summary>Scores, in order.</summary>
    public IReadOnlyList<RavelScore> Scores { get; init; } = [];

    /// <summary>Trainings.</summary>
    public IReadOnlyList<TrainingRun> Runs { get; init; } = [];

    /// <summary>
    /// Interventions whose token selection can be explored; those with the same prompts and concept are its selection modes.
    /// </summary>
    public IReadOnlyList<InterventionResult> Interventions { get; init; } = [];

    /// <summary>Documents on the provenance of the results, with a title and a text each, e.g. the configuration of a run.</summary>
    public IReadOnlyList<ReportDocument> Documents { get; init; } = [];

    /// <summary>Runs that belong to the results but have no scores.</summary>
    public IReadOnlyList<ExperimentStatus> Unfinished { get; init; } = [];

    /// <summary>Number of runs, with and without scores; 0 if unknown.</summary>
    public int RunCount { get; init; }

    /// <summary>Whether there is nothing to show.</summary>
    public bool IsEmpty => Scores.Count + Runs.Count + Interventions.Count + Documents.Count + Unfinished.Count == 0;

    /// <summary>Combines several contents in order; the heading is the first one's.</summary>
    /// <param name="contents">Any number of contents.</param>
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
