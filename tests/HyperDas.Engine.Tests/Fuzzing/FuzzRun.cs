using System.Diagnostics;
using System.Globalization;
using System.Text;
using HyperDas.Engine.Numerics;
using Microsoft.Win32.SafeHandles;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Fuzzing;

/// <summary>
/// Reads damaged variants of a format's files. Each must end well or with an error that names one of the files, soon, in little memory
/// and without leaving a tensor.
/// </summary>
/// <remarks>
/// The environment variables <c>HYPERDAS_FUZZ_VARIANTS</c> (of each format), <c>HYPERDAS_FUZZ_SEED</c> and <c>HYPERDAS_FUZZ_ONLY</c> (the
/// number of one variant) change what is run. The variant that is being read lies in <c>artifacts/fuzz/&lt;format&gt;</c>, so that it is
/// there even after a crash of the process; that of a failure stays.
/// </remarks>
internal sealed class FuzzRun
{
    private const int Variants = 1700;
    private const int VariantsOfSet = 20;
    private const long MostManaged = 64L << 20;
    private const long MostAddresses = 512L << 20;

    // Far above what any variant takes on a busy machine: a guard against what never ends, not a measurement.
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(60);

    // Only Linux reports it.
    private static readonly SafeFileHandle? s_status = OperatingSystem.IsLinux() ? File.OpenHandle("/proc/self/status") : null;

    private readonly FuzzTarget _target;
    private readonly int _seed = Setting("SEED") ?? 1;
    private readonly string _folder;
    private readonly SortedDictionary<string, int> _outcomes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _failures = [];
    private readonly Dictionary<string, byte[]> _laidOut = [];
    private TimeSpan _slowest;
    private long _most;
    private long _peak = PeakAddresses();

    internal FuzzRun(FuzzTarget target)
    {
        _target = target;
        _folder = Path.Combine(SharedData.RepositoryRoot(), "artifacts", "fuzz", target.Name);
    }

    /// <summary>Reads the seeds, then all variants.</summary>
    /// <returns>How often there was which outcome, in one line.</returns>
    /// <exception cref="FuzzFailure">A variant that ended otherwise.</exception>
    internal string Run()
    {
        foreach (FuzzFile[] seeds in _target.Seeds)
        {
            WithFiles(seeds, "seed", () => Try(seeds, mustSucceed: true));
        }
        _outcomes.Clear();
        long tensors = LiveTensors.Settle();
        Stopwatch watch = Stopwatch.StartNew();
        int only = Setting("ONLY") ?? -1, count = only >= 0 ? only + 1 : (Setting("VARIANTS") ?? Variants) / _target.Share;
        for (int number = Math.Max(0, only); number < count; number++)
        {
            FuzzFile[] variant = Variant(number);
            WithFiles(variant, $"variant {number} of seed {_seed}", () => Try(variant, mustSucceed: false));
        }
        GC.Collect();
        GC.WaitForPendingFinalizers();
        if (Tensor.TotalCount > tensors)
        {
            _failures["tensors"] = $"{Tensor.TotalCount - tensors} tensors were left behind.";
        }
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
        File.Delete(_folder + ".txt");
        string figures = string.Create(
            CultureInfo.InvariantCulture,
            $"{_target.Name}: {count - Math.Max(0, only)} variants of seed {_seed} in {watch.Elapsed.TotalSeconds:F1} s, the slowest {_slowest.TotalMilliseconds:F0} ms, at most {_most / 1e6:F1} MB: {string.Join(", ", _outcomes.Select(o => $"{o.Key} {o.Value}"))}");
        return _failures.Count == 0 ? figures : throw new FuzzFailure($"{figures}\n\n{string.Join("\n\n", _failures.Values)}");
    }

    private FuzzFile[] Variant(int number)
    {
        Random random = new(unchecked((int)new SeededRandom(_seed, $"{_target.Name}/{number}").NextBits()));
        // In turns, so that the files that stay needn't be written each time.
        FuzzFile[] files = [.. _target.Seeds[number / VariantsOfSet % _target.Seeds.Count]];
        Mutator mutator = new(random, _target.Words);
        int[] places = [.. Enumerable.Range(0, files.Length).Where(i => !files[i].IsFixed)];
        for (int left = random.Next(6) == 0 ? 2 : 1; left > 0; left--)
        {
            int at = places[random.Next(places.Length)];
            files[at] = files[at] with { Content = mutator.Mutate(files[at]) };
        }
        return files;
    }

    private void WithFiles(FuzzFile[] files, string what, Action read)
    {
        Directory.CreateDirectory(_folder);
        LayOut(files);
        // Beside the folder, so that readers of whole folders don't see it.
        File.WriteAllText(_folder + ".txt", what);
        try
        {
            read();
        }
        catch (FuzzFailure e)
        {
            Keep(what, e);
        }
    }

