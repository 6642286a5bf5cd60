using System.Text;
using System.Text.Json;

namespace HyperDas.Engine.Reports.Html;

/// <summary>Configuration and manifest of a report: texts as is, JSON objects as a table of their values.</summary>
internal static class DocumentSection
{
    /// <summary>The section.</summary>
    /// <param name="documents">At least one document.</param>
    internal static string Html(IReadOnlyList<ReportDocument> documents)
    {
        StringBuilder html = new();
        foreach (ReportDocument document in documents)
        {
            html.Append($"<details{(documents.Count <= 2 ? " open" : "")}><summary><b>{HtmlParts.Encode(document.Title)}</b></summary>\n");
            html.Append(document.Json ? Table(document.Text) : $"<pre tabindex=\"0\">{Lines(document.Text)}</pre>\n")
                .Append("</details>\n");
        }
        return html.ToString();
    }

    private static string Lines(string text) =>
        string.Join('\n', text.ReplaceLineEndings("\n").TrimEnd().Split('\n').Select(HtmlParts.Encode));

    private static string Table(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        StringBuilder html = new("<dl>\n");
        foreach ((string name, string value) in Values("", document.RootElement))
        {
            html.Append($"<dt>{HtmlParts.Encode(name)}</dt><dd>{HtmlParts.Encode(value)}</dd>\n");
        }
        return html.Append("</dl>\n").ToString();
    }

    private static IEnumerable<(string Name, string Value)> Values(string name, JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => Values(name.Length == 0 ? p.Name : $"{name}.{p.Name}", p.Value)),
        JsonValueKind.Array when element.EnumerateArray().Any(e => e.ValueKind is JsonValueKind.Object or JsonValueKind.Array) =>
            element.EnumerateArray().SelectMany((e, i) => Values($"{name}[{i}]", e)),
        JsonValueKind.Array => [(name, string.Join(", ", element.EnumerateArray()))],
        _ => [(name, element.ToString())],
    };
}
