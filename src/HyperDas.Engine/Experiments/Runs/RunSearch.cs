using HyperDas.Engine.Experiments.Layers;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Experiments.Runs;

/// <summary>Finds the runs in a folder, of any document, and the settings in which they differ.</summary>
public static class RunSearch
{
    // runs/NAME/COMBINATION, plus one level.
    private const int MaxDepth = 3;
    private const long MaxDocument = 1 << 20;

    /// <summary>The folders of runs: the folder itself, or those in it down to the third level.</summary>
    /// <param name="folder">Absolute folder.</param>
    /// <exception cref="HyperDasException"><c>RunFolderInvalid</c>: there are none; <c>FileUnreadable</c>.</exception>
    public static IReadOnlyList<ExperimentStatus> Find(string folder)
    {
        string[] found = [.. Folders(folder, MaxDepth)];
        if (found.Length == 0)
        {
            throw new HyperDasException(
                "RunFolderInvalid", HyperDasErrorKind.InvalidData,
                $"'{folder}' isn't the folder of a run and contains none: there is no {RunFolder.DocumentFile}.", folder);
        }
        Dictionary<string, string> pool = [];
        List<Dictionary<string, string>> settings = [.. found.Select(path => Settings(Path.Combine(path, RunFolder.DocumentFile), pool))];
        string[] varying =
        [
            .. settings.SelectMany(s => s.Keys).Distinct()
                .Where(key => key is not ("outputs.path" or "description") && Varies(settings, key)),
        ];
        string root = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        return
        [
            .. found.Select((path, i) => new ExperimentStatus
            {
                Name = path == folder ? root : $"{root}/{Path.GetRelativePath(folder, path).Replace('\\', '/')}",
                Path = path,
                State = ExperimentState.Missing,
                Seed = long.TryParse(settings[i].GetValueOrDefault("seed"), out long seed) ? seed : null,
                Values = new VaryingSettings(varying.Where(settings[i].ContainsKey).ToDictionary(key => key, key => settings[i][key])),
            }),
        ];
    }

    /// <summary>Reads the status of one of them.</summary>
    /// <param name="found">A result of <see cref="Find"/>.</param>
    /// <exception cref="HyperDasException">As <see cref="RunStatus.Read(ExperimentRun)"/>.</exception>
    public static ExperimentStatus Read(ExperimentStatus found) => RunStatus.Read(new RunFolder(found.Path), found);

    private static IEnumerable<string> Folders(string folder, int depth)
    {
        if (File.Exists(Path.Combine(folder, RunFolder.DocumentFile)))
        {
            return [folder];
        }
        return depth == 0 ? [] : WholeFile.Try(folder, () => Directory.GetDirectories(folder))
            // Runs of a layer search weren't requested themselves.
            .Where(f => !File.Exists(Path.Combine(f, LayerFolder.SettingsFile)))
            .Order(StringComparer.Ordinal).SelectMany(f => Folders(f, depth - 1));
    }

    private static bool Varies(List<Dictionary<string, string>> settings, string key)
    {
        string? first = settings[0].GetValueOrDefault(key);
        return settings.Exists(s => s.GetValueOrDefault(key) != first);
    }

    // The document was written by a run: two levels, each value on the line of its key. Equal texts are stored once.
    private static Dictionary<string, string> Settings(string file, Dictionary<string, string> pool)
    {
        Dictionary<string, string> settings = [];
        string section = "";
        foreach (string line in System.Text.Encoding.UTF8.GetString(WholeFile.Read(file, MaxDocument, "ConfigInvalid")).Split('\n'))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || line[0] == '#')
            {
                continue;
            }
            string value = line[(colon + 1)..].Trim();
            bool isTop = line[0] != ' ';
            section = isTop && value.Length == 0 ? line[..colon] + "." : isTop ? "" : section;
            if (value.Length > 0)
            {
                string key = Kept((isTop ? "" : section) + line[..colon].Trim());
                settings[key] = Kept(value);
            }
        }
        return settings;

        string Kept(string text) => pool.TryGetValue(text, out string? kept) ? kept : pool[text] = text;
    }
}
