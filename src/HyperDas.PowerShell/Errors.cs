using System.Collections;
using System.Management.Automation;
using System.Runtime.InteropServices;

namespace HyperDas;

/// <summary>Every error record of the module is made here: a stable id, a category and the object at fault.</summary>
internal static class Errors
{
    /// <summary>Id of the errors of records that lack what is needed; they name their row themselves.</summary>
    public const string RowIncompleteId = "RowIncomplete";

    private static readonly string[] s_memoryWords =
        ["can't allocate memory", "not enough memory", "out of memory", "Storage size calculation overflowed"];

    private static readonly string[] s_cardMemoryWords =
        ["CUDA out of memory", "CUDA error: out of memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED"];

    public static ErrorRecord ToErrorRecord(this HyperDasException exception) =>
        new(exception, exception.ErrorId, Category(exception.Kind), exception.Target);

    public static HyperDasException PathNotFound(string path) => new(
        "PathNotFound", HyperDasErrorKind.NotFound, $"'{path}' doesn't exist.", path);

    public static HyperDasException ModelNotCached(string id, string cache) => new(
        "PathNotFound", HyperDasErrorKind.NotFound,
        $"'{id}' is neither a folder here nor a model in Hugging Face's cache, '{cache}'. If Hugging Face has a model of this name, 'Save-HyperDasModel -Id {id}' downloads it.",
        id);

    public static HyperDasException PathInvalid(string path) => new(
        "PathInvalid", HyperDasErrorKind.InvalidArgument,
        string.IsNullOrEmpty(path) ? "The path is empty." : "The path has a character that no path may have, e.g. a null character.", path);

    public static HyperDasException PatternInvalid(string path) => new(
        "PatternInvalid", HyperDasErrorKind.InvalidArgument,
        $"'{path}' isn't a pattern: a bracket isn't closed. -LiteralPath takes paths as they are; in patterns a backtick makes a bracket literal.",
        path);

    public static HyperDasException PathNotFileSystem(string path) => new(
        "PathNotFileSystem", HyperDasErrorKind.InvalidArgument, $"'{path}' isn't a path of the file system.", path);

    public static HyperDasException PathAmbiguous(string path, IReadOnlyList<string> found) => new(
        "PathAmbiguous", HyperDasErrorKind.InvalidArgument,
        $"'{path}' stands for {found.Count} files or folders, and one is needed: {string.Join(", ", found.Take(3).Select(f => $"'{f}'"))}{(found.Count > 3 ? ", …" : "")}.",
        path);

    public static HyperDasException ModelNotFound(string name, int open) => new(
        "ModelNotFound", HyperDasErrorKind.NotFound,
        $"No open model or interpreter is named '{name}'; {(open == 0 ? "nothing is open" : "Get-HyperDasModel without a name lists what is open")}.",
        name);

    /// <summary>
    /// An error of one of many rows, with the row as its target, so that those that failed can be given to the command again.
    /// </summary>
    public static HyperDasException InRow(int number, object? row, HyperDasException error) =>
        new(error.ErrorId, error.Kind, InRow(number) + error.Message, row, error);

    /// <summary>An error of one of many rows that is about something in it, e.g. a path, which stays its target.</summary>
    public static HyperDasException InRow(int number, HyperDasException error) =>
        number == 0 ? error : new(error.ErrorId, error.Kind, InRow(number) + error.Message, error.Target, error);

    /// <summary>What stands before an error's message that is about a row; nothing for 0.</summary>
    /// <param name="number">Of the row, from 1.</param>
    public static string InRow(int number) => number == 0 ? "" : $"Row {number} of the input: ";

    /// <summary>A record of the input has no property that a parameter could be read from.</summary>
    /// <param name="missing">Names of the parameters.</param>
    /// <param name="row">The record.</param>
    /// <param name="mayBeShared">Whether one value on the command line would do for all records.</param>
    public static HyperDasException RowIncomplete(IReadOnlyCollection<string> missing, PSObject? row, bool mayBeShared)
    {
        // Of what isn't meant for a row, e.g. a file, the properties tell nothing.
        string[] there = row is { BaseObject: PSCustomObject } || row?.BaseObject.GetType().Assembly == typeof(HyperDasException).Assembly
            ? [.. row.Properties.Select(property => property.Name)] : [];
        string has = row switch
        {
            null => "",
            { BaseObject: IDictionary } => " A hashtable has no properties; [pscustomobject] before it makes a row of it.",
            _ when there.Length == 0 => $" It is '{row}', which has no columns.",
            _ => $" Its columns: {string.Join(", ", there)}.",
        };
        string shared = mayBeShared ? ", or one value for all rows on the command line" : "";
        return new HyperDasException(
            RowIncompleteId, HyperDasErrorKind.InvalidArgument,
            $"There is no {string.Join(" and no ", missing)}. Give the rows a column of that name{shared}.{has}", row);
    }

