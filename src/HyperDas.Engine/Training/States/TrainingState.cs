using System.Diagnostics;
using System.Globalization;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Files;
using HyperDas.Engine.Numerics;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training.States;

/// <summary>
/// A folder with everything that a training needs to resume bit for bit after it was stopped or killed: parameters, optimiser moments,
/// cursors, states of random number generators, metrics, and its inputs. All of it is one file, which is replaced atomically: the earlier
/// state exists until the next one is on disk. Only one process at a time can open the folder.
/// </summary>
/// <remarks>Open it, pass it to <see cref="InterpreterTraining"/> or <see cref="Pretraining.Pretrainer"/>, and dispose it. They resume from
/// the state in the folder, and throw <c>StateMismatch</c> if it belongs to another training. A finished training leaves a finished state,
/// without moments: passed again, it returns its result immediately.</remarks>
public sealed class TrainingState : IDisposable
{
    /// <summary>Name of the file with the state.</summary>
    public const string StateFile = "state.safetensors";

    private readonly FolderLock _lock;
    private readonly CheckpointInterval _interval;
    private readonly Action<string, Action<Stream>> _replace;
    private readonly Stopwatch _sinceWritten = Stopwatch.StartNew();

    private TrainingState(string folder, CheckpointInterval interval, bool restart, Action<string, Action<Stream>> replace)
    {
        Folder = folder;
        _interval = interval;
        _replace = replace;
        TorchRuntime.EnsureLoaded();
        _lock = FolderLock.Take(folder, "StateLocked", "training");
        try
        {
            // Incomplete files of a killed process. No other process writes here while the folder is locked.
            AtomicFile.RemoveUnfinished(FilePath);
            if (restart)
            {
                Delete(FilePath);
            }
            if (Exists(folder))
            {
                using SavedState saved = SavedState.Open(FilePath);
                Position = saved.Header.ToPosition();
                IsOfBeforeOtherWords = !saved.Header.Fingerprint.ContainsKey(
                    $"{nameof(PretrainingOptions)}.{nameof(PretrainingOptions.WordingsPerFact)}");
                IsOfDefaultLength = !saved.Header.Fingerprint.ContainsKey(nameof(RavelDataset.MaxTokens));
                EntityOnlyShare = Number(saved.Header, nameof(TrainingOptions.EntityOnlyShare));
                // Earlier versions had none.
                ContrastWeight = Number(saved.Header, nameof(TrainingOptions.ContrastWeight)) ?? 0;
                IsOfBeforeValidation = !saved.Header.Fingerprint.ContainsKey(
                    $"{nameof(TrainingOptions)}.{nameof(TrainingOptions.ValidateEvery)}");
            }
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>Absolute path of the folder.</summary>
    public string Folder { get; }

    /// <summary>Position of the training in the folder; null when it has none.</summary>
    public TrainingPosition? Position { get; private set; }

    /// <summary>The share that the folder's training began with; null where it holds none that has it.</summary>
    internal double? EntityOnlyShare { get; }

    /// <summary>The weight that the folder's training began with; null where it holds none.</summary>
    internal double? ContrastWeight { get; }

    /// <summary>Whether the folder holds the state of a version whose trainings knew neither validation nor pairs drawn anew.</summary>
    internal bool IsOfBeforeValidation { get; }

    /// <summary>
    /// Whether the state is from a training that omitted examples longer than <see cref="RavelDatasetOptions.DefaultMaxTokens"/>, as
    /// earlier versions did regardless of the dataset.
    /// </summary>
    internal bool IsOfDefaultLength { get; }

    /// <summary>
    /// Called once when steps begin, with the total number of steps of the training, including those before an interruption.
    /// </summary>
    internal Action<int>? Planned { get; set; }

    /// <summary>Receives the steps; null: nothing does.</summary>
    internal IStepWatcher? Watcher { get; set; }

    /// <summary>Whether the state is from a version whose pretraining asked for facts only in the templates' words.</summary>
    internal bool IsOfBeforeOtherWords { get; }

    /// <summary>
    /// Number of threads with which the state was computed, if it differs from the current one and the training isn't finished; otherwise
    /// null.
    /// </summary>
    public int? OtherThreads => Position is { } position ? Other(position) : null;

    private string FilePath => Path.Combine(Folder, StateFile);

    /// <summary>Whether a folder contains a state, finished or not.</summary>
    /// <param name="folder">The folder; it may be missing.</param>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, StateFile));

    /// <summary>
    /// The target's number formats with which the training in a folder began: it must resume with them, whatever the machine's defaults
    /// are.
    /// </summary>
    /// <param name="folder">The folder; it may be missing.</param>
    /// <returns>Null where there is no state, or one without a target model.</returns>
    /// <exception cref="HyperDasException"><c>StateCorrupt</c>.</exception>
    public static NumberFormat? FormatOf(string folder)
    {
        if (!Exists(folder))
        {
            return null;
        }
        using SavedState saved = SavedState.Open(Path.Combine(folder, StateFile));
        return StateFingerprint.FormatOf(saved.Header.Fingerprint, folder);
    }

    /// <summary>The same for a folder that isn't open.</summary>
    /// <param name="folder">The folder; it may be missing.</param>
    /// <exception cref="HyperDasException"><c>StateCorrupt</c>.</exception>
    public static int? OtherThreadsOf(string folder)
    {
        if (!Exists(folder))
        {
            return null;
        }
        TorchRuntime.EnsureLoaded();
        using SavedState saved = SavedState.Open(Path.Combine(folder, StateFile));
        return Other(saved.Header.ToPosition());
    }

    private static int? Other(TrainingPosition position) =>
        !position.IsFinished && position.Threads != get_num_threads() ? position.Threads : null;

    /// <summary>Opens a folder for a training; it is created if needed.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="interval">Interval between states; null for one minute.</param>
    /// <param name="restart">Whether to discard an existing state, readable or not.</param>
    /// <exception cref="HyperDasException">
    /// <c>StateLocked</c>: another process has it; <c>StateCorrupt</c>; <c>WriteFailed</c>;
    /// <c>OptionInvalid</c>: the interval.
    /// </exception>
    public static TrainingState Open(string folder, CheckpointInterval? interval = null, bool restart = false) =>
        Open(folder, interval ?? new CheckpointInterval(), restart, AtomicFile.Write);

    /// <summary>As the public overload, with another way to replace files.</summary>
    internal static TrainingState Open(string folder, CheckpointInterval interval, bool restart, Action<string, Action<Stream>> replace)
    {
        OptionLaw.ThrowIfBroken(interval, before: "Invalid checkpoint interval: ");
        return new TrainingState(Path.GetFullPath(folder), interval, restart, replace);
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    /// <summary>Reads the state in the folder.</summary>
    /// <param name="expected">Inputs of the training that is being started.</param>
    /// <returns>The state, which the caller disposes before the next one is written; null when there is none.</returns>
    /// <exception cref="HyperDasException"><c>StateMismatch</c>: it belongs to another training; <c>StateCorrupt</c>.</exception>
    internal SavedState? Read(StateFingerprint expected)
    {
        if (!Exists(Folder))
        {
            return null;
        }
        SavedState saved = SavedState.Open(FilePath);
        string differences = expected.Differences(saved.Header.Fingerprint);
        if (differences.Length == 0)
        {
            return saved;
        }
        saved.Dispose();
        throw new HyperDasException(
            "StateMismatch", HyperDasErrorKind.Mismatch,
            $"'{FilePath}' is the state of another training: {differences}. Resume with the original settings, discard the state, or choose another folder.",
            Folder);
    }

    /// <summary>Whether a state is due.</summary>
    /// <param name="steps">Optimiser steps taken.</param>
    internal bool IsDue(int steps) => _interval.Steps is int every ? steps % every == 0 : _sinceWritten.Elapsed >= _interval.Time;

    /// <summary>Replaces the state: written under a temporary name, flushed to disk, renamed.</summary>
    /// <param name="header">Description of the state.</param>
    /// <param name="tensors">Names and tensors.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>; the earlier state is then still there.</exception>
    internal void Write(StateHeader header, IReadOnlyList<KeyValuePair<string, Tensor>> tensors)
    {
        _replace(FilePath, SafetensorsWriter.Content(FilePath, tensors, header.ToMetadata()));
        Position = header.ToPosition();
        _sinceWritten.Restart();
    }

    private static void Delete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HyperDasException("WriteFailed", HyperDasErrorKind.WriteError, $"'{file}' couldn't be removed: {e.Message}", file, e);
        }
    }

    // An option of the training that was written; null if it isn't a number.
    private static double? Number(StateHeader header, string option) =>
        header.Fingerprint.TryGetValue($"{nameof(TrainingOptions)}.{option}", out string? value)
        && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;
}
