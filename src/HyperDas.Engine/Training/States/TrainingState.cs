using System.Diagnostics;
using System.Globalization;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Files;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training.States;

/// <summary>
/// A folder in which a training keeps what it needs to go on bit for bit after a stop or a kill: parameters, optimiser moments, cursors,
/// states of random numbers, metrics, and what it was started with. All of it is one file, which is replaced at once, so that the earlier
/// state stays until the next one is on the disk. One process at a time has the folder.
/// </summary>
/// <remarks>
/// Open it, hand it to <see cref="InterpreterTraining"/> or <see cref="Pretraining.Pretrainer"/>, dispose
/// it. They go on from what the folder holds, and refuse it with <c>StateMismatch</c> when it belongs to another training. A finished
/// training leaves a finished state, without moments: handed over again it gives its result at once.
/// </remarks>
public sealed class TrainingState : IDisposable
{
    /// <summary>The file that holds the state.</summary>
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
            // What a killed process was writing. Nobody else writes here while the folder is locked.
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
                EntityOnlyShare = saved.Header.Fingerprint.TryGetValue(
                    $"{nameof(TrainingOptions)}.{nameof(TrainingOptions.EntityOnlyShare)}", out string? share)
                    && double.TryParse(share, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;
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

    /// <summary>Absolute folder.</summary>
    public string Folder { get; }

    /// <summary>Where the training stood that the folder holds; null when it holds none.</summary>
    public TrainingPosition? Position { get; private set; }

    /// <summary>The share that the folder's training began with; null where it holds none that has it.</summary>
    internal double? EntityOnlyShare { get; }

    /// <summary>Whether the folder holds the state of a version whose trainings knew neither validation nor pairs drawn anew.</summary>
    internal bool IsOfBeforeValidation { get; }

    /// <summary>
    /// Whether the folder holds a state of a training that left out what is longer than
    /// <see cref="RavelBuildOptions.DefaultMaxTokens"/>, as earlier versions did whatever the dataset said.
    /// </summary>
    internal bool IsOfDefaultLength { get; }

    /// <summary>Told once, when steps begin: how many the training has in all, those of before a stop too.</summary>
    internal Action<int>? Planned { get; set; }

    /// <summary>Who follows the steps; null for nobody.</summary>
    internal IStepWatcher? Watcher { get; set; }

    /// <summary>Whether the folder holds the state of a version whose pretrainings asked for facts in the templates' words alone.</summary>
    internal bool IsOfBeforeOtherWords { get; }

    /// <summary>
    /// Threads that the state was computed with, when that isn't the number now and there is something left to train; else null.
    /// </summary>
    public int? OtherThreads => Position is { } position ? Other(position) : null;

    private string FilePath => Path.Combine(Folder, StateFile);

    /// <summary>Whether a folder holds a state, finished or not. It needn't exist.</summary>
    /// <param name="folder">The folder.</param>
    public static bool Exists(string folder) => File.Exists(Path.Combine(folder, StateFile));

    /// <summary>
    /// The target's number formats that the training in a folder began with: it must go on with them, whatever this machine would decide.
    /// </summary>
    /// <param name="folder">The folder; it needn't exist.</param>
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

    /// <summary>The same of a folder that isn't taken; it needn't exist.</summary>
    /// <param name="folder">The folder.</param>
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

    /// <summary>Takes a folder for a training; it is made if needed.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="interval">How often to write; null for once a minute.</param>
    /// <param name="restart">Discard the state that the folder holds, readable or not.</param>
    /// <exception cref="HyperDasException">
    /// <c>StateLocked</c>: another process has it; <c>StateCorrupt</c>; <c>WriteFailed</c>;
    /// <c>OptionInvalid</c>: the interval.
    /// </exception>
    public static TrainingState Open(string folder, CheckpointInterval? interval = null, bool restart = false) =>
        Open(folder, interval ?? new CheckpointInterval(), restart, AtomicFile.Write);

    /// <summary>As the public one, with another way to replace files.</summary>
    internal static TrainingState Open(string folder, CheckpointInterval interval, bool restart, Action<string, Action<Stream>> replace)
    {
        OptionLaw.ThrowIfBroken(interval, before: "The checkpoint interval can't be kept: ");
        return new TrainingState(Path.GetFullPath(folder), interval, restart, replace);
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    /// <summary>Reads what the folder holds.</summary>
    /// <param name="expected">What the training is started with now.</param>
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
            $"'{FilePath}' is the state of another training: {differences}. Go on with what it was started with, discard it, or choose another folder.",
            Folder);
    }

    /// <summary>Whether it is time to write.</summary>
    /// <param name="steps">Optimiser steps taken.</param>
    internal bool IsDue(int steps) => _interval.Steps is int every ? steps % every == 0 : _sinceWritten.Elapsed >= _interval.Time;

    /// <summary>Replaces the state: written to a temporary name, flushed to the disk, renamed.</summary>
    /// <param name="header">What the file says about itself.</param>
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
}