    public static HyperDasException RowUnusable(string why, object? row, Exception? cause = null) =>
        new(RowIncompleteId, HyperDasErrorKind.InvalidArgument, why, row, cause);

    public static HyperDasException DomainsUnknown(string pattern, string folder) => new(
        "DomainNotFound", HyperDasErrorKind.NotFound,
        $"What '{pattern}' stands for can't be resolved without RAVEL's files, and '{folder}' doesn't exist. Name the domains, or the files' folder with -DataPath.",
        pattern);

    public static HyperDasException OutputExists(string path) => new(
        "OutputExists", HyperDasErrorKind.ResourceExists, $"'{path}' exists already; -Force replaces it.", path);

    public static HyperDasException OutputRepeated(string path) => new(
        "OutputExists", HyperDasErrorKind.ResourceExists,
        $"This command has written '{path}' for an earlier input, which would be lost. Give each input a path of its own.", path);

    public static HyperDasException OutputImpossible(string path, string why, Exception? cause = null) => new(
        "WriteFailed", HyperDasErrorKind.WriteError, $"'{path}' can't be written: {why}", path, cause);

    public static HyperDasException PromptEmpty(string prompt) => new(
        "PromptEmpty", HyperDasErrorKind.InvalidArgument,
        "The prompt is empty; give the text that is to be continued, e.g. \"Vienna is in\".", prompt);

    public static HyperDasException ScoreNotFound(RavelScore score) => new(
        "ScoreNotFound", HyperDasErrorKind.NotFound,
        $"-Before has no score for {score.Domain}, {score.Attribute} with {score.SelectionMode} selection.", score);

    public static HyperDasException BuilderOptionInvalid(string parameter, object value) => new(
        "DatasetOptionsInvalid", HyperDasErrorKind.InvalidArgument,
        $"-{parameter} has no meaning for RAVEL's builder, which makes a context and an entity test; leave it out.", value);

    public static HyperDasException ParameterUnused(
        string parameter, InterpreterMethod method, IEnumerable<InterpreterMethod> methods) => new(
        "ParameterUnused", HyperDasErrorKind.InvalidArgument,
        $"-{parameter} has no meaning for {method}; it goes with {string.Join(", ", methods)}. Leave it out.", parameter);

    public static HyperDasException JobNameUnused(string name) => new(
        "ParameterUnused", HyperDasErrorKind.InvalidArgument, "-Name names the job that -AsJob starts; it requires -AsJob.", name);

    public static HyperDasException PlotInputMissing(PlotKind kind, string what, object input) => new(
        "PlotInputInvalid", HyperDasErrorKind.InvalidArgument,
        $"A {kind} plot needs {what}; the input has none, or has more than one where one is needed.", input);

    public static HyperDasException OptionInvalid(string parameter, object given, string why) => new(
        "OptionInvalid", HyperDasErrorKind.InvalidArgument, $"-{parameter} can't be read: {why}", given);

    public static HyperDasException RunNotFound(int index, string file, int count) => new(
        "RunNotFound", HyperDasErrorKind.NotFound,
        $"'{file}' has no run {index}; {(count == 1 ? "it has one run, 0, since it sweeps nothing" : $"its {count} runs are 0 to {count - 1}")}.",
        index);

    public static HyperDasException NotForFolder(string parameter, string folder) => new(
        "ParameterUnused", HyperDasErrorKind.InvalidArgument,
        $"-{parameter} goes with a document; '{folder}' is a folder of runs. Leave it out.", parameter);

    public static HyperDasException NotWithLocal(string parameter) => new(
        "ParameterUnused", HyperDasErrorKind.InvalidArgument,
        $"-{parameter} is for a scheduler; it has no meaning with -Local. Leave one of them out.", parameter);

    public static HyperDasException OnlyWithLocal(string parameter) => new(
        "ParameterUnused", HyperDasErrorKind.InvalidArgument,
        $"-{parameter} goes with -Local; what runs at once on a cluster is limited by -ArrayParallelism.", parameter);

    public static HyperDasException SchedulerOptionInvalid(string option) => new(
        "OptionInvalid", HyperDasErrorKind.InvalidArgument,
        $"-Sbatch takes options as the scheduler does, e.g. '--partition=gpu', each in one line; '{option}' isn't one.", option);

    public static HyperDasException SchedulerOptionUnknown(string name, IEnumerable<string> known) => new(
        "OptionInvalid", HyperDasErrorKind.InvalidArgument,
        $"-Sbatch names '{{{{{name}}}}}', which isn't predicted or decided; there are {string.Join(", ", known)}.", name);

