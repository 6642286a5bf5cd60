using System.Diagnostics;
using HyperDas.Engine.Methods;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training.States;

/// <summary>
/// What one run remembers of its steps: the metrics with their file and, where a state folder was given, all that is needed to go on.
/// It is where a training begins: either anew or from what the folder holds.
/// </summary>
internal sealed class RunKeeper : IDisposable
{
    /// <summary>What the names of an interpreter's parameters begin with.</summary>
    public const string Parameters = "parameters/";

    private readonly TrainingState? _state;
    private readonly IReadOnlyDictionary<string, string> _fingerprint;
    private readonly MetricsLog? _log;
    private readonly List<TrainingStep> _metrics;
    private readonly TimeSpan _before;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private bool _isPlanned;

    /// <summary>Begins or goes on.</summary>
    /// <param name="state">The state folder, or null.</param>
    /// <param name="fingerprint">What the training is started with; asked for only when there is a folder.</param>
    /// <param name="metricsPath">File for metrics, cut back to where the state stands; or null.</param>
    /// <exception cref="HyperDasException"><c>StateMismatch</c>, <c>StateCorrupt</c>, <c>WriteFailed</c>.</exception>
    public RunKeeper(TrainingState? state, Func<StateFingerprint> fingerprint, string? metricsPath = null)
    {
        _state = state;
        StateFingerprint now = state is null ? new StateFingerprint() : fingerprint();
        Saved = state?.Read(now);
        // As the training began, so that what an earlier version began is known as that after the next stop too.
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

    /// <summary>The state to go on from, until <see cref="Began"/>; null for a new training.</summary>
    public SavedState? Saved { get; private set; }

    /// <summary>Whether the state is that of a training with nothing left to do.</summary>
    public bool WasFinished => Saved is { Header.Finished: true };

    /// <summary>The steps' metrics, those of before the stop among them.</summary>
    public IReadOnlyList<TrainingStep> Metrics => _metrics;

    /// <summary>Time spent on training, before the stop too.</summary>
    public TimeSpan Duration => _before + _clock.Elapsed;

    /// <summary>Whether there is a folder and it is time to write.</summary>
    /// <param name="steps">Optimiser steps taken.</param>
    public bool IsDue(int steps) => _state?.IsDue(steps) == true;

    /// <summary>Says how many steps the whole run has; only the first word counts.</summary>
    /// <param name="total">Steps, those of before a stop too.</param>
    public void Plan(int total)
    {
        if (!_isPlanned)
        {
            _isPlanned = true;
            _state?.Planned?.Invoke(total);
        }
    }

    /// <summary>Notes one step; steps count through all concepts of a run.</summary>
    /// <param name="step">What happened.</param>
    public void Record(TrainingStep step)
    {
        TrainingStep counted = step with { Step = _metrics.Count + 1 };
        _metrics.Add(counted);
        _log?.Write(counted);
        _state?.Watcher?.Add(counted);
    }

    /// <summary>Gives an interpreter the parameters of the state, if there is one.</summary>
    /// <param name="interpreter">The interpreter.</param>
    public void Restore(Interpreter interpreter)
    {
        if (Saved is { } saved)
        {
            interpreter.Parameters.Restore(saved.Reader(Parameters));
        }
    }

    /// <summary>Says that everything has been taken over, so that the file may be replaced.</summary>
    public void Began()
    {
        Saved?.Dispose();
        Saved = null;
    }

    /// <summary>Writes the state, if there is a folder. What hasn't begun is left as it is.</summary>
    /// <param name="place">Where the training stands, for people.</param>
    /// <param name="counters">Cursors and states of random numbers.</param>
    /// <param name="tensors">Everything that is a tensor, but metrics.</param>
    /// <param name="finished">Whether nothing is left to do.</param>
    /// <param name="step">Optimiser steps taken, where they leave no metrics.</param>
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

    // What only some steps have, by step; null where none has it.
    private Dictionary<int, T>? Beside<T>(Func<TrainingStep, T?> get)
        where T : class
    {
        Dictionary<int, T> found = _metrics.Where(m => get(m) is not null).ToDictionary(m => m.Step, m => get(m)!);
        return found.Count > 0 ? found : null;
    }

    /// <summary>Writes a finished state: the parameters are all that is still needed.</summary>
    /// <param name="interpreter">What was trained.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public void Finish(Interpreter interpreter)
    {
        using DisposeScope scope = NewDisposeScope();
        Write($"step {_metrics.Count}", new Dictionary<string, long>(), Named(Parameters, interpreter.Parameters.State()), finished: true);
    }

    /// <summary>Tensors under longer names.</summary>
    /// <param name="prefix">What the names begin with.</param>
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
