using System.Diagnostics;

namespace HyperDas.Engine.Experiments.Runs;

/// <summary>This process's attempt at a run: it records its start, its training and its end in the run's folder.</summary>
internal sealed class RunAttempt
{
    private readonly string _file;
    private readonly int _number;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly TimeSpan _before;
    private readonly TimeSpan _processor = Processor();
    private int _from;

    private RunAttempt(string file, int number, DateTimeOffset started, TimeSpan before)
    {
        _file = file;
        _number = number;
        _before = before;
        Started = started;
    }

    /// <summary>First start of the run.</summary>
    public DateTimeOffset Started { get; }

    /// <summary>Duration of all attempts so far.</summary>
    public TimeSpan Duration => _before + _clock.Elapsed;

    /// <summary>Work of the attempt besides the steps of its training: steps and swaps of a layer search.</summary>
    public int Beside { get; set; }

    /// <summary>Starts an attempt. Requires the folder's lock.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>, <c>AttemptsCorrupt</c>.</exception>
    public static RunAttempt Begin(RunFolder folder)
    {
        string file = folder.File(RunFolder.AttemptsFile);
        List<AttemptLine> lines = [.. AttemptFile.Read(file)];
        if (lines.Count > 0 && !lines[^1].IsEnd)
        {
            AttemptLine lost = new(lines[^1].Attempt, AttemptEvent.Lost, folder.LastSign ?? lines[^1].Time);
            AttemptFile.Append(file, lost);
            lines.Add(lost);
        }
        AttemptLine start = new((lines.Count > 0 ? lines[^1].Attempt : 0) + 1, AttemptEvent.Started, DateTimeOffset.UtcNow)
        {
            Processors = Environment.ProcessorCount,
        };
        AttemptFile.Append(file, start);
        return new RunAttempt(file, start.Attempt, lines.FirstOrDefault()?.Time ?? start.Time, AttemptTimes.Sum(lines, start.Time));
    }

    /// <summary>Records that the training begins.</summary>
    /// <param name="from">Number of steps in its state.</param>
    /// <param name="total">Total number of steps; null if unknown.</param>
    public void Trains(int from, int? total)
    {
        _from = from;
        AttemptFile.Append(_file, new AttemptLine(_number, AttemptEvent.Training, DateTimeOffset.UtcNow) { Step = from, Steps = total });
    }

    /// <summary>Records the end.</summary>
    /// <param name="how">The kind of end.</param>
    /// <param name="step">Number of saved steps; null if the training hadn't begun.</param>
    /// <param name="error">The error of a failure.</param>
    /// <returns>Number of steps that the attempt made.</returns>
    public int End(AttemptEvent how, int? step, Exception? error = null)
    {
        int made = Beside + (step is { } kept ? kept - _from : 0);
        AttemptLine end = new(_number, how, DateTimeOffset.UtcNow)
        {
            Step = step,
            Made = made,
            PeakMemory = Peak(),
            ProcessorSeconds = Math.Round((Processor() - _processor).TotalSeconds, 3),
            ErrorId = error is null ? null : (error as HyperDasException)?.ErrorId ?? error.GetType().Name,
            Error = error?.Message,
        };
        AttemptFile.Append(_file, end);
        return made;
    }

    /// <summary>Records that an error or a cancellation ended the attempt.</summary>
    /// <param name="error">What ended it.</param>
    /// <param name="step">Number of saved steps; null if the training hadn't begun.</param>
    /// <returns>Number of steps that the attempt made; 0 if it couldn't be recorded.</returns>
    public int End(Exception error, int? step)
    {
        bool stopped = error is OperationCanceledException;
        try
        {
            return End(stopped ? AttemptEvent.Stopped : AttemptEvent.Failed, step, stopped ? null : error);
        }
        catch (HyperDasException e) when (e.ErrorId == "WriteFailed")
        {
            // On a full disk, the original error is more useful than the failure to record it.
            return 0;
        }
    }

    private static TimeSpan Processor()
    {
        using Process process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }

    private static long? Peak()
    {
        using Process process = Process.GetCurrentProcess();
        long peak = process.PeakWorkingSet64;
        return peak > 0 ? peak : null;
    }
}
