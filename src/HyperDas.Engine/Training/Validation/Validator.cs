using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training.Memory;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training.Validation;

/// <summary>Scores an interpreter in training on validation examples. It is deterministic and has no effect on the training.</summary>
internal sealed class Validator : IDisposable
{
    // Absent concepts score nearly perfectly from the first step on: they must not outweigh what is learned.
    private const double AbsentWeight = 0.1;
    private const int BatchRows = 64, LabelTokens = 3;

    private readonly Interpreter _interpreter;
    private readonly IReadOnlyList<(RavelExample Example, TokenizedExample Tokens)> _rows;
    private readonly SpilledStates? _spilled;
    private readonly ActivationCache _cache;

    /// <summary>Prepares the validation.</summary>
    /// <param name="interpreter">The interpreter in training.</param>
    /// <param name="rows">The examples, at least one.</param>
    /// <param name="options">Options of the training, which limit the memory of hidden states.</param>
    public Validator(
        Interpreter interpreter, IReadOnlyList<(RavelExample Example, TokenizedExample Tokens)> rows, TrainingOptions options)
    {
        _interpreter = interpreter;
        _rows = [.. rows.OrderBy(row => row.Tokens.BaseIds.Length)];
        LanguageModel target = interpreter.Target;
        double bytes = interpreter.Options is { } method
            ? MemoryPredictor.StateBytes(target, method, [.. _rows.Select(row => row.Tokens)])
            : 0;
        // A separate cache: a resumed training must find its own as it left it.
        _spilled = SpilledStates.For(target, bytes, epochs: 1, options, state: null);
        _cache = interpreter.CreateCache(options.CacheBytes, _spilled?.Files ?? target.ActivationFiles);
    }

    /// <summary>Origin of the examples' hidden states so far.</summary>
    internal ActivationUse Use => _cache.Use;

    /// <summary>The examples of the last evaluation, and whether each was correct; empty before the first.</summary>
    public IReadOnlyList<(TokenizedExample Example, bool IsRight)> Seen { get; private set; } = [];

    /// <summary>Scores the examples.</summary>
    /// <param name="best">The best score so far; null for none.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    public TrainingValidation Score(double? best, CancellationToken cancellation)
    {
        bool[] right = Answers(cancellation);
        Seen = [.. _rows.Select((row, i) => (row.Tokens, right[i]))];
        ValidationScore[] wordings =
        [
            .. Enumerable.Range(0, _rows.Count).GroupBy(i => _rows[i].Example.Wording).OrderBy(wording => wording.Key)
                .Select(wording => Wording(wording.Key, [.. wording], right)),
        ];
        double? known = Known(right);
        double score = wordings.FirstOrDefault(w => w.Wording == RavelWording.Absent) is not { } absent ? known ?? 0
            : known is null ? absent.Disentangle : ((1 - AbsentWeight) * known.Value) + (AbsentWeight * absent.Disentangle);
        return new TrainingValidation(score, best is null || score > best, wordings);
    }

    // Trained and unseen wording together; null without examples of concepts that the domain has.
    private double? Known(bool[] right)
    {
        (double Disentangle, int Rows)[] attributes =
        [
            .. Enumerable.Range(0, _rows.Count).Where(i => _rows[i].Example.Wording != RavelWording.Absent)
                .GroupBy(i => (_rows[i].Example.Domain, _rows[i].Example.Attribute))
                .Select(a => (Disentangle(
                    RavelWording.Trained, Share(a, RavelExampleKind.Cause, right), Share(a, RavelExampleKind.Isolate, right)), a.Count())),
        ];
        return attributes.Length == 0 ? null : ValidationCriterion.Of(attributes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cache.Dispose();
        _spilled?.Dispose();
    }

    private bool[] Answers(CancellationToken cancellation)
    {
        InterchangeBatchBuilder builder = new(
            _interpreter.Target, _cache, _interpreter.Layer, _interpreter.NormedLastLayerSource, ShapeRounding.LengthMultiple);
        bool[] right = new bool[_rows.Count];
        using IDisposable noGradient = no_grad();
        for (int from = 0; from < _rows.Count; from += BatchRows)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            InterchangeBatch batch = builder.Build([.. _rows.Skip(from).Take(BatchRows).Select(row => row.Tokens)]);
            Patch patch = _interpreter.Propose(batch);
            Tensor applied = Interpreter.Select(batch, patch, SelectionMode.OneToOne);
            LabelHits.Of(_interpreter, batch, patch, applied, LabelTokens).CopyTo(right, from);
        }
        return right;
    }

    private ValidationScore Wording(RavelWording wording, int[] rows, bool[] right)
    {
        (string Name, double Cause, double Isolate)[] attributes =
        [
            .. rows.GroupBy(i => (_rows[i].Example.Domain, _rows[i].Example.Attribute)).OrderBy(a => a.Key).Select(attribute =>
            {
                double cause = Share(attribute, RavelExampleKind.Cause, right);
                return (
                    Name(attribute.Key.Domain, attribute.Key.Attribute),
                    wording == RavelWording.Absent ? 100 - cause : cause,
                    Share(attribute, RavelExampleKind.Isolate, right));
            }),
        ];
        double sign = wording == RavelWording.Absent ? -1 : 1;
        (string Name, double Cause, double Isolate) worst =
            attributes.Where(a => !double.IsNaN(a.Cause)).OrderBy(a => sign * a.Cause).FirstOrDefault(("", 0, 0));
        return new ValidationScore(
            wording, Mean(attributes.Select(a => a.Cause)), Mean(attributes.Select(a => a.Isolate)), worst.Name, worst.Cause,
            attributes.Select(a => Disentangle(wording, a.Cause, a.Isolate)).Min());
    }

    private double Share(IEnumerable<int> rows, RavelExampleKind kind, bool[] right) =>
        rows.Where(i => _rows[i].Example.Kind == kind).Select(i => right[i] ? 100.0 : 0).DefaultIfEmpty(double.NaN).Average();

    private string Name(string domain, string attribute) =>
        _rows.All(row => row.Example.Domain == domain) ? attribute : $"{attribute} of {domain}";

    private static double Mean(IEnumerable<double> values) => values.Where(value => !double.IsNaN(value)).DefaultIfEmpty(0).Average();

    // An attribute with only one kind of validation example is judged by that kind.
    private static double Disentangle(RavelWording wording, double cause, double isolate)
    {
        double changed = wording == RavelWording.Absent ? 100 - cause : cause;
        return double.IsNaN(changed) ? isolate : double.IsNaN(isolate) ? changed : (changed + isolate) / 2;
    }
}
