using System.Text;
using HyperDas.Engine.Files;
using HyperDas.Engine.Reports.Plots;

namespace HyperDas.Engine.Reports.Html;

/// <summary>
/// A single self-contained HTML page: it loads nothing, and its content policy forbids it. It follows the reader's light or dark theme and
/// works on phones. Equal content gives identical bytes.
/// </summary>
public static class HtmlReport
{
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

    private static readonly (PlotKind Kind, string Id, string Title)[] s_sweeps =
        [(PlotKind.LayerSweep, "layers", "Layers"), (PlotKind.DimensionSweep, "dimensions", "Dimensions")];

    /// <summary>Writes the page; an existing file is replaced, a missing folder created.</summary>
    /// <param name="content">Content of the report.</param>
    /// <param name="path">File to write.</param>
    /// <exception cref="HyperDasException"><c>ReportEmpty</c>, <c>WriteFailed</c>.</exception>
    public static void Write(ReportContent content, string path)
    {
        byte[] page = Encoding.UTF8.GetBytes(Render(content));
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            AtomicFile.Write(path, stream => stream.Write(page));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HyperDasException(
                "WriteFailed", HyperDasErrorKind.WriteError, $"The report couldn't be written to '{path}': {e.Message}", path, e);
        }
    }

    /// <summary>The page.</summary>
    /// <param name="content">Content of the report.</param>
    /// <exception cref="HyperDasException"><c>ReportEmpty</c>.</exception>
    public static string Render(ReportContent content)
    {
        if (content.IsEmpty)
        {
            throw new HyperDasException(
                "ReportEmpty", HyperDasErrorKind.InvalidArgument,
                "There is nothing to report: specify scores, trainings, interventions or the folder of a run.", content);
        }
        IReadOnlyList<RavelScore> scores = SeedMeans.Of(content.Scores);
        (string Id, string Title, string Html)[] sections = [.. Sections(content, scores)];
        string title = HtmlParts.Encode(content.Title ?? "HyperDAS report");
        StringBuilder page = new();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        page.Append(
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n");
        page.Append($"<meta http-equiv=\"Content-Security-Policy\" content=\"{Policy}\">\n<link rel=\"icon\" href=\"data:,\">\n");
        page.Append($"<title>{title}</title>\n<style>\n{Resource("report.css")}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n");
        page.Append($"<p class=\"lead\">{HtmlParts.Encode(Lead(content))}</p>\n<nav aria-label=\"Parts of the report\">");
        page.AppendJoin(" ", sections.Select(s => $"<a href=\"#{s.Id}\">{HtmlParts.Encode(s.Title)}</a>"));
        page.Append($"</nav>\n{Incomplete(content)}{Seeds(content)}{ScoreSection.Tiles(scores)}</header>\n<main>\n");
        foreach ((string id, string heading, string html) in sections)
        {
            page.Append($"<section id=\"{id}\">\n<h2>{HtmlParts.Encode(heading)}</h2>\n{html}</section>\n");
        }
        page.Append(
            "</main>\n<footer>\n<p>Made by HyperDas for PowerShell. This page is self-contained and loads nothing.</p>\n</footer>\n");
        if (content.Interventions.Count > 0)
        {
            page.Append($"<script>\n{Resource("report.js")}</script>\n");
        }
        return page.Append("</body>\n</html>\n").ToString();
    }

    // Runs without results, and the reason: a mean over the available ones alone could mislead.
    private static string Incomplete(ReportContent content)
    {
        const int MostNames = 20;
        if (content.Unfinished.Count == 0)
        {
            return "";
        }
        string names = string.Join("; ", content.Unfinished.Take(MostNames).Select(run => run.ErrorId is null
            ? $"{run.Name} ({run.State.ToString().ToLowerInvariant()})"
            : $"{run.Name} ({run.State.ToString().ToLowerInvariant()}: {run.ErrorId})"));
        string more = content.Unfinished.Count > MostNames
            ? FormattableString.Invariant($"; and {content.Unfinished.Count - MostNames:N0} more")
            : "";
        string text = FormattableString.Invariant(
            $"Incomplete: {content.Unfinished.Count:N0} of {content.RunCount:N0} runs have no scores: {names}{more}.");
        return $"<p class=\"incomplete\" role=\"note\">{HtmlParts.Encode(text)}</p>\n";
    }

    private static string Seeds(ReportContent content) => SeedMeans.Count(content.Scores) is { } seeds
        ? $"<p class=\"note\">{HtmlParts.Encode($"Values are means over {seeds} seeds; ranges beside them, and lines and bands in plots, span the seeds.")}</p>\n"
        : "";

    private static IEnumerable<(string Id, string Title, string Html)> Sections(ReportContent content, IReadOnlyList<RavelScore> scores)
    {
        if (scores.Count > 0)
        {
            yield return ("scores", "Scores", ScoreSection.Html(scores, SeedMeans.Count(content.Scores) is not null));
        }
        foreach ((PlotKind kind, string id, string title) in s_sweeps)
        {
            if (SweepPlot.Applies(content.Scores, kind))
            {
                yield return (id, title, HtmlParts.Figure(o => SweepPlot.Of(content.Scores, kind, o),
                    "Means over attributes; thin lines are 95 % intervals, bands the range of several scores."));
            }
        }
        TrainingRun[] runs = [.. content.Runs.Where(r => r.Steps.Count > 0)];
        if (runs.Length > 0)
        {
            yield return ("training", "Training", TrainingHtml(runs));
        }
        if (content.Interventions.Count > 0)
        {
            yield return ("selection", "Token selection", SelectionSection.Html(content.Interventions));
        }
        if (content.Documents.Count > 0)
        {
            yield return ("run", "How it was made", DocumentSection.Html(content.Documents));
        }
    }

    private static string TrainingHtml(TrainingRun[] runs)
    {
        TrainingStep last = runs[0].Steps[^1];
        string caption = runs.Length == 1
            ? FormattableString.Invariant(
                $"{last.Step} steps, final loss {last.Loss:F3}. The line is a moving mean; the faint line shows the values.")
            : $"Total losses of {runs.Length} trainings. Lines are moving means; faint lines show the values.";
        return HtmlParts.Figure(o => TrainingCurves.Of(runs, o), caption);
    }

    private static string Lead(ReportContent content)
    {
        string[] methods = [.. content.Scores.Select(s => s.Method).Distinct()], domains =
            [.. content.Scores.Select(s => s.Domain).Where(d => d != RavelScore.All).Distinct()];
        List<string> parts = [];
        if (methods.Length > 0)
        {
            parts.Add($"{string.Join(", ", methods)} on {string.Join(", ", domains.DefaultIfEmpty("all domains"))}");
        }
        if (content.Runs.Count > 0)
        {
            parts.Add(content.Runs.Count == 1 ? $"{content.Runs[0].Steps.Count} logged training steps" : $"{content.Runs.Count} trainings");
        }
        int questions = SelectionSection.Questions(content.Interventions).Count();
        if (questions > 0)
        {
            parts.Add(questions == 1 ? "one intervention to explore" : $"{questions} interventions to explore");
        }
        return string.Join(" · ", parts);
    }

    private static string Resource(string name)
    {
        using Stream stream = typeof(HtmlReport).Assembly.GetManifestResourceStream(name)!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
