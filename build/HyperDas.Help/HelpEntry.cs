using System.Text.RegularExpressions;

namespace HyperDas.Help;

/// <summary>A third-level heading with its text.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Body">What stands under it.</param>
internal sealed partial record HelpEntry(string Title, string Body)
{
    /// <summary>The first fenced block, or nothing.</summary>
    public string Code => Fence().Match(Body).Groups["code"].Value.TrimEnd();

    /// <summary>The text around fenced blocks.</summary>
    public string Prose => Fence().Replace(Body, "").Trim();

    /// <summary>All but the first fenced block: what stands after an example's code, further code included.</summary>
    public string Remarks => Fence().Replace(Body, "", count: 1).Trim();

    [GeneratedRegex("^```[a-z]*\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
