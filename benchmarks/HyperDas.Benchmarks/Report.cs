using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using TorchSharp;

namespace HyperDas.Benchmarks;

/// <summary>One measured ratio.</summary>
/// <param name="Name">E.g. <c>train.step</c>.</param>
/// <param name="Meaning">What is compared with what.</param>
/// <param name="Ratio">How many times faster than the reference, by the clock.</param>
/// <param name="ProcessorRatio">The same by processor time.</param>
/// <param name="Milliseconds">Median time.</param>
/// <param name="ReferenceMilliseconds">Median time of the reference.</param>
/// <param name="ProcessorMilliseconds">Median processor time: what builds are compared by on a machine that others use.</param>
internal sealed record Figure(
    string Name, string Meaning, double Ratio, double ProcessorRatio, double Milliseconds, double ReferenceMilliseconds,
    double ProcessorMilliseconds);

/// <summary>Time of one phase of a step.</summary>
/// <param name="Step">Which step.</param>
/// <param name="Phase">Which phase of it.</param>
/// <param name="Share">Its part of the step's processor time, 0 to 1.</param>
/// <param name="Milliseconds">Median time.</param>
/// <param name="ProcessorMilliseconds">Median processor time.</param>
internal sealed record PhaseShare(string Step, string Phase, double Share, double Milliseconds, double ProcessorMilliseconds);

/// <summary>A training step at one size.</summary>
/// <param name="Size">Which size is varied.</param>
/// <param name="Value">Its value.</param>
/// <param name="Milliseconds">Median time.</param>
/// <param name="ProcessorMilliseconds">Median processor time.</param>
/// <param name="Exponent">Growth of the processor time from the value before; null for the first.</param>
/// <param name="Parameters">Numbers that are trained: with gradient and two moments, 16 bytes each.</param>
/// <param name="CacheBytes">Hidden states kept for all batches.</param>
/// <param name="MemoryBytes">Memory of a training of this size beside the process and its objects, as predicted;
/// <see cref="MemoryBenchmark"/> measures how well.</param>
internal sealed record Growth(string Size, int Value, double Milliseconds, double ProcessorMilliseconds, double? Exponent, long Parameters,
    long CacheBytes, long MemoryBytes);

/// <summary>A step against the least time that the machine could take for it.</summary>
/// <param name="Step">Which step.</param>
/// <param name="Milliseconds">Median time.</param>
/// <param name="GigaOperations">Its arithmetic, in 10⁹ floating-point operations.</param>
/// <param name="Megabytes">Its traffic for what is trained, in 10⁶ bytes.</param>
/// <param name="GigaOperationsPerSecond">Speed of a large matrix product.</param>
/// <param name="GigabytesPerSecond">Speed of a large copy, read and written bytes together.</param>
internal sealed record Limit(
    string Step, double Milliseconds, double GigaOperations, double Megabytes, double GigaOperationsPerSecond, double GigabytesPerSecond)
{
    /// <summary>Time of the arithmetic and the traffic, one after the other.</summary>
    public double LeastMilliseconds => (GigaOperations / GigaOperationsPerSecond * 1e3) + (Megabytes / GigabytesPerSecond);

    /// <summary>How many times longer the step takes.</summary>
    public double Ratio => Milliseconds / LeastMilliseconds;
}

/// <summary>Memory of a training at its highest, beside that of the process before it.</summary>
/// <param name="Case">Which sizes.</param>
/// <param name="Predicted">Predicted, in bytes.</param>
/// <param name="Measured">Largest resident memory minus that before, in bytes.</param>
/// <param name="Before">Resident memory of the process before, in bytes.</param>
internal sealed record MemoryFigure(string Case, long Predicted, long Measured, long Before)
{
    /// <summary>Prediction over measurement, the process included in both.</summary>
    public double Ratio => (double)(Predicted + Before) / (Measured + Before);
}

