namespace HyperDas.Engine.Experiments;

/// <summary>Resolves an experiment's paths: relative to the document, or to the shell's current location for <c>-Set</c>.</summary>
internal sealed class ExperimentPaths(string file, ExperimentReadOptions options)
{
    private readonly string _folder = Path.GetDirectoryName(file)!;

    /// <summary>Whether the value of a key is a path.</summary>
    public static bool IsPath(OptionKey key) => key.Name is "path" or "cachePath" or "from" or "adapter";

    /// <summary>The experiment with absolute paths and a name.</summary>
    /// <param name="experiment">The bound experiment.</param>
    /// <param name="run">Name of the run's folder in a sweep; empty without one.</param>
    /// <param name="places">Positions of its settings.</param>
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

    /// <summary>Folder of the files that belong to all runs of the document.</summary>
    /// <param name="run">The folder of one of its runs.</param>
    /// <param name="folder">Name of the run's folder in a sweep; empty without one.</param>
    public static string Plan(string run, string folder) => Path.Combine(folder.Length > 0 ? Path.GetDirectoryName(run)! : run, "plan");

    /// <summary>A path with the user's home folder in place of a leading tilde.</summary>
    /// <param name="path">Any path.</param>
    internal static string FromHome(string path) => path is "~" or ['~', '/' or '\\', ..]
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[1..].TrimStart('/', '\\'))
        : path;

    // An existing folder of that name takes precedence, as in commands.
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
            places.Add(key, "A path can't contain a null character.");
            return "";
        }
        bool ofSet = places.Nodes.TryGetValue(key, out Yaml.YamlNode? node) && node.Mark.File == SetOverrides.Source;
        return Path.TrimEndingDirectorySeparator(Path.GetFullPath(FromHome(path), ofSet ? options.SetFolder ?? _folder : _folder));
    }
}
