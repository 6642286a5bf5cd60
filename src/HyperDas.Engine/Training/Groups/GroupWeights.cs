using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training.Groups;

/// <summary>
/// Weighs a training's examples by how badly their group fares, so that an attribute that fails isn't hidden by the mean of those that
/// don't (docs/methods.md#weights-of-groups). A group's weight is what it fails by relative to the mean of all groups, to a power: of
/// losses, a step then lowers a higher norm of the groups' losses instead of their mean (q-FFL, Li et al. 2020). Unlike weights that are
/// multiplied up from step to step (group DRO, Sagawa et al. 2020) it can't run away to a group that can't be learned, and with
/// fewer examples in a batch than groups it is an average over many steps, not the loss of the few that came up.
/// </summary>
internal sealed class GroupWeights
{
    /// <summary>A mean reaches back about so many of its group's answers.</summary>
    internal const int Horizon = 128;

    /// <summary>No weight is above this, or below its inverse, before the mean is made 1.</summary>
    internal const double Most = 8;

    // A group's mean begins as if so many of its answers had been as all groups' are.
    private const int Assumed = 16;
    private const double KeptFromLook = 0.5;

    // Metrics name the extremes every so many steps.
    private const int ToldEvery = 25;

    private const string Prefix = "groups/", FailuresName = "failures", MassesName = "masses", CountsName = "counts";

    private readonly double _exponent;
    private readonly ExampleGroup[] _groups;
    private readonly Dictionary<ExampleGroup, int> _index;

    // What a group failed by and over how many answers, both fading; its training examples so far; its weight.
    private readonly double[] _failures, _masses, _counts, _weights;

    /// <summary>Begins with equal weights.</summary>
    /// <param name="examples">Examples that have every group but those of what isn't there.</param>
    /// <param name="exponent">The power, above 0.</param>
    /// <param name="signal">What tells how badly a group fares.</param>
    public GroupWeights(IReadOnlyList<TokenizedExample> examples, double exponent, GroupSignal signal)
    {
        (_exponent, Signal) = (exponent, signal);
        // Rows that are drawn later may describe what isn't there although none of the first do.
        _groups =
        [
            .. examples.Select(ExampleGroup.Of)
                .Concat(examples.Select(e => new ExampleGroup(e.Concept?.Domain ?? "", Attribute: null, IsCause: false)))
                .Distinct().OrderBy(g => g.Domain, StringComparer.Ordinal).ThenBy(g => g.Attribute, StringComparer.Ordinal)
                .ThenBy(g => g.IsCause),
        ];
        _index = _groups.Select((group, i) => (group, i)).ToDictionary(pair => pair.group, pair => pair.i);
        _failures = new double[_groups.Length];
        _masses = new double[_groups.Length];
        _counts = new double[_groups.Length];
        _weights = new double[_groups.Length];
        Array.Fill(_weights, 1);
    }

    /// <summary>What tells how badly a group fares.</summary>
    public GroupSignal Signal { get; }

    /// <summary>The weight of an example's group.</summary>
    /// <param name="example">An example of a group that there is.</param>
    public double Of(TokenizedExample example) => _weights[_index[ExampleGroup.Of(example)]];

    /// <summary>Gives the examples of a step their weights.</summary>
    /// <param name="examples">The examples.</param>
    /// <returns>The examples in the same order.</returns>
    public IReadOnlyList<TokenizedExample> Weigh(IReadOnlyList<TokenizedExample> examples) =>
        [.. examples.Select(e => e with { Weight = Of(e) })];

    /// <summary>Learns from a step.</summary>
    /// <param name="examples">The step's examples.</param>
    /// <param name="losses">Cross entropy of each of their label tokens, in order, without weights; without effect where the signal is
    /// another.</param>
    public void Learn(IReadOnlyList<TokenizedExample> examples, ReadOnlySpan<float> losses)
    {
        int from = 0;
        foreach (TokenizedExample example in examples)
        {
            int group = _index[ExampleGroup.Of(example)];
            _counts[group]++;
            if (Signal != GroupSignal.TrainingLoss)
            {
                continue;
            }
            // An answer is right when all of its tokens are: their sum is its loss.
            double loss = 0;
            foreach (float token in losses.Slice(from, example.LabelLength))
            {
                loss += token;
            }
            from += example.LabelLength;
            Note(group, loss, 1, 1 - (1.0 / Horizon));
        }
        WeighAnew();
    }

