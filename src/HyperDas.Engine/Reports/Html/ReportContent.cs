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

    /// <summary>Whether there is nothing to show.</summary>
    public bool IsEmpty => Scores.Count + Runs.Count + Interventions.Count + Documents.Count == 0;

    /// <summary>Both contents, one after the other.</summary>
    /// <param name="other">The second.</param>
    public ReportContent With(ReportContent other) => this with
    {
        Title = Title ?? other.Title,
        Scores = [.. Scores, .. other.Scores],
        Runs = [.. Runs, .. other.Runs],
        Interventions = [.. Interventions, .. other.Interventions],
        Documents = [.. Documents, .. other.Documents],
    };
}

/// <summary>A document of a report.</summary>
/// <param name="Title">E.g. <c>Configuration</c>.</param>
/// <param name="Text">Its text.</param>
/// <param name="Json">Whether the text is a JSON object, to be shown as a table.</param>
public sealed record ReportDocument(string Title, string Text, bool Json);
