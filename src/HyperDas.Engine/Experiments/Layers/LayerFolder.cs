using System.Globalization;
using System.Text;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Experiments.Layers;

/// <summary>
/// The files of a search: its settings, the results of full swaps, and for each round a document, the sweep over the remaining layers, with
/// its runs. Rounds are named after their steps, so a search over other layers finds the runs that it shares with an earlier one.
/// </summary>
/// <param name="path">Absolute folder.</param>
internal sealed class LayerFolder(string path)
{
    /// <summary>The settings; a folder with this file is a search's.</summary>
    public const string SettingsFile = "search.yaml";

    private const string SwapsFile = "swaps.json", Whole = "whole", Steps = "steps-";

    /// <summary>Absolute folder.</summary>
    public string Path => path;

    /// <summary>Results of full swaps.</summary>
    public string Swaps => System.IO.Path.Combine(path, SwapsFile);

    /// <summary>Throws for a search with other settings, and for files with its names that no search has written.</summary>
    /// <param name="settings">The settings as a document.</param>
    /// <exception cref="HyperDasException"><c>OutputExists</c>.</exception>
    public void ThrowIfOther(string settings)
    {
        RunFolder folder = new(path);
        if (!File.Exists(folder.File(SettingsFile)) && Own().FirstOrDefault() is { } foreign)
        {
            throw new HyperDasException(
                "OutputExists", HyperDasErrorKind.ResourceExists,
                $"'{path}' has '{System.IO.Path.GetFileName(foreign)}' but no {SettingsFile}, so it isn't from a layer search. "
                + "Choose another folder, or move the file away.", path);
        }
        folder.ThrowIfOther(settings, SettingsFile, "layer search");
    }

    /// <summary>Writes the settings.</summary>
    /// <param name="settings">The settings as a document.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public void Begin(string settings) => Write(SettingsFile, settings);

    /// <summary>Writes the document of a round.</summary>
    /// <param name="settings">Settings of its runs, except layer and folder.</param>
    /// <param name="steps">Training steps; null for whole trainings.</param>
    /// <param name="layers">The remaining layers.</param>
    /// <returns>The document.</returns>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public string WriteRound(Experiment settings, int? steps, IEnumerable<int> layers)
    {
        string name = steps is { } count ? Steps + count.ToString(CultureInfo.InvariantCulture) : Whole;
        Experiment round = settings with { Outputs = settings.Outputs with { Path = System.IO.Path.Combine(path, name) } };
        string field = string.Join(", ", layers.Order().Select(layer => layer.ToString(CultureInfo.InvariantCulture)));
        Write($"{name}.yaml", $"{ExperimentYaml.Write(round, path)}sweep:\n  method.layer: [{field}]\n");
        return System.IO.Path.Combine(path, $"{name}.yaml");
    }

    /// <summary>Deletes the files of a search, and no others in the folder.</summary>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public void Clear()
    {
        if (!File.Exists(System.IO.Path.Combine(path, SettingsFile)))
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
            File.Delete(System.IO.Path.Combine(path, SettingsFile));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HyperDasException("WriteFailed", HyperDasErrorKind.WriteError, $"'{path}' couldn't be cleared: {e.Message}", path, e);
        }
    }

    private string[] Own() => !Directory.Exists(path) ? [] :
    [
        .. Directory.GetFileSystemEntries(path).Where(entry => System.IO.Path.GetFileNameWithoutExtension(entry) is var name
            && (name == Whole || name.StartsWith(Steps, StringComparison.Ordinal) || System.IO.Path.GetFileName(entry) == SwapsFile))
            .Order(StringComparer.Ordinal),
    ];

    private void Write(string name, string text) => AtomicFile.Write(
        System.IO.Path.Combine(path, name), stream => stream.Write(Encoding.UTF8.GetBytes(text)));
}
