using HyperDas.Engine.Files;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.LanguageModels.ActivationFiles;
using HyperDas.Engine.Training.States;

namespace HyperDas.Engine.Training.Memory;

/// <summary>
/// Files for a training's hidden states if memory is short and the user specifies none: in the state folder, where a resumed training finds
/// them, or in a separate folder that is deleted with the training. Reading a state takes much less time than computing it with the
/// target's lower blocks.
/// </summary>
internal sealed class SpilledStates : IDisposable
{
    private const string Name = "hidden-states", TemporaryName = "hyperdas-" + Name + "-";

    // Fraction of the free space; others need some, too.
    private const double DiskShare = 0.5;

    // In addition to the states, files contain their sequences' tokens and an index.
    private const double FileShare = 1.25;
    private const long LeastFiles = 16L << 20;

    // The next training that needs a folder deletes those of ended processes, but not while one may just be being created.
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

    /// <summary>Whether the training is finished and the files won't be read again.</summary>
    public bool IsFinished { get; set; }

    /// <summary>Files for a training, or null if its states fit into memory, already go to files, or would fill the disk.</summary>
    /// <param name="model">The target model.</param>
    /// <param name="bytes">Size of the hidden states of an epoch.</param>
    /// <param name="epochs">Number of epochs with their own states.</param>
    /// <param name="options">Options of the training.</param>
    /// <param name="state">The training's state, or null.</param>
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
            // Partially stored states would be recomputed in other batches when the training resumes.
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
            // They are optional: without them the training takes longer.
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
            // The next training deletes it, or nothing was written.
        }
    }
}
