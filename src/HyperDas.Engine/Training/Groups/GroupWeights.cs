using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training.Groups;

/// <summary>
/// Weights a training's examples by the failure of their group, so an attribute that fails isn't hidden by the mean of the others
/// (docs/methods.md#weights-of-groups). A group's weight is its failure relative to the mean of all groups, to a power: with losses, a step
/// then lowers a higher norm of the groups' losses instead of their mean (q-FFL, Li et al. 2020). Unlike weights that are multiplied from
/// step to step (group DRO, Sagawa et al. 2020), it can't concentrate on a group that can't be learned. With fewer examples in a batch than
/// groups, it is an average over many steps rather than the loss of the few in the batch.
/// </summary>
internal sealed class GroupWeights
{
    /// <summary>Approximate number of a group's answers that a mean covers.</summary>
    internal const int Horizon = 128;

    /// <summary>Upper limit of weights, and of their inverse, before the mean is normalised to 1.</summary>
    internal const double Most = 8;

    // Number of answers with the mean of all groups with which a group's mean is initialised.
    private const int Assumed = 16;
    private const double KeptFromLook = 0.5;

    // Interval in steps at which metrics contain the extremes.
    private const int ToldEvery = 25;

    private const string Prefix = "groups/", FailuresName = "failures", MassesName = "masses", CountsName = "counts";

    private readonly double _exponent;
    private readonly ExampleGroup[] _groups;
    private readonly Dictionary<ExampleGroup, int> _index;

    // A group's failure and number of answers, both decaying; its number of training examples so far; its weight.
    private readonly double[] _failures, _masses, _counts, _weights;

    /// <summary>Starts with equal weights.</summary>
    /// <param name="examples">Examples of every group except those of absent descriptions.</param>
    /// <param name="exponent">The power, above 0.</param>
    /// <param name="signal">What measures the failure of a group.</param>
    public GroupWeights(IReadOnlyList<TokenizedExample> examples, double exponent, GroupSignal signal)
    {
        (_exponent, Signal) = (exponent, signal);
        // Rows that are drawn later may have absent descriptions although none of the first do.
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

    /// <summary>What measures the failure of a group.</summary>
    public GroupSignal Signal { get; }

    /// <summary>The weight of an example's group.</summary>
    /// <param name="example">An example of an existing group.</param>
    public double Of(TokenizedExample example) => _weights[_index[ExampleGroup.Of(example)]];

    /// <summary>Sets the weights of a step's examples.</summary>
    /// <param name="examples">The examples.</param>
    /// <returns>The examples in the same order.</returns>
    public IReadOnlyList<TokenizedExample> Weigh(IReadOnlyList<TokenizedExample> examples) =>
        [.. examples.Select(e => e with { Weight = Of(e) })];

    /// <summary>Updates the weights after a step.</summary>
    /// <param name="examples">The step's examples.</param>
    /// <param name="losses">Unweighted cross entropy of each of their label tokens, in order; ignored with the other signal.</param>
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
            // An answer is correct if all of its tokens are: its loss is their sum.
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

    /// <summary>Updates the weights after an evaluation; ignored with the other signal.</summary>
    /// <param name="seen">The examples, and whether each was correct.</param>
    public void Look(IEnumerable<(TokenizedExample Example, bool IsRight)> seen)
    {
        if (Signal != GroupSignal.ValidationError)
        {
            return;
        }
        foreach (IGrouping<ExampleGroup, bool> group in seen.GroupBy(row => ExampleGroup.Of(row.Example), row => row.IsRight))
        {
            // Validation may include groups without training examples.
            if (_index.TryGetValue(group.Key, out int index))
            {
                Note(index, group.Count(right => !right), group.Count(), KeptFromLook);
            }
        }
        WeighAnew();
    }

    /// <summary>The largest and smallest weights, at the steps whose metrics name them.</summary>
    /// <param name="step">Number of steps taken.</param>
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

    /// <summary>The state as tensors with distinct names, in the caller's dispose scope.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Tensors() =>
        [.. Kept().Select(kept => KeyValuePair.Create(Prefix + kept.Name, tensor(kept.Values, ScalarType.Float64)))];

    /// <summary>Restores a state.</summary>
    /// <param name="read">Returns the tensor with a name and shape, or throws.</param>
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

    // Cause and isolate examples are weighted separately, which keeps their balance: that is determined by the loss weights of
    // cause and isolate. The mean over the examples of a side that were trained on so far is 1.
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
                // Without data, or without failures, all weights are equal.
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
