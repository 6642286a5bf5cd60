using HyperDas.Engine.Files;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.LanguageModels.ActivationFiles;
using HyperDas.Engine.Training.States;

namespace HyperDas.Engine.Training.Memory;

/// <summary>
/// Files for a training's hidden states where memory for them is short and the user names none: beside the training's state, so that a
/// resumed training finds them, or in a folder of its own that is removed with the training. Reading a state takes far less time than
/// running the target's lower blocks for it.
/// </summary>
internal sealed class SpilledStates : IDisposable
{
    private const string Name = "hidden-states", TemporaryName = "hyperdas-" + Name + "-";

    // Of the free space; others need some, too.
    private const double DiskShare = 0.5;

    // Beside the states files hold their sequences' tokens and an index.
    private const double FileShare = 1.25;
    private const long LeastFiles = 16L << 20;

    // A folder whose process is gone is removed by the next training that needs one, but not while it may just be made.
    private static readonly TimeSpan s_youngest = TimeSpan.FromMinutes(1);

    private readonly FolderLock? _lock;
    private readonly bool _own;

    private SpilledStates(string folder, long limit, FolderLock? held)
    {
        Files = new ActivationFolder(folder, limit);
        _lock = held;
        _own = held is not null;
    }

    /// <summary>The files.</summary>
    public ActivationFolder Files { get; }

    /// <summary>Whether the training has nothing left to do, so that nobody will read the files again.</summary>
    public bool IsFinished { get; set; }

    /// <summary>Files for a training, or null where its states fit memory, go to files already, or would fill the disk.</summary>
    /// <param name="model">The target model.</param>
    /// <param name="bytes">What the hidden states of an epoch take.</param>
    /// <param name="epochs">How many epochs have states of their own.</param>
    /// <param name="options">How is trained.</param>
    /// <param name="state">Where the training is kept, or null.</param>
    public static SpilledStates? For(LanguageModel model, double bytes, int epochs, TrainingOptions options, TrainingState? state)
    {
        if (bytes <= options.CacheBytes || model.ActivationFiles is not null)
        {
            return null;
        }
        try
        {
            string place = state?.Folder ?? Path.GetTempPath();
            double needed = (bytes * Math.Max(1, epochs) * FileShare) + LeastFiles;
            // States that were kept in part would be computed again in other batches when the training goes on.
            if (needed > new DriveInfo(place).AvailableFreeSpace * DiskShare)
            {
                return null;
            }
            if (state is not null)
            {
                return new SpilledStates(Path.Combine(place, Name), (long)needed, held: null);
            }
            RemoveAbandoned(place);
            string folder = Path.Combine(place, TemporaryName + Guid.NewGuid().ToString("N"));
            return new SpilledStates(folder, (long)needed, FolderLock.Take(folder, "StateLocked", "training"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException
            or HyperDasException { ErrorId: "WriteFailed" or "PathInvalid" })
        {
            // They are an aid: without them the training takes longer.
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Files.Dispose();
        _lock?.Dispose();
        if (_own || IsFinished)
        {
            Remove(Files.Path);
        }
    }

    private static void RemoveAbandoned(string place)
    {
        foreach (string folder in Directory.EnumerateDirectories(place, TemporaryName + "*"))
        {
            if (DateTime.UtcNow - Directory.GetLastWriteTimeUtc(folder) > s_youngest && FolderLock.HolderOf(folder) is null)
            {
                Remove(folder);
            }
        }
    }

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whoever comes next removes it, or nothing was written.
        }
    }
}
