using HyperDas.Engine.Methods;
using HyperDas.Engine.Training.Groups;
using HyperDas.Engine.Training.States;
using TorchSharp;

namespace HyperDas.Engine.Training.Validation;

/// <summary>Evaluates a training periodically on validation examples, keeps the best parameters, and decides when to stop.</summary>
internal sealed class ValidationWatch : IDisposable
{
    private const string BestParameters = "best/", BestCounter = "bestStep";

    private readonly ValidationPlan _plan;
    private readonly TrainingOptions _options;
    private readonly Validator _validator;
    private readonly BestState? _best;
    private double? _bestScore;
    private int _looksSinceBest;

    /// <summary>Creates a watch.</summary>
    /// <param name="interpreter">The interpreter in training; it belongs to the caller.</param>
    /// <param name="plan">When to evaluate, and on which examples; at least one.</param>
    /// <param name="options">Options of the training.</param>
    public ValidationWatch(Interpreter interpreter, ValidationPlan plan, TrainingOptions options)
    {
        (_plan, _options) = (plan, options);
        _validator = new Validator(interpreter, plan.Rows, options);
        _best = options.KeepBest ? new BestState(interpreter) : null;
    }

    /// <summary>Weights of groups of examples, updated at each evaluation; null if groups aren't weighted.</summary>
    public GroupWeights? Groups { get; set; }

    /// <summary>Whether the score hasn't improved for as long as the options allow.</summary>
    public bool IsOver => _looksSinceBest >= (_options.Patience ?? int.MaxValue);

    /// <summary>Evaluates the initial parameters, which are kept if none of the later ones are better.</summary>
    /// <param name="cancellation">Checked before every batch.</param>
    public void LookAtStart(CancellationToken cancellation)
    {
        Note(Score(cancellation));
        _best?.Take(0);
    }

    /// <summary>Evaluates if an evaluation is due.</summary>
    /// <param name="step">The completed step.</param>
    /// <param name="total">Number of steps of the training.</param>
    /// <param name="cancellation">Checked before every batch; nothing of the training is incomplete then.</param>
    /// <returns>The step with the results.</returns>
    public TrainingStep Look(TrainingStep step, int total, CancellationToken cancellation)
    {
        if (!_plan.IsDue(step.Step, total))
        {
            return step;
        }
        TrainingValidation seen = Score(cancellation);
        Note(seen);
        if (seen.IsBest)
        {
            _best?.Take(step.Step);
        }
        return step with { Validation = seen };
    }

    /// <summary>Restores the best parameters in the interpreter, if they are kept.</summary>
    public void Finish() => _best?.GiveBack();

    /// <summary>The additional tensors of a state, under names of their own.</summary>
    public IEnumerable<KeyValuePair<string, torch.Tensor>> Tensors() => RunKeeper.Named(BestParameters, _best?.State() ?? []);

    /// <summary>Cursors of a state.</summary>
    public IReadOnlyDictionary<string, long> Counters() => new Dictionary<string, long> { [BestCounter] = _best?.Step ?? 0 };

    /// <summary>Restores the position from a state.</summary>
    /// <param name="saved">The state.</param>
    /// <param name="steps">The steps before it, with their results.</param>
    public void Restore(SavedState saved, IEnumerable<TrainingStep> steps)
    {
        foreach (TrainingValidation seen in steps.Select(step => step.Validation).OfType<TrainingValidation>())
        {
            Note(seen);
        }
        _best?.Restore((int)saved.Counter(BestCounter), saved.Reader(BestParameters));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _validator.Dispose();
        _best?.Dispose();
    }

    private TrainingValidation Score(CancellationToken cancellation)
    {
        TrainingValidation seen = _validator.Score(_bestScore, cancellation);
        Groups?.Look(_validator.Seen);
        return seen;
    }

    private void Note(TrainingValidation seen)
    {
        _looksSinceBest = seen.IsBest ? 0 : _looksSinceBest + 1;
        _bestScore = seen.IsBest ? seen.Score : _bestScore;
    }
}