/// <summary>Resident memory and live tensors of a long training, early and at its end.</summary>
/// <param name="EarlyStep">After how many steps first.</param>
/// <param name="EarlyBytes">Resident memory then.</param>
/// <param name="LastStep">After how many steps last.</param>
/// <param name="LastBytes">Resident memory then.</param>
/// <param name="EarlyTensors">Live tensors at first.</param>
/// <param name="LastTensors">Live tensors at last.</param>
internal sealed record LongTraining(int EarlyStep, long EarlyBytes, int LastStep, long LastBytes, long EarlyTensors, long LastTensors);

/// <summary>Speed of pretraining.</summary>
/// <param name="TokensPerSecond">Tokens a second, padding included.</param>
/// <param name="GigaOperationsPerSecond">Arithmetic of its matrix products, without attention.</param>
/// <param name="PeakGigaOperationsPerSecond">Speed of a large matrix product.</param>
internal sealed record Pretraining(double TokensPerSecond, double GigaOperationsPerSecond, double PeakGigaOperationsPerSecond);

/// <summary>What a user waits for.</summary>
/// <param name="What">For what.</param>
/// <param name="Milliseconds">Median over fresh processes.</param>
internal sealed record Wait(string What, double Milliseconds);

/// <summary>Prints figures as they come and writes them to a file at the end.</summary>
/// <param name="threads">Threads of tensor operations.</param>
/// <param name="rounds">How often everything is measured.</param>
/// <param name="peak">Arithmetic of a plain matrix product in this process, in GFLOP per second of processor time: what
/// machines are compared by.</param>
internal sealed class Report(int threads, int rounds, double peak)
{
    private static readonly JsonSerializerOptions s_json =
        new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
    private readonly List<Figure> _figures = [];
    private readonly List<PhaseShare> _phases = [];
    private readonly List<Growth> _growth = [];
    private readonly List<MemoryFigure> _memory = [];
    private readonly List<Limit> _limits = [];
    private readonly List<Wait> _waits = [];
    private readonly List<Pretraining> _pretraining = [];
    private readonly List<LongTraining> _long = [];
    private readonly List<ScoreTime> _scores = [];

    /// <summary>How often everything is measured.</summary>
    internal int Rounds => rounds;

    /// <summary>How the step grows, so far.</summary>
    internal IReadOnlyList<Growth> Growth => _growth;

    internal void PrintHead()
    {
        Write($"{Processor()}, {threads} thread(s), medians of {rounds}; a matrix product makes {peak:F0} GFLOP per processor second");
        Write($"{"",-24}{"ratio",8}{"(cpu)",9}{"ms",10}{"reference",11}");
    }

    /// <summary>Adds a ratio.</summary>
    internal void Add(string name, string meaning, Timing time, Timing reference)
    {
        Figure figure = new(
            name, meaning, reference.Seconds / time.Seconds, reference.ProcessorSeconds / time.ProcessorSeconds, time.Seconds
                * 1e3, reference.Seconds * 1e3, time.ProcessorSeconds * 1e3);
        _figures.Add(figure);
        Write(
            $"{figure.Name,-24}{figure.Ratio,8:F2}{$"({figure.ProcessorRatio:F2})",9}{figure.Milliseconds,10:F1}{figure.ReferenceMilliseconds,11:F1}  {figure.Meaning}");
    }

    /// <summary>Adds the phases of a step.</summary>
    internal void Add(string step, IReadOnlyList<(string Phase, Timing Time)> phases)
    {
        double all = phases.Sum(p => p.Time.ProcessorSeconds);
        foreach ((string phase, Timing time) in phases)
        {
            PhaseShare share = new(step, phase, time.ProcessorSeconds / all, time.Seconds * 1e3, time.ProcessorSeconds * 1e3);
            _phases.Add(share);
            Write($"{step + ": " + phase,-34}{share.Share,7:P0}{share.ProcessorMilliseconds,10:F1} ms cpu{share.Milliseconds,9:F1} ms");
        }
    }

