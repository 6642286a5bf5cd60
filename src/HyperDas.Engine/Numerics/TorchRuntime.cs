using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace HyperDas.Engine.Numerics;

/// <summary>
/// Loads libtorch, once per process, by absolute path. TorchSharp's own search falls back to whatever the operating system or the
/// NuGet cache holds, and a failed search can't be repeated in the same process, so every entry point of the engine calls
/// <see cref="EnsureLoaded"/> before it touches a <c>torch</c> member.
/// </summary>
public static class TorchRuntime
{
    /// <summary>Environment variable that names a folder with libtorch and LibTorchSharp; wins over every other place.</summary>
    public const string FolderVariable = "HYPERDAS_TORCH_HOME";

    /// <summary>
    /// Environment variable with the number of threads that tensor operations may use. Without it: what Slurm gave the task, and no more
    /// than the processors that the process may use, which control groups and affinity limit.
    /// </summary>
    public const string ThreadsVariable = "HYPERDAS_NUM_THREADS";

    // Number of processors that Slurm assigns to a task, set even where the task could use others.
    private const string TaskVariable = "SLURM_CPUS_PER_TASK";

    // Iterations of the loop in which OpenMP's threads wait, some hundredths of a millisecond.
    private const string SpinCount = "2000";

    private static readonly Lock s_gate = new();
    private static volatile bool s_loaded;
    private static string? s_folder;

    /// <summary>The folder the native libraries came from, or null before the first use.</summary>
    public static string? Folder => s_folder;

    /// <summary>Loads libtorch unless that has happened. A failure leaves the process clean, so that it can be tried again.</summary>
    /// <exception cref="HyperDasException"><c>TorchBackendNotFound</c> or <c>TorchBackendIncompatible</c>.</exception>
    public static void EnsureLoaded()
    {
        if (s_loaded)
        {
            return;
        }
        lock (s_gate)
        {
            if (s_loaded)
            {
                return;
            }
            string folder = FindFolder();
            SetDefaults();
            foreach (string file in LoadOrder(folder))
            {
                LoadOne(file);
            }
            AssemblyLoadContext context = AssemblyLoadContext.GetLoadContext(typeof(TorchRuntime).Assembly) ?? AssemblyLoadContext.Default;
            context.ResolvingUnmanagedDll += (_, name) => Resolve(folder, name);
            s_folder = folder;
            torch.set_num_threads(ThreadCount());
            s_loaded = true;
        }
    }

    /// <summary>Loads the named native library from the backend's folder; zero when it isn't one of the backend's.</summary>
    internal static nint Resolve(string folder, string name)
    {
        string path = Path.Combine(folder, NativeName(name));
        return File.Exists(path) ? NativeLibrary.Load(path) : 0;
    }

