using HyperDas.Engine.Methods;
using HyperDas.Engine.Training.Groups;
using HyperDas.Engine.Training.States;
using TorchSharp;

namespace HyperDas.Engine.Training.Validation;

/// <summary>Watches a training: looks at validation examples from time to time, keeps the best parameters, and says when to stop.</summary>
internal sealed class ValidationWatch : IDisposable
{
    private const string BestParameters = "best/", BestCounter = "bestStep";

    private readonly ValidationPlan _plan;
    private readonly TrainingOptions _options;
    private readonly Validator _validator;
    private readonly BestState? _best;
    private double? _bestScore;
    private int _looksSinceBest;

    /// <summary>Begins to watch.</summary>
    /// <param name="interpreter">What is trained; it belongs to the caller.</param>
    /// <param name="plan">When to look, and at what; at least one example.</param>
    /// <param name="options">How it is trained.</param>
    public ValidationWatch(Interpreter interpreter, ValidationPlan plan, TrainingOptions options)
    {
        (_plan, _options) = (plan, options);
        _validator = new Validator(interpreter, plan.Rows, options);
        _best = options.KeepBest ? new BestState(interpreter) : null;
    }

    /// <summary>Weights of groups of examples, which are told of each look; null where all weigh alike.</summary>
    public GroupWeights? Groups { get; set; }

    /// <summary>Whether nothing has got better for as long as the options allow.</summary>
    public bool IsOver => _looksSinceBest >= (_options.Patience ?? int.MaxValue);

    /// <summary>Looks at the parameters that the training starts from, so that they are kept where nothing gets better.</summary>
    /// <param name="cancellation">Checked before every batch.</param>
    public void LookAtStart(CancellationToken cancellation)
    {
        Note(Score(cancellation));
        _best?.Take(0);
    }

    /// <summary>Looks when it is time to.</summary>
    /// <param name="step">What was just done.</param>
    /// <param name="total">Steps of the training.</param>
    /// <param name="cancellation">Checked before every batch; between two steps nothing is half done.</param>
    /// <returns>The step with what was seen.</returns>
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

    /// <summary>Gives the interpreter its best parameters, where they are kept.</summary>
    public void Finish() => _best?.GiveBack();

    /// <summary>What a state needs beside parameters and moments, under names of their own.</summary>
    public IEnumerable<KeyValuePair<string, torch.Tensor>> Tensors() => RunKeeper.Named(BestParameters, _best?.State() ?? []);

    /// <summary>Cursors of a state.</summary>
    public IReadOnlyDictionary<string, long> Counters() => new Dictionary<string, long> { [BestCounter] = _best?.Step ?? 0 };

    /// <summary>Goes on where a state stands.</summary>
    /// <param name="saved">The state.</param>
    /// <param name="steps">The steps behind it, with what was seen at them.</param>
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
