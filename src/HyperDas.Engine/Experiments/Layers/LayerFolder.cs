using System.Globalization;
using System.Text;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Experiments.Layers;

/// <summary>
/// The files of a search: its settings, the results of full swaps, and for each round a document, the sweep over the remaining layers, with
/// its runs. Rounds are named after their steps, so a search over other layers finds the runs that it shares with an earlier one. Several
/// processes may search at the same time and share the work.
/// </summary>
/// <param name="path">Absolute folder.</param>
internal sealed class LayerFolder(string path)
{
    /// <summary>The settings; a folder with this file is a search's.</summary>
    public const string SettingsFile = "search.yaml";

    private const string SwapsFile = "swaps.json", SwapsFolder = "swaps", Whole = "whole", Steps = "steps-", Work = "layer search";

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private string Swaps => Path.Combine(path, SwapsFile);

    /// <summary>Starts a search, resumes one, or joins one in progress in other processes.</summary>
    /// <param name="settings">The settings as a document.</param>
    /// <param name="force">Whether to start over regardless of the contents; no other process may be searching.</param>
    /// <returns>A lock that keeps other processes from starting over.</returns>
    /// <exception cref="HyperDasException">
    /// <c>OutputExists</c>: it has other settings, or files with a search's names that no search has written; <c>RunLocked</c>;
    /// <c>WriteFailed</c>.
    /// </exception>
    public FolderLock Enter(string settings, bool force)
    {
        if (force)
        {
            using FolderLock alone = FolderLock.Take(path, "RunLocked", Work);
            Clear();
        }
        FolderLock shared = FolderLock.Share(path, "RunLocked", Work);
        try
        {
            ThrowIfOther(settings);
            Write(SettingsFile, settings);
            return shared;
        }
        catch
        {
            shared.Dispose();
            throw;
        }
    }

    private void ThrowIfOther(string settings)
    {
        RunFolder folder = new(path);
        // In this order: a process that has just started this search writes its settings before anything else.
        if (Own().FirstOrDefault() is { } foreign && !File.Exists(folder.File(SettingsFile)))
        {
            throw new HyperDasException(
                "OutputExists", HyperDasErrorKind.ResourceExists,
                $"'{path}' has '{Path.GetFileName(foreign)}' but no {SettingsFile}, so it isn't from a layer search. "
                + "Choose another folder, or move the file away.", path);
        }
        folder.ThrowIfOther(settings, SettingsFile, Work);
    }

    /// <summary>The result of the full swap at a layer; null if it hasn't been computed.</summary>
    /// <param name="layer">The layer.</param>
    /// <exception cref="HyperDasException"><c>LayersCorrupt</c>, <c>FileUnreadable</c>.</exception>
    public LayerSwap? Swap(int layer) => LayerSwap.Read(Swaps).FirstOrDefault(swap => swap.Layer == layer);

    /// <summary>Locks the full swap at a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <returns>The lock, to be disposed once the result has been added; null if another process holds it.</returns>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public FolderLock? TakeSwap(int layer) => FolderLock.TryTake(
        Path.Combine(path, SwapsFolder, layer.ToString(CultureInfo.InvariantCulture)), Work);

    /// <summary>Adds the result of a full swap.</summary>
    /// <param name="swap">The result.</param>
    /// <exception cref="HyperDasException"><c>LayersCorrupt</c>, <c>FileUnreadable</c>, <c>WriteFailed</c>.</exception>
    public void Add(LayerSwap swap)
    {
        FolderLock? alone;
        while ((alone = FolderLock.TryTake(Path.Combine(path, SwapsFolder), Work)) is null)
        {
            // Another process is adding its own, which is quick.
            Thread.Sleep(s_look);
        }
        using (alone)
        {
            LayerSwap.Write(Swaps, LayerSwap.Read(Swaps).Where(known => known.Layer != swap.Layer).Append(swap).OrderBy(k => k.Layer));
        }
    }

    /// <summary>Writes the document of a round.</summary>
    /// <param name="settings">Settings of its runs, except layer and folder.</param>
    /// <param name="steps">Training steps; null for whole trainings.</param>
    /// <param name="layers">The remaining layers.</param>
    /// <returns>The document.</returns>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public string WriteRound(Experiment settings, int? steps, IEnumerable<int> layers)
    {
        string name = steps is { } count ? Steps + count.ToString(CultureInfo.InvariantCulture) : Whole;
        Experiment round = settings with { Outputs = settings.Outputs with { Path = Path.Combine(path, name) } };
        string field = string.Join(", ", layers.Order().Select(layer => layer.ToString(CultureInfo.InvariantCulture)));
        Write($"{name}.yaml", $"{ExperimentYaml.Write(round, path)}sweep:\n  method.layer: [{field}]\n");
        return Path.Combine(path, $"{name}.yaml");
    }

    /// <summary>Deletes the files of a search, and no others in the folder.</summary>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public void Clear()
    {
        if (!File.Exists(Path.Combine(path, SettingsFile)))
        {
            return;
        }
        try
        {
            foreach (string own in Own())
            {
                if (Directory.Exists(own))
                {
                    Directory.Delete(own, recursive: true);
                }
                File.Delete(own);
            }
            // Last: without this file the rest couldn't be attributed to a search.
            File.Delete(Path.Combine(path, SettingsFile));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HyperDasException("WriteFailed", HyperDasErrorKind.WriteError, $"'{path}' couldn't be cleared: {e.Message}", path, e);
        }
    }

    private string[] Own() => !Directory.Exists(path) ? [] :
    [
        .. Directory.GetFileSystemEntries(path).Where(entry => Path.GetFileNameWithoutExtension(entry) is var name
            && (name is Whole or SwapsFolder || name.StartsWith(Steps, StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal),
    ];

    private void Write(string name, string text) => AtomicFile.Write(
        Path.Combine(path, name), stream => stream.Write(Encoding.UTF8.GetBytes(text)));
}