    /// <summary>
    /// Settings that libraries read when they are loaded, unless the user has decided otherwise. They come from the C library's
    /// environment, which .NET's own methods don't write to.
    /// <para>OpenMP's idle threads: a training step has hundreds of small operations, and to wake a thread for each took a third of the
    /// step, so on a machine that is free they wait a little for more work before they sleep (105 ms instead of 155 on two processors). A
    /// thread that spins on a busy processor keeps the one it waits for from running (245 ms instead of 155 beside one busy process; up to
    /// 15 times as long by OpenMP's own default), so on a machine that isn't free they sleep at once.</para>
    /// <para>oneDNN keeps what it has compiled for a shape, with scratch memory: 256 shapes took 70 MiB less than its 1,024 at the highest
    /// of a training on the bundled model, in the same processor time.</para>
    /// </summary>
    private static void SetDefaults()
    {
        if (OperatingSystem.IsWindows())
        {
            // oneDNN and Intel's OpenMP read the variables from Windows itself, which .NET's own method sets.
            SetUnlessSet("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "256");
            if (Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
            {
                // Milliseconds that an idle thread spins; OpenMP's default of 200 slows down other work on a busy machine.
                SetUnlessSet("KMP_BLOCKTIME", "1");
            }
            return;
        }
        if (!OperatingSystem.IsLinux())
        {
            return;
        }
        _ = SetEnvironment("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "256", 0);
        if (Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
        {
            _ = SetEnvironment("OMP_WAIT_POLICY", "PASSIVE", 0);
            if (MachineLoad.HasRoomFor(ThreadCount()))
            {
                _ = SetEnvironment("GOMP_SPINCOUNT", SpinCount, 0);
            }
        }
    }

    private static void SetUnlessSet(string name, string value)
    {
        if (Environment.GetEnvironmentVariable(name) is null)
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }

    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int SetEnvironment(string name, string value, int overwrite);

    private static int ThreadCount() => ThreadCount(Environment.GetEnvironmentVariable, Environment.ProcessorCount);

    /// <summary>How many threads tensor operations use.</summary>
    /// <param name="variable">Gives an environment variable.</param>
    /// <param name="processors">Processors that the process may use.</param>
    internal static int ThreadCount(Func<string, string?> variable, int processors) =>
        Number(variable(ThreadsVariable)) ?? Math.Min(processors, Number(variable(TaskVariable)) ?? processors);

    private static int? Number(string? text) => int.TryParse(text, out int number) && number > 0 ? number : null;

    /// <summary>The folders that may hold the native libraries, the first choice first.</summary>
    public static IReadOnlyList<string> Places()
    {
        List<string> places = [];
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } chosen)
        {
            // The loader accepts absolute paths only.
            places.Add(Path.GetFullPath(chosen));
        }
        else
        {
            if (TorchPlace.UserFolder is string user)
            {
                places.Add(user);
            }
            string beside = Path.GetDirectoryName(typeof(TorchRuntime).Assembly.Location) ?? AppContext.BaseDirectory;
            places.Add(Path.Combine(beside, "native"));
            places.Add(Path.GetFullPath(Path.Combine(beside, "..", "native")));
        }
        return places;
    }

    private static string FindFolder()
    {
        IReadOnlyList<string> places = Places();
        return places.FirstOrDefault(p => File.Exists(Path.Combine(p, NativeName("LibTorchSharp"))))
            ?? throw new HyperDasException(
                "TorchBackendNotFound",
                HyperDasErrorKind.NotInstalled,
                $"libtorch wasn't found. Searched for {NativeName("LibTorchSharp")} in: {string.Join("; ", places)}. " +
                $"Install-HyperDasBackend downloads it, building the solution also provides it, and {FolderVariable} can specify a folder that contains it.",
                places[0]);
    }

    // libtorch's libraries find each other through $ORIGIN on Linux; on Windows the order matters, and nothing else
    // would load the libraries for graphics cards. On macOS they look in the
    // folder of the machine that built them, and for OpenMP in Homebrew's; a library that is loaded already is found by its install name.
    private static IEnumerable<string> LoadOrder(string folder)
    {
        string[] first = ["omp", "c10", "torch_cpu", "c10_cuda", "torch_cuda", "torch", "LibTorchSharp"];
        return first.Select(n => Path.Combine(folder, NativeName(n))).Where(File.Exists);
    }

    private static void LoadOne(string file)
    {
        try
        {
            NativeLibrary.Load(file);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new HyperDasException(
                "TorchBackendIncompatible",
                HyperDasErrorKind.ResourceUnavailable,
                $"The system's loader refused '{file}': {e.Message}{Advice()}",
                file,
                e);
        }
    }

    // Windows' message is the same for every missing file, and this one is missing on new machines.
    private static string Advice() => OperatingSystem.IsWindows()
        ? " libtorch needs the Microsoft Visual C++ 2015-2022 runtime (x64), which Windows doesn't include: install vc_redist.x64.exe from Microsoft and start a new session."
        : "";

    private static string NativeName(string name) =>
        name.Contains('.', StringComparison.Ordinal) ? name
        : OperatingSystem.IsWindows() ? name + ".dll"
        : OperatingSystem.IsMacOS() ? "lib" + name + ".dylib"
        : "lib" + name + ".so";
}
