using HyperDas.Engine.Evaluation;
using HyperDas.Engine.Experiments.Runs;
using HyperDas.Engine.Files;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.States;

namespace HyperDas.Engine.Experiments;

/// <summary>The files of a run. <c>scores.json</c> is written last: a run with this file is finished.</summary>
public sealed class RunFolder
{
    /// <summary>The resolved document.</summary>
    public const string DocumentFile = "experiment.yaml";

    /// <summary>Provenance of the run.</summary>
    public const string ManifestFile = "manifest.json";

    /// <summary>The attempts at the run in order, as JSON Lines.</summary>
    public const string AttemptsFile = "attempts.jsonl";

    /// <summary>Results of the model's checks before the training.</summary>
    public const string ModelCheckFile = "model-check.json";

    /// <summary>The training's steps as JSON Lines.</summary>
    public const string MetricsFile = "metrics.jsonl";

    /// <summary>The scores.</summary>
    public const string ScoresFile = "scores.json";

    /// <summary>The report of the run.</summary>
    public const string ReportFile = "report.html";

    /// <summary>Folder of the trained interpreter.</summary>
    public const string InterpreterFolder = "interpreter";

    /// <summary>Folder of TensorBoard's events.</summary>
    public const string TensorBoardFolder = "tensorboard";

    /// <summary>Folder of an unfinished training's state.</summary>
    public const string StateFolder = "state";

    /// <summary>Folder of a search for the layer.</summary>
    public const string LayersFolder = "layers";

    private static readonly string[] s_files = [ScoresFile, ManifestFile, AttemptsFile, ModelCheckFile, MetricsFile, ReportFile];
    private static readonly string[] s_folders = [InterpreterFolder, TensorBoardFolder, StateFolder];

    /// <summary>Refers to a run's folder; nothing is read or written.</summary>
    /// <param name="path">Absolute folder.</param>
    public RunFolder(string path) => Path = path;

    /// <summary>Absolute folder.</summary>
    public string Path { get; }

    /// <summary>Whether the run is finished.</summary>
    public bool IsFinished => System.IO.File.Exists(File(ScoresFile));

    /// <summary>Time of an unfinished training's last output; null for none.</summary>
    internal DateTimeOffset? LastSign
    {
        get
        {
            string[] signs = [File(MetricsFile), System.IO.Path.Combine(File(StateFolder), TrainingState.StateFile)];
            DateTime[] times = [.. signs.Where(System.IO.File.Exists).Select(System.IO.File.GetLastWriteTimeUtc)];
            return times.Length == 0 ? null : new DateTimeOffset(times.Max(), TimeSpan.Zero);
        }
    }

    /// <summary>Absolute path of one of the files or folders.</summary>
    /// <param name="name">One of the names above.</param>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>
    /// Throws for a folder with files or folders of a run's names that no run has written: a run would replace them, or use them as its
    /// own.
    /// </summary>
    /// <exception cref="HyperDasException"><c>OutputExists</c>: names one of them.</exception>
    public void ThrowIfForeign()
    {
        if (!System.IO.File.Exists(File(DocumentFile))
            && s_files.Concat(s_folders).FirstOrDefault(name => System.IO.Path.Exists(File(name))) is string name)
        {
            throw new HyperDasException(
                "OutputExists", HyperDasErrorKind.ResourceExists,
                $"'{Path}' has '{name}' but no {DocumentFile}, so it isn't the folder of a run. Choose another folder, or move the file away.",
                Path);
        }
    }

    /// <summary>A run as its folder contains it: with the former defaults where these have changed since it was begun.</summary>
    /// <param name="run">The intended run.</param>
    public ExperimentRun AsBegun(ExperimentRun run)
    {
        string file = File(DocumentFile);
        return System.IO.File.Exists(file) && System.IO.File.ReadAllText(file).TrimEnd() != run.Yaml.TrimEnd() && Begun(file) is { } begun
            ? FormerDefaults.Keep(run, begun.Settings)
            : run;
    }