    /// <summary>Learns from a look at validation examples; without effect where the signal is another.</summary>
    /// <param name="seen">The examples, and whether each was right.</param>
    public void Look(IEnumerable<(TokenizedExample Example, bool IsRight)> seen)
    {
        if (Signal != GroupSignal.ValidationError)
        {
            return;
        }
        foreach (IGrouping<ExampleGroup, bool> group in seen.GroupBy(row => ExampleGroup.Of(row.Example), row => row.IsRight))
        {
            // Examples may be validated that aren't trained on.
            if (_index.TryGetValue(group.Key, out int index))
            {
                Note(index, group.Count(right => !right), group.Count(), KeptFromLook);
            }
        }
        WeighAnew();
    }

    /// <summary>The extremes, where it is time for metrics to name them.</summary>
    /// <param name="step">Steps taken.</param>
    /// <param name="total">Steps of the training.</param>
    public TrainingWeights? Told(int step, int total)
    {
        if (step % ToldEvery != 0 && step != total)
        {
            return null;
        }
        int[] seen = [.. Enumerable.Range(0, _groups.Length).Where(i => _counts[i] > 0)];
        int largest = seen.MaxBy(i => _weights[i]), smallest = seen.MinBy(i => _weights[i]);
        return new TrainingWeights(_groups[largest].ToString(), _weights[largest], _groups[smallest].ToString(), _weights[smallest]);
    }

    /// <summary>What a state needs to go on, under names of its own, in the caller's dispose scope.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Tensors() =>
        [.. Kept().Select(kept => KeyValuePair.Create(Prefix + kept.Name, tensor(kept.Values, ScalarType.Float64)))];

    /// <summary>Goes on where a state stands.</summary>
    /// <param name="read">Gives the tensor of a name and shape, or throws.</param>
    public void Restore(Func<string, long[], Tensor> read)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, double[] values) in Kept())
        {
            read(Prefix + name, [values.Length]).data<double>().ToArray().CopyTo(values, 0);
        }
        WeighAnew();
    }

    private IEnumerable<(string Name, double[] Values)> Kept() =>
        [(FailuresName, _failures), (MassesName, _masses), (CountsName, _counts)];

    private void Note(int group, double failed, double of, double kept)
    {
        _failures[group] = (_failures[group] * kept) + failed;
        _masses[group] = (_masses[group] * kept) + of;
    }

    // What must change and what must stay are weighed apart, so that the one doesn't outgrow the other: that is what the loss weights of
    // cause and isolate decide. The mean over the examples of a side that were trained on so far is 1.
    private void WeighAnew()
    {
        foreach (int[] side in Enumerable.Range(0, _groups.Length).Where(i => _counts[i] > 0).GroupBy(i => _groups[i].IsCause)
            .Select(group => group.ToArray()))
        {
            int[] known = [.. side.Where(i => _masses[i] > 0)];
            double mean = known.Sum(i => _counts[i] * _failures[i] / _masses[i]) / known.Sum(i => _counts[i]);
            foreach (int i in side)
            {
                double failure = (_failures[i] + (Assumed * mean)) / (_masses[i] + Assumed);
                // Where nothing is known yet, or nothing fails, all weigh alike.
                _weights[i] = mean > 0 ? Math.Clamp(Math.Pow(failure / mean, _exponent), 1 / Most, Most) : 1;
            }
            double scale = side.Sum(i => _counts[i] * _weights[i]) / side.Sum(i => _counts[i]);
            foreach (int i in side)
            {
                _weights[i] /= scale;
            }
        }
    }
}
