using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Evaluation;

/// <summary>Scores interpreters on interchange examples (docs/methods.md#scores). Nothing is rounded before averaging.</summary>
public static class RavelScorer
{
    /// <summary>Number of label tokens that count, as in the original's evaluation.</summary>
    public const int DefaultLabelTokens = 3;

    /// <summary>
    /// Tokenises the examples on which an interpreter is scored: omitted ones can then be reported before, and nothing is tokenised
    /// twice.
    /// </summary>
    /// <param name="interpreter">The interpreter.</param>
    /// <param name="dataset">The examples.</param>
    /// <param name="split">The split to score.</param>
    /// <param name="cancellation">Checked at every example.</param>
    /// <exception cref="HyperDasException"><c>InterpreterDisposed</c>, <c>PromptEmpty</c>.</exception>
    public static TokenizedSplit Tokenize(
        Interpreter interpreter, RavelDataset dataset, RavelSplit split, CancellationToken cancellation = default)
    {
        interpreter.ThrowIfDisposed();
        return Tokenize(interpreter.Target, interpreter.Collation, interpreter.ReadsDescription, dataset, split, cancellation);
    }

    /// <summary>The same for the two references, at any layer.</summary>
    /// <param name="target">The target model.</param>
    /// <param name="dataset">The examples.</param>
    /// <param name="split">The split to score.</param>
    /// <param name="cancellation">Checked at every example.</param>
    /// <exception cref="HyperDasException"><c>PromptEmpty</c>.</exception>
    public static TokenizedSplit Tokenize(
        LanguageModel target, RavelDataset dataset, RavelSplit split, CancellationToken cancellation = default) =>
        Tokenize(target, new RavelCollatorOptions(), readsDescription: false, dataset, split, cancellation);

    /// <summary>Scores one of the two references that every method is compared with.</summary>
    /// <param name="target">The target model.</param>
    /// <param name="layer">Intervention layer ℓ.</param>
    /// <param name="reference">The reference.</param>
    /// <param name="examples">The examples, tokenised for it.</param>
    /// <param name="options">Modes, dialects, intervals.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    /// <exception cref="HyperDasException">As the other overloads; <c>LayerInvalid</c>, <c>ModelDisposed</c>.</exception>
    public static IReadOnlyList<RavelScore> Score(
        LanguageModel target, int layer, ReferenceMethod reference, TokenizedSplit examples, RavelScoringOptions options,
        IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        using ReferenceInterpreter interpreter = new(target, layer, reference);
        return Score(interpreter, examples, options, progress, cancellation);
    }

