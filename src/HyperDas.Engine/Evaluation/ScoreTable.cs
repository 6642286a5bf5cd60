namespace HyperDas.Engine.Evaluation;

/// <summary>
/// Arranges judged examples into rows by the averaging of a dialect (docs/methods.md#averages): for each attribute, optionally for each of
/// its templates, for each domain if there are several, and last for all. Context and entity examples are never mixed, nor are wordings.
/// </summary>
internal sealed class ScoreTable
{
    private readonly RavelExample[] _examples;
    private readonly int[] _entities;
    private readonly bool[] _right;
    private readonly RavelScore _blank;
    private readonly bool _perTemplate;

    private ScoreTable(RavelExample[] examples, int[] entities, bool[] right, RavelScore blank, bool perTemplate)
    {
        _examples = examples;
        _entities = entities;
        _right = right;
        _blank = blank;
        _perTemplate = perTemplate;
    }

    // RAVEL averages templates, then attributes; the others pool an attribute's examples.
    private bool Pools => _blank.Dialect != RavelDialect.Ravel;

    // HyperDAS gives attributes of all domains equal weight, as does MIB, which has only one domain.
    private bool AveragesDomains => _blank.Dialect is RavelDialect.Ravel or RavelDialect.SaeBench;

    /// <summary>Arranges the examples.</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="entities">For each example the index of its base entity.</param>
    /// <param name="right">Whether each is correct.</param>
    /// <param name="blank">Method, mode and dialect of the scores.</param>
    /// <param name="perTemplate">Whether to include rows for templates.</param>
    internal static IReadOnlyList<ScoreRow> Rows(RavelExample[] examples, int[] entities, bool[] right, RavelScore blank, bool perTemplate)
    {
        ScoreTable table = new(examples, entities, right, blank, perTemplate);
        return
        [
            .. Enumerable.Range(0, examples.Length).GroupBy(i => (examples[i].Wording, examples[i].HeldOut)).OrderBy(part => part.Key)
                .SelectMany(part => table.Part([.. part])),
        ];
    }

    private IEnumerable<ScoreRow> Part(int[] indices)
    {
        (ScoreRow Row, int[] Indices)[] attributes =
        [
            .. indices.GroupBy(i => (_examples[i].Domain, _examples[i].Attribute))
                .Select(group => (Row([.. group], group.Key.Domain, group.Key.Attribute, template: null), group.ToArray())),
        ];
        List<ScoreRow> means = [];
        string[] domains = [.. attributes.Select(a => a.Row.Score.Domain).Distinct()];
        foreach (string domain in domains)
        {
            (ScoreRow Row, int[] Indices)[] own = [.. attributes.Where(a => a.Row.Score.Domain == domain)];
            foreach ((ScoreRow row, int[] of) in own)
            {
                yield return row;
                foreach (ScoreRow template in _perTemplate ? Templates(of, row.Score) : [])
                {
                    yield return template;
                }
            }
            means.Add(ScoreRow.MeanOf([.. own.Select(a => a.Row)], domain));
            if (domains.Length > 1)
            {
                yield return means[^1];
            }
        }
        yield return domains.Length == 1 ? means[0]
            : ScoreRow.MeanOf(AveragesDomains ? means : [.. attributes.Select(a => a.Row)], RavelScore.All);
    }

    private IEnumerable<ScoreRow> Templates(int[] indices, RavelScore attribute) => indices.GroupBy(i => _examples[i].BaseTemplate)
        .Select(group => Row([.. group], attribute.Domain, attribute.Attribute, group.Key));

    private ScoreRow Row(int[] indices, string domain, string attribute, string? template)
    {
        ScoreSide cause = Side(indices, RavelExampleKind.Cause), isolate = Side(indices, RavelExampleKind.Isolate);
        RavelScore score = _blank with
        {
            Domain = domain,
            Attribute = attribute,
            Template = template,
            HeldOut = _examples[indices[0]].HeldOut,
            Wording = _examples[indices[0]].Wording,
            CauseCount = cause.Count,
            IsolateCount = isolate.Count,
        };
        return new ScoreRow(score, cause, isolate, []);
    }

    private ScoreSide Side(int[] indices, RavelExampleKind kind)
    {
        int[] own = [.. indices.Where(i => _examples[i].Kind == kind)];
        return new ScoreSide(Pools
            ? [[Cell(own)]]
            : [.. own.GroupBy(i => _examples[i].AskedAttribute)
                .Select(asked => (ScoreCell[])[.. asked.GroupBy(i => _examples[i].BaseTemplate).Select(Cell)])]);
    }

    private ScoreCell Cell(IEnumerable<int> indices) => new(indices.Select(i => (_entities[i], _right[i])));
}
