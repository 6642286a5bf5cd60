using HyperDas.Engine.Methods;
using HyperDas.Engine.Training.Groups;
using HyperDas.Engine.Training.Validation;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training.States;

/// <summary>Manages the state of one optimisation: the loop's moments and random draws, and its parameters.</summary>
/// <param name="run">The run.</param>
/// <param name="interpreter">The trained interpreter.</param>
/// <param name="prefix">Prefix of its parameters' names.</param>
/// <param name="counters">Cursors of the run; <c>null</c> for none.</param>
/// <param name="others">Tensors of the run.</param>
/// <param name="place">Text before the step in descriptions of the position, e.g. a concept.</param>
internal sealed class LoopKeeper(
    RunKeeper run,
    Interpreter interpreter,
    string prefix = RunKeeper.Parameters,
    IReadOnlyDictionary<string, long>? counters = null,
    Func<IEnumerable<KeyValuePair<string, Tensor>>>? others = null,
    string place = "")
{
    private const string Moments = "moments/", Steps = "steps", Draws = "draws";

    /// <summary>Cursors of a loop that hasn't begun, for states written between two loops.</summary>
    public static IReadOnlyDictionary<string, long> NotBegun { get; } = new Dictionary<string, long> { [Steps] = 0, [Draws] = 0 };

    /// <summary>Validation of the training, whose best parameters and evaluations belong to the state; null for none.</summary>
    public ValidationWatch? Watch { get; set; }

    /// <summary>Weights of groups of examples, which belong to the state; null if groups aren't weighted.</summary>
    public GroupWeights? Groups { get; set; }

    /// <summary>Number of steps completed in the state; 0 without one.</summary>
    public int StepsDone => run.Saved is { } saved ? (int)saved.Counter(Steps) : 0;

    /// <summary>Restores parameters and loop from the state.</summary>
    /// <param name="loop">A loop without steps.</param>
    public void Begin(TrainingLoop loop)
    {
        run.Plan(loop.TotalSteps);
        if (run.Saved is { } saved && StepsDone > 0)
        {
            interpreter.Parameters.Restore(saved.Reader(prefix));
            loop.Restore(StepsDone, saved.Counter(Draws), saved.Reader(Moments));
            Watch?.Restore(saved, run.Metrics);
            Groups?.Restore(saved.Reader(""));
        }
        run.Began();
    }

    /// <summary>Writes the state if it is due.</summary>
    /// <param name="loop">The loop, after a whole step.</param>
    public void Stepped(TrainingLoop loop)
    {
        if (run.IsDue(run.Metrics.Count))
        {
            Write(loop);
        }
    }

    /// <summary>Writes the state.</summary>
    /// <param name="loop">The loop, after a whole step.</param>
    public void Write(TrainingLoop loop)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, long> all = new(counters ?? new Dictionary<string, long>()) { [Steps] = loop.Steps, [Draws] = loop.Draws };
        foreach ((string name, long value) in Watch?.Counters() ?? new Dictionary<string, long>())
        {
            all[name] = value;
        }
        run.Write(
            FormattableString.Invariant($"{place}step {loop.Steps} of {loop.TotalSteps}"), all,
            [.. others?.Invoke() ?? [], .. RunKeeper.Named(prefix, interpreter.Parameters.State()),
                .. RunKeeper.Named(Moments, loop.Moments()),
            .. Watch?.Tensors() ?? [], .. Groups?.Tensors() ?? []]);
    }
}
