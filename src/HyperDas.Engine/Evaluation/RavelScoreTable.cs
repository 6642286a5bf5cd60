using System.Globalization;
using System.Text.RegularExpressions;
using HyperDas.Engine.Files;
using Microsoft.VisualBasic.FileIO;

namespace HyperDas.Engine.Evaluation;

/// <summary>
/// Scores as a text table with a column for each property, as written by <c>Export-Csv</c>, with commas, semicolons or tabs as separators
/// and numbers in any culture's format.
/// </summary>
internal static partial class RavelScoreTable
{
    private const string InvalidErrorId = "ScoresInvalid", TypeLine = "#TYPE";

    private static readonly string[] s_extensions = [".csv", ".tsv"], s_delimiters = [",", ";", "\t"];

    private static readonly string[] s_needed =
        [nameof(RavelScore.Domain), nameof(RavelScore.Attribute), nameof(RavelScore.Method), nameof(RavelScore.SelectionMode),
            nameof(RavelScore.Cause), nameof(RavelScore.Isolate)];

    /// <summary>Whether a file has the extension of such a table.</summary>
    /// <param name="path">File.</param>
    public static bool IsTable(string path) => s_extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads the rows in order; unknown columns are ignored.</summary>
    /// <param name="path">File.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>FileUnreadable</c>; <c>ScoresInvalid</c>: names
    /// file, line and column.</exception>
    public static IReadOnlyList<RavelScore> Read(string path)
    {
        using StreamReader text = new(new MemoryStream(WholeFile.Read(path, StrictJson.MaxBytes, InvalidErrorId)));
        using TextFieldParser parser = new(text) { TrimWhiteSpace = false, HasFieldsEnclosedInQuotes = true, CommentTokens = [TypeLine] };
        parser.SetDelimiters(Delimiter(path));
        try
        {
            string[] columns = parser.ReadFields() ?? throw Invalid(path, "it is empty", null);
            string[] missing = [.. s_needed.Except(columns, StringComparer.OrdinalIgnoreCase)];
            if (missing.Length > 0)
            {
                throw Invalid(path, $"it has no column {string.Join(", ", missing)}", null);
            }
            List<RavelScore> scores = [];
            while (!parser.EndOfData)
            {
                long line = parser.LineNumber;
                string[] cells = parser.ReadFields()!;
                if (cells.Length != columns.Length)
                {
                    throw Invalid(path, $"line {line} has {cells.Length} cells, but the first line has {columns.Length}", null);
                }
                scores.Add(Score(new Row(path, line, columns, cells)));
            }
            return scores;
        }
        catch (MalformedLineException e)
        {
            throw Invalid(path, $"the quotation marks in line {parser.ErrorLineNumber} aren't closed or are inside a cell", e);
        }
    }

    private static RavelScore Score(Row row) => new()
    {
        Domain = row.Text(nameof(RavelScore.Domain)),
        Attribute = row.Text(nameof(RavelScore.Attribute)),
        Method = row.Text(nameof(RavelScore.Method)),
        SelectionMode = row.Name<SelectionMode>(nameof(RavelScore.SelectionMode))
            ?? throw row.Invalid(nameof(RavelScore.SelectionMode), "is empty"),
        Cause = row.Number(nameof(RavelScore.Cause)) ?? throw row.Invalid(nameof(RavelScore.Cause), "is empty"),
        Isolate = row.Number(nameof(RavelScore.Isolate)) ?? throw row.Invalid(nameof(RavelScore.Isolate), "is empty"),
        CauseCount = row.Count(nameof(RavelScore.CauseCount)) ?? 0,
        IsolateCount = row.Count(nameof(RavelScore.IsolateCount)) ?? 0,
        Dialect = row.Name<RavelDialect>(nameof(RavelScore.Dialect)) ?? RavelDialect.HyperDas,
        HeldOut = row.Name<RavelHeldOut>(nameof(RavelScore.HeldOut)) ?? RavelHeldOut.Unspecified,
        Wording = row.Name<RavelWording>(nameof(RavelScore.Wording)) ?? default,
        WorstAttribute = row.Cell(nameof(RavelScore.WorstAttribute)),
        WorstCause = row.Number(nameof(RavelScore.WorstCause)),
        Layer = row.Count(nameof(RavelScore.Layer)),
        FeatureDimension = row.Count(nameof(RavelScore.FeatureDimension)),
        Template = row.Cell(nameof(RavelScore.Template)),
        CauseInterval = row.Interval(nameof(RavelScore.CauseInterval)),
        IsolateInterval = row.Interval(nameof(RavelScore.IsolateInterval)),
        DisentangleInterval = row.Interval(nameof(RavelScore.DisentangleInterval)),
    };

    // The most frequent separator in the first line: names of properties contain none.
    private static string Delimiter(string path)
    {
        string head = TextLines.Read(path, InvalidErrorId).Select(line => line.Text)
            .FirstOrDefault(text => !text.StartsWith(TypeLine, StringComparison.Ordinal)) ?? "";
        return s_delimiters.MaxBy(delimiter => head.Count(letter => letter == delimiter[0]))!;
    }

    private static HyperDasException Invalid(string path, string why, Exception? cause) => new(
        InvalidErrorId, HyperDasErrorKind.InvalidData,
        $"'{path}' isn't a table of scores: {why}. Pipe results of Measure-RavelScore to Export-Csv to write one.", path, cause);

    [GeneratedRegex(@"^(\S+) to (\S+)$")]
    private static partial Regex IntervalText();

    /// <summary>A line of the table; an empty cell is no value.</summary>
    private readonly record struct Row(string Path, long Line, string[] Columns, string[] Cells)
    {
        public string? Cell(string column)
        {
            int place = Array.FindIndex(Columns, name => name.Equals(column, StringComparison.OrdinalIgnoreCase));
            return place >= 0 && Cells[place].Length > 0 ? Cells[place] : null;
        }

        public string Text(string column) => Cell(column) ?? throw Invalid(column, "is empty");

        public T? Name<T>(string column)
            where T : struct, Enum => Cell(column) is not string cell ? null
            : Enum.TryParse(cell, ignoreCase: true, out T value) && Enum.IsDefined(value) && !char.IsAsciiDigit(cell[0]) ? value
            : throw Invalid(column, $"is '{cell}'; it must be one of {string.Join(", ", Enum.GetNames<T>())}");

        public double? Number(string column) => Cell(column) is not string cell
            ? null
            : Parse(cell) ?? throw Invalid(column, $"is '{cell}', not a number");

        public int? Count(string column) => Cell(column) is not string cell ? null
            : int.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count
            : throw Invalid(column, $"is '{cell}', not a nonnegative integer");

        public ScoreInterval? Interval(string column) => Cell(column) is not string cell ? null
            : IntervalText().Match(cell) is { Success: true } match && Parse(match.Groups[1].Value) is double low
                && Parse(match.Groups[2].Value) is double high ? new ScoreInterval(low, high)
            : throw Invalid(column, $"is '{cell}', not two numbers separated by 'to'");

        public HyperDasException Invalid(string column, string why) =>
            RavelScoreTable.Invalid(Path, $"{column} in line {Line} {why}", null);

        // Export-Csv writes the decimal separator of the user's culture, and never groups digits.
        private static double? Parse(string text) =>
            double.TryParse(text.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;
    }
}
