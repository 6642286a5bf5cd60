using HyperDas.Engine.Experiments.Yaml;

namespace HyperDas.Engine.Experiments;

/// <summary>Collects issues to report all at once, without duplicates: the runs of a sweep share most of their text.</summary>
internal sealed class IssueList
{
    private readonly HashSet<ExperimentIssue> _seen = [];

    /// <summary>The issues by position.</summary>
    public IReadOnlyList<ExperimentIssue> Sorted =>
        [.. _seen.OrderBy(i => i.File, StringComparer.Ordinal).ThenBy(i => i.Line).ThenBy(i => i.Column)];

    /// <summary>Number of issues.</summary>
    public int Count => _seen.Count;

    /// <summary>Adds an issue.</summary>
    /// <param name="mark">Its position.</param>
    /// <param name="key">Dotted key.</param>
    /// <param name="value">The value in the document.</param>
    /// <param name="message">What is wrong and what would be right.</param>
    public void Add(YamlMark mark, string key, string value, string message) =>
        _seen.Add(new ExperimentIssue(mark.File, mark.Line, mark.Column, key, value, message));

    /// <summary>Whether there is an issue with a key at a position.</summary>
    public bool Has(YamlMark mark, string key) =>
        _seen.Any(i => (i.File, i.Line, i.Column, i.Key) == (mark.File, mark.Line, mark.Column, key));

    /// <summary>Adds several issues.</summary>
    public void AddRange(IEnumerable<ExperimentIssue> issues) => _seen.UnionWith(issues);

    /// <summary>Throws when there are issues.</summary>
    /// <param name="file">The document.</param>
    /// <exception cref="HyperDasException"><c>ConfigInvalid</c>; its target is the list of issues.</exception>
    public void ThrowIfAny(string file)
    {
        if (_seen.Count > 0)
        {
            ExperimentIssue[] all = [.. Sorted];
            string count = all.Length == 1 ? "One mistake" : $"{all.Length} mistakes";
            throw new HyperDasException(
                "ConfigInvalid", HyperDasErrorKind.InvalidData,
                $"{count} in the experiment '{file}':\n{string.Join('\n', all.Select(i => i.ToString()))}", all);
        }
    }
}
