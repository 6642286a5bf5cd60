using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace HyperDas.Engine.Experiments.Yaml;

/// <summary>
/// Converts YamlDotNet's events of a document to nodes with positions. Documents that could exhaust memory or the stack are rejected: deep
/// nesting, many nodes, and anchors whose copies add up to many.
/// </summary>
internal sealed class YamlTree
{
    /// <summary>Maximum number of characters of a document.</summary>
    public const int MaxLength = 1 << 20;

    /// <summary>Maximum depth of nesting; an experiment needs three.</summary>
    public const int MaxDepth = 16;

    /// <summary>Maximum number of nodes, including each copy of an anchor.</summary>
    public const int MaxNodes = 20_000;

    private const string MergeKey = "<<";

    private readonly YamlMark _origin;
    private readonly List<ExperimentIssue> _issues;
    private readonly IParser _parser;
    private readonly Dictionary<string, (YamlNode Node, int Count, int Height, int Part)> _anchors = new(StringComparer.Ordinal);
    // The top-level entries of the document, in order; those with anchors that other parts refer to.
    private readonly HashSet<int> _sharedParts = [];
    private readonly Dictionary<string, int> _partOf = new(StringComparer.Ordinal);
    private int _nodes, _part;

    private YamlTree(string text, YamlMark origin, List<ExperimentIssue> issues)
    {
        _origin = origin;
        _issues = issues;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>Reads one document.</summary>
    /// <param name="text">The document.</param>
    /// <param name="origin">Position of its first character.</param>
    /// <param name="issues">Receives issues; syntax errors end the parsing.</param>
    /// <returns>The root, or null when the text can't be parsed or is empty.</returns>
    public static YamlNode? Read(string text, YamlMark origin, List<ExperimentIssue> issues)
    {
        if (text.Length > MaxLength)
        {
            issues.Add(new ExperimentIssue(origin.File, origin.Line, origin.Column, "", "",
                $"The document has {text.Length:N0} characters; an experiment may have at most {MaxLength:N0}."));
            return null;
        }
        try
        {
            return new YamlTree(text, origin, issues).Document();
        }
        catch (Refused e)
        {
            issues.Add(new ExperimentIssue(e.Mark.File, e.Mark.Line, e.Mark.Column, "", "", e.Message));
            return null;
        }
        catch (YamlException e)
        {
            AddBroken(text, origin, Place(e.Start, origin), e.Message, issues);
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or OverflowException
            or InvalidCastException)
        {
            // YamlDotNet's scanner fails with other exceptions for some invalid texts instead of reporting a position.
            AddBroken(text, origin, origin, e.Message, issues);
            return null;
        }
    }

    private static void AddBroken(string text, YamlMark origin, YamlMark at, string message, List<ExperimentIssue> issues)
    {
        if (YamlDiagnosis.Of(text) is var (line, column, likely))
        {
            at = Place(new Mark(0, line, column), origin);
            issues.Add(new ExperimentIssue(at.File, at.Line, at.Column, "", "", likely));
            return;
        }
        issues.Add(new ExperimentIssue(at.File, at.Line, at.Column, "", "", $"This isn't YAML: {message}"));
    }

    private YamlNode? Document()
    {
        Next<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
        {
            return null;
        }
        Next<DocumentStart>();
        YamlNode root = Node(depth: 0, out _);
        Next<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out DocumentStart? second))
        {
            throw new Refused(
                MarkOf(second), "A second document begins here; a file describes one experiment; use `sweep:` for several runs.");
        }
        return root switch
        {
            YamlText { IsNull: true } => null,
            YamlMap map => map with { Entries = [.. map.Entries.Select(e => e with { IsShared = _sharedParts.Contains(_partOf[e.Key]) })] },
            _ => root,
        };
    }

    // The height counts levels below the node: the limit on nesting then also applies to copies of an anchor.
    private YamlNode Node(int depth, out int height)
    {
        ParsingEvent current = _parser.Current!;
        height = 0;
        if (current is AnchorAlias alias)
        {
            _parser.MoveNext();
            if (!_anchors.TryGetValue(alias.Value.Value, out (YamlNode Node, int Count, int Height, int Part) known))
            {
                throw new Refused(MarkOf(alias), $"No anchor '&{alias.Value.Value}' ends before this alias.");
            }
            if (known.Part != _part)
            {
                _sharedParts.Add(known.Part);
            }
            height = known.Height;
            Count(known.Count, depth + height, alias);
            return known.Node;
        }
        int before = _nodes;
        Count(1, depth, current);
        NodeEvent start = (NodeEvent)current;
        if (!start.Tag.IsEmpty && !start.Tag.IsNonSpecific)
        {
            _issues.Add(IssueAt(start, start.Tag.Value, $"The tag '{start.Tag.Value}' isn't supported; remove it."));
        }
        YamlNode node = current switch
        {
            Scalar => Text(),
            SequenceStart => List(depth, ref height),
            _ => Map(depth, ref height),
        };
        if (!start.Anchor.IsEmpty)
        {
            _anchors[start.Anchor.Value] = (node, _nodes - before, height, _part);
        }
        return node;
    }

    private YamlText Text()
    {
        Scalar scalar = Next<Scalar>();
        return new YamlText(MarkOf(scalar), scalar.Value, scalar.Style == ScalarStyle.Plain);
    }

    private YamlList List(int depth, ref int height)
    {
        SequenceStart start = Next<SequenceStart>();
        List<YamlNode> items = [];
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Node(depth + 1, out int below));
            height = Math.Max(height, below + 1);
        }
        return new YamlList(MarkOf(start), items);
    }

    private YamlMap Map(int depth, ref int height)
    {
        MappingStart start = Next<MappingStart>();
        List<YamlEntry> entries = [];
        List<YamlMap> merged = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            ParsingEvent at = _parser.Current!;
            _part += depth == 0 ? 1 : 0;
            YamlNode key = Node(depth + 1, out _);
            YamlNode value = Node(depth + 1, out int below);
            height = Math.Max(height, below + 1);
            if (key is not YamlText name)
            {
                _issues.Add(IssueAt(at, key.Shown, "A key must be text."));
            }
            else if (!seen.Add(name.Text))
            {
                _issues.Add(IssueAt(at, name.Text, $"The key '{name.Shown}' occurs twice; keep one."));
            }
            else if (name is { IsPlain: true, Text: MergeKey })
            {
                Merge(at, value, merged);
            }
            else
            {
                entries.Add(new YamlEntry(name.Text, MarkOf(at), value));
                if (depth == 0)
                {
                    _partOf[name.Text] = _part;
                }
            }
        }
        // The mapping's own keys take precedence, then those of the first merged mapping.
        foreach (YamlEntry entry in merged.SelectMany(map => map.Entries).Where(entry => seen.Add(entry.Key)))
        {
            entries.Add(entry);
            if (depth == 0)
            {
                _partOf[entry.Key] = 0;
            }
        }
        return new YamlMap(MarkOf(start), entries);
    }

    // YAML's merge key: it adds the keys of one or several mappings to the enclosing mapping.
    private void Merge(ParsingEvent at, YamlNode value, List<YamlMap> merged)
    {
        if (value is YamlMap map)
        {
            merged.Add(map);
        }
        else if (value is YamlList list && list.Items.All(item => item is YamlMap))
        {
            merged.AddRange(list.Items.Cast<YamlMap>());
        }
        else
        {
            _issues.Add(IssueAt(
                at, value.Shown, $"'{MergeKey}' must have the anchor of a mapping, such as '{MergeKey}: *defaults', or a list of such anchors."));
        }
    }

    private void Count(int nodes, int depth, ParsingEvent at)
    {
        _nodes += nodes;
        if (_nodes > MaxNodes)
        {
            throw new Refused(
                MarkOf(at), $"The document has more than {MaxNodes:N0} parts, copies of anchors included; an experiment can't be that large.");
        }
        if (depth > MaxDepth)
        {
            throw new Refused(MarkOf(at), $"The document is nested more than {MaxDepth} levels deep; an experiment needs only three.");
        }
    }

    private T Next<T>()
        where T : ParsingEvent => _parser.Consume<T>();

    private YamlMark MarkOf(ParsingEvent at) => Place(at.Start, _origin);

    private ExperimentIssue IssueAt(ParsingEvent at, string value, string message)
    {
        YamlMark mark = MarkOf(at);
        return new ExperimentIssue(mark.File, mark.Line, mark.Column, "", value, message);
    }

    private static YamlMark Place(Mark mark, YamlMark origin) =>
        new(origin.File, origin.Line + (int)mark.Line - 1, (mark.Line == 1 ? origin.Column - 1 : 0) + (int)mark.Column);

    private sealed class Refused(YamlMark mark, string message) : Exception(message)
    {
        public YamlMark Mark { get; } = mark;
    }
}