    /// <summary>Scores an interpreter on one split of a dataset.</summary>
    /// <inheritdoc cref="Score(Interpreter, TokenizedSplit, RavelScoringOptions, IProgress{WorkProgress}?, CancellationToken)"/>
    /// <param name="interpreter">The interpreter.</param>
    /// <param name="dataset">The examples.</param>
    /// <param name="split">The split to score.</param>
    /// <param name="options">Modes, dialects, intervals.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    public static IReadOnlyList<RavelScore> Score(
        Interpreter interpreter,
        RavelDataset dataset,
        RavelSplit split,
        RavelScoringOptions options,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default) =>
        Score(interpreter, Tokenize(interpreter, dataset, split, cancellation), options, progress, cancellation);

    /// <summary>Scores an interpreter on tokenised examples; called by <c>Measure-RavelScore</c>.</summary>
    /// <param name="interpreter">The interpreter.</param>
    /// <param name="examples">The examples, tokenised for it.</param>
    /// <param name="options">Modes, dialects, intervals.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    /// <returns>Ordered by dialect, mode, wording, and context before entity examples: a score for each target attribute, one for each
    /// domain if there are several, and last their mean.</returns>
    /// <exception cref="HyperDasException">
    /// <c>DatasetEmpty</c>, <c>InterpreterDisposed</c>, <c>ScoringOptionInvalid</c>; <c>TimeZoneNotFound</c>: a gold value that is compared
    /// as an offset is no time zone; <c>LogitsNotFinite</c> of generated answers.
    /// </exception>
    public static IReadOnlyList<RavelScore> Score(
        Interpreter interpreter, TokenizedSplit examples, RavelScoringOptions options, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        interpreter.ThrowIfDisposed();
        OptionLaw.ThrowIfBroken(options, "ScoringOptionInvalid", "Scoring isn't possible: ");
        IReadOnlyList<(RavelExample Example, TokenizedExample Tokens)> usable = examples.Rows.Usable;
        if (usable.Count == 0)
        {
            throw new HyperDasException("DatasetEmpty", HyperDasErrorKind.InvalidArgument,
                $"The dataset '{examples.Dataset.Name}' has no {examples.Split} examples to score.", examples.Dataset);
        }
        RavelDialect[] dialects = [.. options.Dialects.Distinct()];
        Dictionary<SelectionMode, RavelPredictions> predictions = RavelPredictor.Predict(
            interpreter, [.. usable.Select(e => e.Tokens)], options.Modes, dialects.Contains(RavelDialect.HyperDas),
            dialects.Max(DialectRules.NewTokens),
            cache: null, options.BatchSize, DefaultLabelTokens, progress, cancellation);

        RavelExample[] scored = [.. usable.Select(e => e.Example)];
        EntityBootstrap bootstrap = new(scored, options.BootstrapSamples, options.BootstrapSeed);
        List<RavelScore> scores = [];
        foreach (RavelDialect dialect in dialects)
        {
            foreach ((SelectionMode mode, RavelPredictions predicted) in predictions)
            {
                cancellation.ThrowIfCancellationRequested();
                bool[] right = DialectRules.Judge(dialect, usable, predicted, interpreter.Target, options.TimeZoneDate);
                RavelScore blank = Blank(interpreter, mode) with { Dialect = dialect };
                scores.AddRange(ScoreTable.Rows(scored, bootstrap.EntityOf, right, blank, options.PerTemplate).Select(bootstrap.Score));
            }
        }
        return scores;
    }

    /// <summary>Scores an interpreter in HyperDAS's dialect, without intervals.</summary>
    /// <inheritdoc cref="Score(Interpreter, RavelDataset, RavelSplit, RavelScoringOptions, IProgress{WorkProgress}?, CancellationToken)"/>
    /// <param name="interpreter">The interpreter.</param>
    /// <param name="dataset">The examples.</param>
    /// <param name="split">The split to score.</param>
    /// <param name="modes">Selection modes; all use the same proposal.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    public static IReadOnlyList<RavelScore> Score(
        Interpreter interpreter,
        RavelDataset dataset,
        RavelSplit split,
        IReadOnlyList<SelectionMode> modes,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default) =>
        Score(interpreter, dataset, split, new RavelScoringOptions { Modes = modes, BootstrapSamples = 0 }, progress, cancellation);

    /// <summary>
    /// Whether each example is answered correctly, teacher-forced, for several selection modes from one proposal: an example is correct if
    /// the most likely token is the label's at each of its first label tokens.
    /// </summary>
    /// <param name="interpreter">The interpreter.</param>
    /// <param name="examples">Tokenised examples, each with at least one label token.</param>
    /// <param name="modes">Selection modes.</param>
    /// <param name="cache">Hidden states for the interpreter's layer; null to create a cache.</param>
    /// <param name="batchSize">Number of examples per batch.</param>
    /// <param name="labelTokens">Number of label tokens that count; null for all.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    /// <returns>For each mode, in the order of the examples.</returns>
    public static IReadOnlyDictionary<SelectionMode, bool[]> Answers(
        Interpreter interpreter,
        IReadOnlyList<TokenizedExample> examples,
        IReadOnlyList<SelectionMode> modes,
        ActivationCache? cache = null,
        int batchSize = 64,
        int? labelTokens = DefaultLabelTokens,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default) =>
        RavelPredictor.Predict(
            interpreter, examples, modes, teacherForced: true, newTokens: 0, cache, batchSize, labelTokens, progress, cancellation)
            .ToDictionary(p => p.Key, p => p.Value.LabelHits);

    private static TokenizedSplit Tokenize(
        LanguageModel target, RavelCollatorOptions collation, bool readsDescription, RavelDataset dataset, RavelSplit split,
        CancellationToken cancellation) => new(dataset, split, new RavelCollator(target.Tokenizer, collation, dataset)
            // Who doesn't read the words answers alike in any.
            .TokenizeRows(dataset.Split(split).Where(e => readsDescription || e.Wording == RavelWording.Trained), cancellation));

    private static RavelScore Blank(Interpreter interpreter, SelectionMode mode) => new()
    {
        Domain = RavelScore.All,
        Attribute = RavelScore.All,
        Method = interpreter.Method,
        SelectionMode = mode,
        Cause = double.NaN,
        Isolate = double.NaN,
        CauseCount = 0,
        IsolateCount = 0,
        Layer = interpreter.Layer,
        FeatureDimension = interpreter.FeatureDimension,
    };
}