    // Writes what differs from the variant before, and removes what its reader left.
    private void LayOut(FuzzFile[] files)
    {
        HashSet<string> wanted = [.. files.Select(f => Path.Combine(_folder, f.Name))];
        foreach (string path in Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).Where(path => !wanted.Contains(path)))
        {
            File.Delete(path);
        }
        foreach (string folder in Directory.GetDirectories(_folder)
            .Where(folder => !wanted.Any(path => path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))))
        {
            Directory.Delete(folder, recursive: true);
        }
        foreach (FuzzFile file in files)
        {
            string path = Path.Combine(_folder, file.Name);
            if (!_laidOut.TryGetValue(path, out byte[]? content) || !ReferenceEquals(content, file.Content) || !File.Exists(path))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllBytes(path, file.Content);
                _laidOut[path] = file.Content;
            }
        }
    }

    // One variant of each kind of failure: the first shows what is wrong, a thousand like it nothing more.
    private void Keep(string what, FuzzFailure failure)
    {
        string place = failure.InnerException?.StackTrace?.Split('\n')
            .FirstOrDefault(line => line.Contains(" HyperDas.Engine.", StringComparison.Ordinal))?.Trim() ?? "";
        string kind = failure.InnerException is null ? failure.Message : failure.InnerException.GetType().Name + place;
        if (_failures.ContainsKey(kind))
        {
            return;
        }
        string kept = $"{_folder}-{what.Replace(' ', '-')}";
        _laidOut.Clear();
        if (Directory.Exists(kept))
        {
            Directory.Delete(kept, recursive: true);
        }
        Directory.Move(_folder, kept);
        _failures[kind] = $"{what}: {failure.Message}\n{place}\nThe files are in '{kept}'.";
    }

    private void Try(FuzzFile[] files, bool mustSucceed)
    {
        Exception? error = null;
        long allocated = 0;
        Stopwatch watch = Stopwatch.StartNew();
        // A separate thread has a stack of known size and can be abandoned.
        Thread reading = new(() =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                _target.Read(_folder);
            }
            catch (Exception e)
            {
                error = e;
            }
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }, maxStackSize: 1 << 20)
        { IsBackground = true };
        reading.Start();
        if (!reading.Join(s_longest))
        {
            throw new InvalidOperationException($"{_target.Name}: the variant in '{_folder}' takes longer than {s_longest}.");
        }
        _slowest = watch.Elapsed > _slowest ? watch.Elapsed : _slowest;
        _most = Math.Max(_most, allocated);
        // Only ever grows: what it has grown by since the variant before is this one's.
        long peak = PeakAddresses(), addresses = peak - _peak;
        _peak = peak;
        Judge(error, files, mustSucceed);
        if (allocated > MostManaged || addresses > MostAddresses)
        {
            throw new FuzzFailure(
                $"{allocated / 1e6:F0} MB of objects were made, and {addresses / 1e6:F0} MB more of memory taken ({error?.Message ?? "success"}).");
        }
    }

    private void Judge(Exception? error, FuzzFile[] files, bool mustSucceed)
    {
        string outcome = error is null ? "read" : error is HyperDasException known ? known.ErrorId : error.GetType().Name;
        _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + 1;
        if (error is not null && mustSucceed)
        {
            throw new FuzzFailure($"the good files aren't read: {error.Message}", error);
        }
        if (error is not null and not HyperDasException)
        {
            throw new FuzzFailure($"{error.GetType().Name}: {error.Message}", error);
        }
        if (error is not null && !files.Any(f => error.Message.Contains(Path.Combine(_folder, f.Name), StringComparison.Ordinal)))
        {
            throw new FuzzFailure($"the error names none of the files ({((HyperDasException)error).ErrorId}): {error.Message}", error);
        }
    }

    // Counts what was reserved, touched or not: libtorch's tensors are, before anybody writes to them.
    private static long PeakAddresses()
    {
        if (s_status is null)
        {
            return 0;
        }
        Span<byte> status = stackalloc byte[1024];
        string text = Encoding.ASCII.GetString(status[..RandomAccess.Read(s_status, status, 0)]);
        string line = text.Split('\n').First(l => l.StartsWith("VmPeak:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private static int? Setting(string name) =>
        Environment.GetEnvironmentVariable("HYPERDAS_FUZZ_" + name) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : null;
}

/// <summary>A variant that ended otherwise than it should.</summary>
internal sealed class FuzzFailure(string message, Exception? inner = null) : Exception(message, inner);
