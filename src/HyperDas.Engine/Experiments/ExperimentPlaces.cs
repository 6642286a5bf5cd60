using HyperDas.Engine.Experiments.Yaml;

namespace HyperDas.Engine.Experiments;

/// <summary>Where the settings of a run stand in the document, for what is wrong with settings together.</summary>
/// <param name="Root">The document.</param>
/// <param name="Nodes">Values by dotted key.</param>
/// <param name="Issues">Receives what is wrong.</param>
internal sealed record ExperimentPlaces(YamlMap Root, IReadOnlyDictionary<string, YamlNode> Nodes, IssueList Issues)
{
    /// <summary>Adds an issue at a key, or where its section begins when the document doesn't have the key.</summary>
    /// <param name="key">Dotted key.</param>
    /// <param name="message">What is wrong and what would be right.</param>
    public void Add(string key, string message)
    {
        YamlNode? node = Nodes.GetValueOrDefault(key);
        YamlMark mark = node?.Mark ?? Root.Find(key.Split('.')[0])?.Mark ?? Root.Mark;
        // A value that is wrong by itself isn't compared with others: the setting has its default then.
        if (!Issues.Has(mark, key))
        {
            Issues.Add(mark, key, node?.Shown ?? "", message);
        }
    }

    /// <summary>Whether the document has a key.</summary>
    /// <param name="key">Dotted key.</param>
    public bool Has(string key) => Nodes.ContainsKey(key);
}
