using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// Draws new pairs and descriptions for each epoch of a training, as many of each kind as the dataset has rows. An epoch depends only on
/// the seed and its number, which makes a training resumable at any epoch.
/// </summary>
internal sealed class EpochPairs
{
    // About half of a pair's facts are known; where hardly anything new is found, rows of the dataset fill the gap.
    private const int DrawsPerExample = 50, PatientDraws = 1000;

    private readonly RavelPairPool _pool;
    private readonly RavelCollator _collator;
    private readonly long _seed;
    private readonly ConceptWording? _wording;
    private readonly Dictionary<string, PairSampler> _samplers;
    private readonly (Cell Cell, RavelExample[] Rows)[] _cells;

    /// <summary>Prepares the sampling.</summary>
    /// <param name="pool">The pool to draw from.</param>
    /// <param name="rows">The usable rows of the dataset; they determine the number of examples of each kind in an epoch.</param>
    /// <param name="collator">Determines which examples are short enough.</param>
    /// <param name="seed">Seed of the training.</param>
    /// <param name="described">Whether descriptions are drawn too, where the dataset has them; the pairs are the same.</param>
    internal EpochPairs(RavelPairPool pool, IEnumerable<RavelExample> rows, RavelCollator collator, long seed, bool described = true)
    {
        (_pool, _collator, _seed) = (pool, collator, seed);
        RavelBuildOptions options = pool.Options;
        _wording = described && options.InstructionStyle == InstructionStyle.Descriptions ? new ConceptWording(pool.Domains) : null;
        _samplers = pool.Domains.ToDictionary(
            domain => domain.Name, domain => new PairSampler(domain, RavelSplit.Train, options.EntitySplit, options.InstructionStyle));
        _cells =
        [
            .. rows.GroupBy(row => new Cell(row.Domain, row.Attribute, row.AskedAttribute)).Select(cell => (cell.Key, cell.ToArray())),
        ];
    }

    /// <summary>Draws an epoch.</summary>
    /// <param name="epoch">1 or more; epoch 0 is the dataset's own rows.</param>
    /// <param name="cancellation">Checked between kinds of examples.</param>
    /// <returns>The examples with their tokens, kind by kind.</returns>
    internal IReadOnlyList<TokenizedExample> Draw(int epoch, CancellationToken cancellation = default)
    {
        List<(RavelExample Example, TokenizedExample Tokens)> drawn = [];
        foreach ((Cell cell, RavelExample[] rows) in _cells)
        {
            cancellation.ThrowIfCancellationRequested();
            drawn.AddRange(Draw(cell, rows, epoch));
        }
        if (_wording is null)
        {
            return [.. drawn.Select(pair => pair.Tokens)];
        }
        RavelExample[] worded = _wording.Train(
            [.. drawn.Select(pair => pair.Example)],
            _pool.Options.AbsentShare,
            _pool.Options.OtherDomainShare,
            _pool.Options.OpeningShare,
            new SeededRandom(_seed, FormattableString.Invariant($"epoch {epoch}/wording")));
        return [.. drawn.Zip(worded, (pair, example) => _collator.Reworded(pair.Tokens, example))];
    }

    private List<(RavelExample, TokenizedExample)> Draw(Cell cell, RavelExample[] rows, int epoch)
    {
        SeededRandom random = new(_seed, FormattableString.Invariant($"epoch {epoch}/{cell.Domain}/{cell.Attribute}/{cell.Asked}"));
        PairSampler sampler = _samplers[cell.Domain];
        HashSet<(string, string)> seen = [];
        List<(RavelExample, TokenizedExample)> made = new(rows.Length);
        long most = PatientDraws + ((long)DrawsPerExample * rows.Length);
        for (long draws = 0; made.Count < rows.Length && draws < most; draws++)
        {
            if (sampler.Draw(cell.Attribute, cell.Asked, random) is { } candidate
                && candidate.Facts.All(fact => _pool.KnownFacts.Contains((cell.Domain, fact.Entity.Name, fact.Template.Text)))
                && seen.Add((candidate.Example.BasePrompt, candidate.Example.SourcePrompt)))
            {
                TokenizedExample tokens = _collator.Tokenize(candidate.Example);
                if (_collator.Fits(tokens) && tokens.LabelLength > 0)
                {
                    made.Add((candidate.Example, tokens));
                }
            }
        }
        for (int i = 0; made.Count < rows.Length; i++)
        {
            RavelExample again = rows[i % rows.Length] with { Wording = RavelWording.Trained };
            made.Add((again, _collator.Tokenize(again)));
        }
        return made;
    }

    private readonly record struct Cell(string Domain, string Attribute, string Asked);
}
