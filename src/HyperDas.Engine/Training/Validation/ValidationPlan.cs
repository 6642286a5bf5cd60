using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Training.Validation;

/// <summary>
/// When a training validates, and on how many examples. Validation takes at most a fraction of the training's time, and both numbers depend
/// only on the options, not on the clock: a resumed training must validate at the same steps.
/// </summary>
/// <param name="Every">Number of steps between evaluations; 0 for none.</param>
/// <param name="Rows">The examples.</param>
internal sealed record ValidationPlan(int Every, IReadOnlyList<(RavelExample Example, TokenizedExample Tokens)> Rows)
{
    // A step runs forward and backward, and computes each prompt's states once: a training example counts as three scored ones.
    private const double ScoredPerTrained = 3;
    private const int Looks = 20, FewestSteps = 25, FewestRows = 240;

    /// <summary>Creates a plan.</summary>
    /// <param name="rows">Validation examples that can be scored.</param>
    /// <param name="options">Options of the training.</param>
    /// <param name="examples">Number of training examples in an epoch.</param>
    /// <param name="steps">Number of steps of the training.</param>
    public static ValidationPlan Of(
        IReadOnlyList<(RavelExample Example, TokenizedExample Tokens)> rows, TrainingOptions options, int examples, int steps)
    {
        (int every, int count) = Size(rows.Count, options, examples, steps);
        return new ValidationPlan(every, every == 0 ? [] : Choose(rows, count));
    }

    /// <summary>How often a training looks, and at how many examples.</summary>
    /// <param name="rows">Validation examples that can be scored.</param>
    /// <param name="options">How it is trained.</param>
    /// <param name="examples">Training examples in an epoch.</param>
    /// <param name="steps">Steps of the training.</param>
    /// <returns>Both 0 for never.</returns>
    internal static (int Every, int Rows) Size(int rows, TrainingOptions options, int examples, int steps)
    {
        double perStep = Math.Min(options.BatchSize, examples) * options.ValidationShare * ScoredPerTrained;
        if (rows == 0 || options.ValidateEvery == 0 || perStep <= 0)
        {
            return (0, 0);
        }
        int wanted = Math.Min(rows, FewestRows);
        int every = options.ValidateEvery
            ?? (int)Math.Max(Math.Max((steps + Looks - 1) / Looks, FewestSteps), Math.Ceiling(wanted / perStep));
        // A single evaluation at the end would leave nothing to choose.
        return options.ValidateEvery is null && steps < 2 * (long)every
            ? (0, 0)
            : (every, (int)Math.Clamp(every * perStep, 1, rows));
    }

    /// <summary>Whether an evaluation is due.</summary>
    /// <param name="step">Number of steps taken.</param>
    /// <param name="total">Number of steps of the training.</param>
    public bool IsDue(int step, int total) => Every > 0 && (step % Every == 0 || step == total);

    // Wordings, attributes and kinds alternate: any prefix has some of each.
    private static (RavelExample Example, TokenizedExample Tokens)[] Choose(
        IReadOnlyList<(RavelExample Example, TokenizedExample Tokens)> rows, int count) =>
    [
        .. rows.GroupBy(row => (row.Example.Wording, row.Example.Domain, row.Example.Attribute, row.Example.Kind))
            .SelectMany(cell => cell.Select((row, turn) => (row, turn))).OrderBy(row => row.turn).Take(count).Select(row => row.row),
    ];
}
