using System.Globalization;
using System.Text.RegularExpressions;

namespace HyperDas.Engine.Ravel.Instances;

/// <summary>
/// Decides whether a completion states a gold value (docs/methods.md#judging-a-completion): lenient, designed to determine what a target
/// model knows. The benchmark never scores with it; SAEBench's dialect does.
/// </summary>
/// <remarks>Where two special rules could apply, the first one does. An empty completion is wrong.</remarks>
public static partial class CompletionJudge
{
    private static readonly string[] s_summerInAmerica = ["-5", "-6", "-7", "-8"];
    private static readonly string[] s_summerInEurope = ["+0", "+1", "+2", "+3"];

    /// <summary>Judges a completion.</summary>
    /// <param name="template">The completed template: it determines which special rules apply.</param>
    /// <param name="gold">The gold value.</param>
    /// <param name="completion">The target model's text after the prompt.</param>
    /// <param name="date">The date of the time zones' offsets.</param>
    /// <exception cref="HyperDasException"><c>TimeZoneNotFound</c>.</exception>
    public static bool IsCorrect(string template, string gold, string completion, DateOnly date)
    {
        string said = completion.Split('"')[0].Trim(' ', '"').Replace("\\/", "/", StringComparison.Ordinal);
        string output = said.ToLowerInvariant(), value = gold.ToLowerInvariant();
        return gold.Length > 0 && output.Length > 0 && Rule(template, gold, value, said, output, date);
    }

    private static bool Rule(string template, string gold, string value, string said, string output, DateOnly date)
    {
        if (AsksForDegrees().IsMatch(template))
        {
            return IsNearDegree(value, output);
        }
        if (gold.Contains("United States", StringComparison.Ordinal) || gold.Contains("United Kingdom", StringComparison.Ordinal))
        {
            string bare = said.Replace("the ", "", StringComparison.Ordinal);
            return bare.StartsWith(gold.Replace("the ", "", StringComparison.Ordinal), StringComparison.Ordinal)
                || bare.StartsWith("England", StringComparison.Ordinal);
        }
        if (gold.Contains("South Korea", StringComparison.Ordinal))
        {
            return output.StartsWith("korea", StringComparison.Ordinal) || output.StartsWith("south korea", StringComparison.Ordinal);
        }
        if (gold.Contains("North America", StringComparison.Ordinal))
        {
            return output.Contains(value, StringComparison.Ordinal) || output == "na"
                || output.StartsWith("america", StringComparison.Ordinal);
        }
        if (gold.Contains("Mandarin", StringComparison.Ordinal))
        {
            return value.Contains(output, StringComparison.Ordinal) || output == "chinese";
        }
        if (template.Contains("language", StringComparison.Ordinal) && value.Contains(','))
        {
            return value.Split(',').Any(part => output.Contains(part, StringComparison.Ordinal));
        }
        return template.Contains("UTC", StringComparison.Ordinal) && gold.Contains('/')
            ? IsOffset(gold, UtcOffset.Of(gold, date), output)
            : value.Length < output.Length
                ? output.StartsWith(value, StringComparison.Ordinal)
                : value.StartsWith(output, StringComparison.Ordinal);
    }

    /// <summary>Within two degrees; the sign is ignored.</summary>
    private static bool IsNearDegree(string value, string output) =>
        double.TryParse(value.Trim('-'), NumberStyles.Float, CultureInfo.InvariantCulture, out double degree)
        && Digits().Match(output) is { Success: true } number
        && double.TryParse(number.Value, NumberStyles.None, CultureInfo.InvariantCulture, out double named)
        && Math.Abs(degree - named) <= 2;

    private static bool IsOffset(string zone, string offset, string output)
    {
        string hours = offset.Split(':')[0];
        if (output.StartsWith(hours, StringComparison.Ordinal)
            || LeadingZero().Replace(output, "$1").StartsWith(hours, StringComparison.Ordinal))
        {
            return true;
        }
        if (SignedHours().Match(output) is { Success: true } signed && IsSummerTime(zone, hours)
            && int.TryParse(signed.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int said)
            && Math.Abs(said - int.Parse(hours, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)) <= 1)
        {
            return true;
        }
        return Digits().Match(output) is { Success: true } number
            && int.TryParse(number.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int far)
            && far > 11 && offset.Contains((24 - far).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    private static bool IsSummerTime(string zone, string hours) =>
        (zone.StartsWith("America/", StringComparison.Ordinal) && s_summerInAmerica.Contains(hours))
        || ((zone.StartsWith("Europe/", StringComparison.Ordinal) || zone.StartsWith("Africa/", StringComparison.Ordinal))
            && s_summerInEurope.Contains(hours));

    [GeneratedRegex("coord|\"lat\"|\"long\"|latitude|longitude", RegexOptions.CultureInvariant)]
    private static partial Regex AsksForDegrees();

    [GeneratedRegex("[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Digits();

    [GeneratedRegex("^[+-]?[0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex SignedHours();

    [GeneratedRegex("^([+-])0(?=[0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex LeadingZero();
}