    public static HyperDasException LayerNotFoundFrom() => new(
        "LayerInvalid", HyperDasErrorKind.InvalidArgument,
        "A layer is found by trainings that start anew, so that -Layer Auto and an interpreter to start from don't go together. "
        + "Give the layer as a number.", "Auto");

    public static HyperDasException ConfigSweeps(string file, int count) => new(
        "ConfigSweeps", HyperDasErrorKind.InvalidArgument,
        $"'{file}' sweeps and stands for {count} runs; Start-HyperDasTraining trains one. Use Invoke-HyperDasExperiment, or a document without a sweep.",
        file);

    public static HyperDasException DestinationMissing() => new(
        "DestinationMissing", HyperDasErrorKind.InvalidArgument,
        "This user has no folder for data (no HOME); name one with -Destination, and let HYPERDAS_TORCH_HOME name it where it is used.",
        "Destination");

    /// <summary>One of the things that are wrong with an experiment's document.</summary>
    public static HyperDasException ConfigInvalid(ExperimentIssue issue) =>
        new("ConfigInvalid", HyperDasErrorKind.InvalidData, issue.ToString(), issue);

    public static HyperDasException StatePathMissing(string parameter) => new(
        "StatePathMissing", HyperDasErrorKind.InvalidArgument,
        $"-{parameter} requires -StatePath; name the folder that keeps the training.", parameter);

    public static HyperDasException TrainingInterrupted(string folder) => new(
        "TrainingInterrupted", HyperDasErrorKind.OperationStopped,
        $"The process was told to end. The training's state is in '{folder}'; the same command goes on from there.", folder);

    /// <summary>
    /// What the engine didn't foresee: still one record, never a crash. Memory that isn't there, and disks that don't do what they should,
    /// can happen anywhere.
    /// </summary>
    public static ErrorRecord EngineFailed(Exception exception, object? target) => exception switch
    {
        ExternalException when s_cardMemoryWords.Any(words => exception.Message.Contains(words, StringComparison.OrdinalIgnoreCase)) =>
            new HyperDasException(
            "MemoryInsufficient", HyperDasErrorKind.ResourceUnavailable,
            $"The card has no memory left for this. Lower BatchSize, MemoryLimit, CacheBytes, FeatureDimension, Reflections, SubspaceInner or SubspaceSpan, hold the model in fewer bytes (-Dtype BFloat16), or choose another card (-Device cuda:1). ({FirstLine(exception)})",
            target, exception).ToErrorRecord(),
        _ when IsLackOfMemory(exception) => new HyperDasException(
            "MemoryInsufficient", HyperDasErrorKind.ResourceUnavailable,
            $"There isn't enough memory for this. Choose smaller numbers, e.g. of dimensions or of a batch, or a smaller model. ({FirstLine(exception)})",
            target, exception).ToErrorRecord(),
        IOException or UnauthorizedAccessException => new HyperDasException(
            "FileFailed", HyperDasErrorKind.ResourceUnavailable, $"A file or folder couldn't be used: {FirstLine(exception)}", target,
            exception).ToErrorRecord(),
        _ => new(exception, "EngineFailed", ErrorCategory.NotSpecified, target),
    };

    // libtorch's own errors have no type of their own.
    private static bool IsLackOfMemory(Exception exception) => exception is OutOfMemoryException
        || (exception is ExternalException
            && s_memoryWords.Any(words => exception.Message.Contains(words, StringComparison.OrdinalIgnoreCase)));

    private static string FirstLine(Exception exception) => exception.Message.Split('\n')[0].Trim();

    private static ErrorCategory Category(HyperDasErrorKind kind) => kind switch
    {
        HyperDasErrorKind.NotFound => ErrorCategory.ObjectNotFound,
        HyperDasErrorKind.InvalidArgument or HyperDasErrorKind.Mismatch => ErrorCategory.InvalidArgument,
        HyperDasErrorKind.InvalidData => ErrorCategory.InvalidData,
        HyperDasErrorKind.InvalidOperation => ErrorCategory.InvalidOperation,
        HyperDasErrorKind.NotInstalled => ErrorCategory.NotInstalled,
        HyperDasErrorKind.ResourceUnavailable => ErrorCategory.ResourceUnavailable,
        HyperDasErrorKind.ResourceExists => ErrorCategory.ResourceExists,
        HyperDasErrorKind.OperationStopped => ErrorCategory.OperationStopped,
        HyperDasErrorKind.WriteError => ErrorCategory.WriteError,
        _ => ErrorCategory.NotSpecified,
    };
}