    /// <summary>Adds a step at one size.</summary>
    internal void Add(Growth growth)
    {
        _growth.Add(growth);
        string exponent = growth.Exponent is { } e ? e.ToString("F2", CultureInfo.InvariantCulture) : "";
        Write(
            $"{growth.Size + " " + growth.Value,-24}{growth.Milliseconds,8:F1} ms{growth.ProcessorMilliseconds,9:F1} ms cpu{exponent,6}{growth.Parameters / 1e6,9:F2} M{growth.CacheBytes / 1048576.0,9:F1} MiB cached{growth.MemoryBytes / 1048576.0,9:F0} MiB in all");
    }

    /// <summary>Adds a step's distance from the machine's limit.</summary>
    internal void Add(Limit limit)
    {
        _limits.Add(limit);
        Write(
            $"{limit.Step}: {limit.Milliseconds:F1} ms; {limit.GigaOperations:F1} GFLOP at {limit.GigaOperationsPerSecond:F0}/s and {limit.Megabytes:F0} MB at {limit.GigabytesPerSecond:F1} GB/s take {limit.LeastMilliseconds:F1} ms: {limit.Ratio:F2} times the limit");
    }

    /// <summary>Adds the memory of a training.</summary>
    internal void Add(MemoryFigure memory)
    {
        _memory.Add(memory);
        Write(
            $"memory {memory.Case,-28}{memory.Predicted / 1048576.0,8:F0} MiB predicted{memory.Measured / 1048576.0,8:F0} MiB measured, {memory.Before / 1048576.0:F0} before; with it {memory.Ratio:F2}");
    }

    /// <summary>Adds a long training.</summary>
    internal void Add(LongTraining training)
    {
        _long.Add(training);
        Write(
            $"resident after {training.EarlyStep} steps {training.EarlyBytes / 1048576.0:F1} MiB, after {training.LastStep} {training.LastBytes / 1048576.0:F1} MiB: {training.LastBytes / (double)training.EarlyBytes - 1:P2}; live tensors {training.EarlyTensors}, then {training.LastTensors}");
    }

    /// <summary>Adds the time that a training took to a score.</summary>
    internal void Add(ScoreTime time)
    {
        _scores.Add(time);
        Write(
            $"{Processor()}, seed {time.Seed}: {(time.IsReached ? "reached" : "did not reach")} {time.Score:F1}, {time.Reached:F1} (worst cause {time.WorstCause:F0}) at step {time.Step} after {time.ProcessorMinutes:F2} processor minutes, {time.Minutes:F2} by the clock");
    }

    /// <summary>Adds a pretraining.</summary>
    internal void Add(Pretraining pretraining)
    {
        _pretraining.Add(pretraining);
        Write(
            $"pretraining: {pretraining.TokensPerSecond:N0} tokens/s, {pretraining.GigaOperationsPerSecond:F0} GFLOP/s of {pretraining.PeakGigaOperationsPerSecond:F0}: {pretraining.GigaOperationsPerSecond / pretraining.PeakGigaOperationsPerSecond:P0}");
    }

    /// <summary>Adds a time to wait.</summary>
    internal void Add(Wait wait)
    {
        _waits.Add(wait);
        Write($"{wait.What,-46}{wait.Milliseconds,8:F0} ms");
    }

    /// <summary>Writes everything as JSON.</summary>
    internal void WriteJson(string file) => File.WriteAllText(file, JsonSerializer.Serialize(
        new
        {
            Date = DateTimeOffset.UtcNow,
            Processor = Processor(),
            Threads = threads,
            Rounds = rounds,
            MatrixProductGflops = peak,
            Runtime = RuntimeInformation.FrameworkDescription,
            TorchSharp = typeof(torch).Assembly.GetName().Version?.ToString(),
            Figures = _figures,
            Phases = _phases,
            Growth = _growth,
            Memory = _memory,
            Limits = _limits,
            Waits = _waits,
            Pretraining = _pretraining,
            LongTrainings = _long,
            TimesToScore = _scores,
        },
        s_json));

    private static string Processor()
    {
        const string Source = "/proc/cpuinfo";
        string? line = File.Exists(Source)
            ? File.ReadLines(Source).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return $"{line?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString()} x {Environment.ProcessorCount}";
    }

    private static void Write(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