    /// <summary>Throws for a folder with a run with other settings.</summary>
    /// <param name="document">The resolved document of the intended run.</param>
    /// <param name="name">Name of the file with the other run's settings.</param>
    /// <param name="work">What the document describes, for display.</param>
    /// <exception cref="HyperDasException"><c>OutputExists</c>: names the first setting that differs.</exception>
    public void ThrowIfOther(string document, string name = DocumentFile, string work = "run")
    {
        string file = File(name);
        if (!System.IO.File.Exists(file))
        {
            return;
        }
        string[] there = Lines(file, document), here = document.TrimEnd('\n').Split('\n');
        int count = Math.Max(there.Length, here.Length);
        for (int i = 0; i < count; i++)
        {
            (string old, string now) = (i < there.Length ? there[i].Trim() : "nothing", i < here.Length ? here[i].Trim() : "nothing");
            if (old != now)
            {
                throw new HyperDasException(
                    "OutputExists", HyperDasErrorKind.ResourceExists,
                    $"'{Path}' contains a {work} with other settings: '{old}' there, '{now}' here (line {i + 1} of {name}). "
                    + $"Choose another folder, or replace the {work} with -Force.",
                    Path);
            }
        }
    }

    // A document of an earlier version lacks newer settings, which then have their defaults.
    private static string[] Lines(string file, string document)
    {
        string text = System.IO.File.ReadAllText(file);
        text = text.TrimEnd() != document.TrimEnd() && Begun(file) is { } begun ? begun.Yaml : text;
        return text.TrimEnd('\n').Split('\n');
    }

    // Null for an invalid document, which is compared as text.
    private static ExperimentRun? Begun(string file)
    {
        try
        {
            return ExperimentReader.Read(file, new ExperimentReadOptions { SkipFiles = true }) is [ExperimentRun run] ? run : null;
        }
        catch (HyperDasException error) when (error.ErrorId == "ConfigInvalid")
        {
            return null;
        }
    }

    /// <summary>Deletes the files of a run, and no others in the folder.</summary>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public void Clear() => Try(() =>
    {
        // The file of a finished run is deleted first, so that an incomplete removal doesn't look finished.
        foreach (string name in s_files)
        {
            System.IO.File.Delete(File(name));
        }
        foreach (string name in s_folders)
        {
            DeleteFolder(name);
        }
        // Last: without this file the rest couldn't be attributed to a run.
        System.IO.File.Delete(File(DocumentFile));
    });

    /// <summary>Deletes incomplete files of a killed process. Requires the folder's lock.</summary>
    public void Tidy()
    {
        foreach (string name in s_files.Append(DocumentFile))
        {
            AtomicFile.RemoveUnfinished(File(name));
        }
        AtomicFile.RemoveUnfinished(System.IO.Path.Combine(File(TensorBoardFolder), TensorBoardLog.FileName));
        foreach (string name in (string[])[InterpreterStore.DescriptionFile, InterpreterStore.ParametersFile])
        {
            AtomicFile.RemoveUnfinished(System.IO.Path.Combine(File(InterpreterFolder), name));
        }
    }

    /// <summary>Deletes one of the folders, if it exists.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public void Remove(string name) => Try(() => DeleteFolder(name));

    /// <summary>The result of a finished run.</summary>
    /// <param name="run">The run.</param>
    /// <exception cref="HyperDasException"><c>ScoresInvalid</c>, <c>ManifestCorrupt</c>, <c>ModelCheckCorrupt</c>,
    /// <c>PathNotFound</c>.</exception>
    public ExperimentResult ReadResult(ExperimentRun run)
    {
        RunManifest manifest = RunManifest.Read(File(ManifestFile));
        return new ExperimentResult
        {
            Name = run.Name,
            Values = run.Values,
            Path = Path,
            WasFinished = true,
            Steps = manifest.Steps,
            Duration = TimeSpan.FromSeconds(manifest.DurationSeconds),
            Scores = RavelScoreFile.Read(File(ScoresFile)),
            Layers = manifest.Layers ?? [],
            // Runs of earlier versions don't have it.
            ModelChecks = System.IO.File.Exists(File(ModelCheckFile)) ? Evaluation.Checks.ModelCheckFile.Read(File(ModelCheckFile)) : [],
        };
    }

    private void DeleteFolder(string name)
    {
        if (Directory.Exists(File(name)))
        {
            Directory.Delete(File(name), recursive: true);
        }
    }

    private void Try(Action remove)
    {
        try
        {
            remove();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HyperDasException("WriteFailed", HyperDasErrorKind.WriteError, $"'{Path}' couldn't be cleared: {e.Message}", Path, e);
        }
    }
}
