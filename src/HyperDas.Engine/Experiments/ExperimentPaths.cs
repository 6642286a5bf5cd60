namespace HyperDas.Engine.Experiments;

/// <summary>
/// Makes an experiment's paths absolute: relative to the document, or for <c>-Set</c> to the folder that the shell is in.
/// </summary>
internal sealed class ExperimentPaths(string file, ExperimentReadOptions options)
{
    private readonly string _folder = Path.GetDirectoryName(file)!;

    /// <summary>Whether a key holds a path.</summary>
    public static bool IsPath(OptionKey key) => key.Name is "path" or "cachePath" or "from" or "adapter";

    /// <summary>The experiment with absolute paths and a name.</summary>
    /// <param name="experiment">As it was bound.</param>
    /// <param name="run">Name of the run's folder in a sweep; empty without one.</param>
    /// <param name="places">Where its settings stand.</param>
    public Experiment Resolve(Experiment experiment, string run, ExperimentPlaces places)
    {
        string name = experiment.Name.Length > 0 ? experiment.Name : Path.GetFileNameWithoutExtension(file);
        string output = options.OutputPath
            ?? (experiment.Outputs.Path.Length > 0
                ? Absolute("outputs.path", experiment.Outputs.Path, places)
                : Path.Combine(_folder, "runs", name));
        return experiment with
        {
            Name = name,
            Target = experiment.Target with
            {
                Path = Model("target.path", experiment.Target.Path, places),
                Adapter = experiment.Target.Adapter is { Length: > 0 } adapter ? Model("target.adapter", adapter, places) : null,
                CachePath = experiment.Target.CachePath is { Length: > 0 } cache ? Absolute("target.cachePath", cache, places) : null,
            },
            Training = experiment.Training with
            {
                From = experiment.Training.From is { Length: > 0 } from ? Absolute("training.from", from, places) : null,
            },
            Data = experiment.Data with { Path = Absolute("data.path", experiment.Data.Path, places) },
            Outputs = experiment.Outputs with { Path = Path.TrimEndingDirectorySeparator(Path.Combine(output, run)) },
        };
    }

    /// <summary>Folder of what belongs to all runs of the document.</summary>
    /// <param name="run">The folder of one of its runs.</param>
    /// <param name="folder">Name of the run's folder in a sweep; empty without one.</param>
    public static string Plan(string run, string folder) => Path.Combine(folder.Length > 0 ? Path.GetDirectoryName(run)! : run, "plan");

    /// <summary>A path with the user's home folder in the place of a tilde at its beginning, as shells read it.</summary>
    /// <param name="path">Any path.</param>
    internal static string FromHome(string path) => path is "~" or ['~', '/' or '\\', ..]
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[1..].TrimStart('/', '\\'))
        : path;

    // A folder of that name comes first, as with commands.
    private string Model(string key, string path, ExperimentPlaces places)
    {
        string folder = Absolute(key, path, places);
        return folder.Length == 0 || Path.Exists(folder) ? folder : options.Cache.Find(path) ?? folder;
    }

    private string Absolute(string key, string path, ExperimentPlaces places)
    {
        if (path.Length == 0)
        {
            return "";
        }
        if (path.Contains('\0', StringComparison.Ordinal))
        {
            places.Add(key, "A path has no zero character.");
            return "";
        }
        bool ofSet = places.Nodes.TryGetValue(key, out Yaml.YamlNode? node) && node.Mark.File == SetOverrides.Source;
        return Path.TrimEndingDirectorySeparator(Path.GetFullPath(FromHome(path), ofSet ? options.SetFolder ?? _folder : _folder));
    }
}
