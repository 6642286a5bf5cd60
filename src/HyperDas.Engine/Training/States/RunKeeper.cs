using System.Diagnostics;
using HyperDas.Engine.Methods;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training.States;

/// <summary>
/// Records the steps of one run: the metrics with their file and, with a state folder, everything needed to resume. A training begins here,
/// either new or from the folder's state.
/// </summary>
internal sealed class RunKeeper : IDisposable
{
    /// <summary>Prefix of an interpreter's parameter names.</summary>
    public const string Parameters = "parameters/";

    private readonly TrainingState? _state;
    private readonly IReadOnlyDictionary<string, string> _fingerprint;
    private readonly MetricsLog? _log;
    private readonly List<TrainingStep> _metrics;
    private readonly TimeSpan _before;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private bool _isPlanned;

    /// <summary>Begins or resumes a run.</summary>
    /// <param name="state">The state folder, or null.</param>
    /// <param name="fingerprint">Returns the fingerprint of the training; called only if there is a folder.</param>
    /// <param name="metricsPath">Metrics file, truncated to the position of the state; or null.</param>
    /// <exception cref="HyperDasException"><c>StateMismatch</c>, <c>StateCorrupt</c>, <c>WriteFailed</c>.</exception>
    public RunKeeper(TrainingState? state, Func<StateFingerprint> fingerprint, string? metricsPath = null)
    {
        _state = state;
        StateFingerprint now = state is null ? new StateFingerprint() : fingerprint();
        Saved = state?.Read(now);
        // As the training began: one of an earlier version is recognised as such after further interruptions.
        _fingerprint = Saved?.Header.Fingerprint ?? now.Parts;
        try
        {
            _metrics = [.. Saved?.Metrics() ?? []];
            _before = TimeSpan.FromSeconds(Saved?.Header.Seconds ?? 0);
            _log = metricsPath is null ? null : new MetricsLog(metricsPath, _metrics);
            state?.Watcher?.Begin(_metrics, _before);
        }
        catch
        {
            Saved?.Dispose();
            _log?.Dispose();
            throw;
        }
    }

    /// <summary>The state to resume from, until <see cref="Began"/>; null for a new training.</summary>
    public SavedState? Saved { get; private set; }

    /// <summary>Whether the state is that of a finished training.</summary>
    public bool WasFinished => Saved is { Header.Finished: true };

    /// <summary>The steps' metrics, including those before the interruption.</summary>
    public IReadOnlyList<TrainingStep> Metrics => _metrics;

    /// <summary>Time spent on training, including that before the interruption.</summary>
    public TimeSpan Duration => _before + _clock.Elapsed;

    /// <summary>Whether there is a folder and a state is due.</summary>
    /// <param name="steps">Optimiser steps taken.</param>
    public bool IsDue(int steps) => _state?.IsDue(steps) == true;

    /// <summary>Sets the total number of steps of the run; only the first call has an effect.</summary>
    /// <param name="total">Number of steps, including those before the interruption.</param>
    public void Plan(int total)
    {
        if (!_isPlanned)
        {
            _isPlanned = true;
            _state?.Planned?.Invoke(total);
        }
    }

    /// <summary>Records one step; steps are counted through all concepts of a run.</summary>
    /// <param name="step">The step's metrics.</param>
    public void Record(TrainingStep step)
    {
        TrainingStep counted = step with { Step = _metrics.Count + 1 };
        _metrics.Add(counted);
        _log?.Write(counted);
        _state?.Watcher?.Add(counted);
    }

    /// <summary>Restores an interpreter's parameters from the state, if there is one.</summary>
    /// <param name="interpreter">The interpreter.</param>
    public void Restore(Interpreter interpreter)
    {
        if (Saved is { } saved)
        {
            interpreter.Parameters.Restore(saved.Reader(Parameters));
        }
    }

    /// <summary>Marks the state as restored, so the file may be replaced.</summary>
    public void Began()
    {
        Saved?.Dispose();
        Saved = null;
    }

    /// <summary>Writes the state, if there is a folder. A run that hasn't begun isn't written.</summary>
    /// <param name="place">Description of the position, for display.</param>
    /// <param name="counters">Cursors and states of random number generators.</param>
    /// <param name="tensors">All tensors except metrics.</param>
    /// <param name="finished">Whether the training is finished.</param>
    /// <param name="step">Number of optimiser steps taken, if they leave no metrics.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>; the earlier state is then still there.</exception>
    public void Write(
        string place,
        IReadOnlyDictionary<string, long> counters,
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        bool finished = false,
        int? step = null)
    {
        if (_state is null || Saved is not null)
        {
            return;
        }
        using DisposeScope scope = NewDisposeScope();
        StateHeader header = new(
            StateHeader.CurrentVersion, step ?? _metrics.Count, place, finished, get_num_threads(), DateTimeOffset.UtcNow,
            Duration.TotalSeconds, counters, _fingerprint,
            Beside(m => m.Validation), Beside(m => m.Weights));
        _state.Write(header, [.. tensors, new(MetricsTensor.Name, MetricsTensor.Create(_metrics))]);
    }

    // Values that only some steps have, by step; null if none has one.
    private Dictionary<int, T>? Beside<T>(Func<TrainingStep, T?> get)
        where T : class
    {
        Dictionary<int, T> found = _metrics.Where(m => get(m) is not null).ToDictionary(m => m.Step, m => get(m)!);
        return found.Count > 0 ? found : null;
    }

    /// <summary>Writes a finished state, which contains only the parameters.</summary>
    /// <param name="interpreter">The trained interpreter.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public void Finish(Interpreter interpreter)
    {
        using DisposeScope scope = NewDisposeScope();
        Write($"step {_metrics.Count}", new Dictionary<string, long>(), Named(Parameters, interpreter.Parameters.State()), finished: true);
    }

    /// <summary>Tensors with prefixed names.</summary>
    /// <param name="prefix">The prefix.</param>
    /// <param name="tensors">The tensors.</param>
    public static IEnumerable<KeyValuePair<string, Tensor>> Named(string prefix, IEnumerable<KeyValuePair<string, Tensor>> tensors) =>
        tensors.Select(t => new KeyValuePair<string, Tensor>(prefix + t.Key, t.Value));

    /// <inheritdoc/>
    public void Dispose()
    {
        Saved?.Dispose();
        _log?.Dispose();
    }
}
