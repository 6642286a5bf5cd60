using HyperDas.Engine.Experiments.Yaml;

namespace HyperDas.Engine.Experiments;

/// <summary>Positions of a run's settings in the document, for issues with combinations of settings.</summary>
/// <param name="Root">The document.</param>
/// <param name="Nodes">Values by dotted key.</param>
/// <param name="Issues">Receives issues.</param>
internal sealed record ExperimentPlaces(YamlMap Root, IReadOnlyDictionary<string, YamlNode> Nodes, IssueList Issues)
{
    /// <summary>Adds an issue at a key, or at the beginning of its section when the document doesn't have the key.</summary>
    /// <param name="key">Dotted key.</param>
    /// <param name="message">What is wrong and what would be right.</param>
    public void Add(string key, string message)
    {
        YamlNode? node = Nodes.GetValueOrDefault(key);
        YamlMark mark = node?.Mark ?? Root.Find(key.Split('.')[0])?.Mark ?? Root.Mark;
        // An invalid value isn't compared with others: the setting then has its default.
        if (!Issues.Has(mark, key))
        {
            Issues.Add(mark, key, node?.Shown ?? "", message);
        }
    }

    /// <summary>Whether the document has a key.</summary>
    /// <param name="key">Dotted key.</param>
    public bool Has(string key) => Nodes.ContainsKey(key);
}
