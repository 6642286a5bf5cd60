using System.Collections;
using System.Management.Automation;
using System.Runtime.InteropServices;

namespace HyperDas;

/// <summary>Creates every error record of the module: a stable ID, a category and the object at fault.</summary>
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
        string.IsNullOrEmpty(path) ? "The path is empty." : "The path has an invalid character, e.g. a null character.", path);

    public static HyperDasException PatternInvalid(string path) => new(
        "PatternInvalid", HyperDasErrorKind.InvalidArgument,
        $"'{path}' isn't a valid pattern: a bracket isn't closed. Use -LiteralPath, or a backtick before a literal bracket.",
        path);

    public static HyperDasException PathNotFileSystem(string path) => new(
        "PathNotFileSystem", HyperDasErrorKind.InvalidArgument, $"'{path}' isn't a file system path.", path);

    public static HyperDasException PathAmbiguous(string path, IReadOnlyList<string> found) => new(
        "PathAmbiguous", HyperDasErrorKind.InvalidArgument,
        $"'{path}' matches {found.Count} files or folders; specify one of them: {string.Join(", ", found.Take(3).Select(f => $"'{f}'"))}{(found.Count > 3 ? ", …" : "")}.",
        path);

    public static HyperDasException ModelNotFound(string name, int open) => new(
        "ModelNotFound", HyperDasErrorKind.NotFound,
        $"No open model or interpreter is named '{name}'; {(open == 0 ? "none is open" : "Get-HyperDasModel without a name lists them")}.",
        name);

    /// <summary>
    /// An error of one of many rows, with the row as its target, which allows passing the failed rows to the command again.
    /// </summary>
    public static HyperDasException InRow(int number, object? row, HyperDasException error) =>
        new(error.ErrorId, error.Kind, InRow(number) + error.Message, row, error);

    /// <summary>An error of one of many rows about a value in it, e.g. a path, which remains its target.</summary>
    public static HyperDasException InRow(int number, HyperDasException error) =>
        number == 0 ? error : new(error.ErrorId, error.Kind, InRow(number) + error.Message, error.Target, error);

    /// <summary>Prefix of an error message about a row; empty for 0.</summary>
    /// <param name="number">Number of the row, from 1.</param>
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
        $"'{pattern}' can't be resolved without RAVEL's files, and '{folder}' doesn't exist. Specify the domains, or the files' folder with -DataPath.",
        pattern);

    public static HyperDasException OutputExists(string path) => new(
        "OutputExists", HyperDasErrorKind.ResourceExists, $"'{path}' already exists; -Force replaces it.", path);

    public static HyperDasException OutputRepeated(string path) => new(
        "OutputExists", HyperDasErrorKind.ResourceExists,
        $"This command has already written '{path}' for an earlier input, which would be lost. Use a separate path for each input.", path);

    public static HyperDasException OutputImpossible(string path, string why, Exception? cause = null) => new(
        "WriteFailed", HyperDasErrorKind.WriteError, $"'{path}' can't be written: {why}", path, cause);

    public static HyperDasException PromptEmpty(string prompt) => new(
        "PromptEmpty", HyperDasErrorKind.InvalidArgument,
        "The prompt is empty; specify the text to continue, e.g. \"Vienna is in\".", prompt);

    public static HyperDasException ScoreNotFound(RavelScore score) => new(
        "ScoreNotFound", HyperDasErrorKind.NotFound,
        $"-Before has no score for {score.Domain}, {score.Attribute} with {score.SelectionMode} selection.", score);

    public static HyperDasException BuilderOptionInvalid(string parameter, object value) => new(
        "DatasetOptionsInvalid", HyperDasErrorKind.InvalidArgument,
        $"-{parameter} doesn't apply to RAVEL's builder, which builds a context and an entity test. Remove it.", value);

    public static HyperDasException ParameterUnused(
        string parameter, InterpreterMethod method, IEnumerable<InterpreterMethod> methods) => new(
        "ParameterUnused", HyperDasErrorKind.InvalidArgument,
        $"-{parameter} doesn't apply to {method}, only to {string.Join(", ", methods)}. Remove it.", parameter);

    public static HyperDasException JobNameUnused(string name) => new(
        "ParameterUnused", HyperDasErrorKind.InvalidArgument, "-Name names the job that -AsJob starts; it requires -AsJob.", name);

    public static HyperDasException PlotInputMissing(PlotKind kind, string what, object input) => new(
        "PlotInputInvalid", HyperDasErrorKind.InvalidArgument,
        $"A {kind} plot needs {what}; the input has none, or several where only one is allowed.", input);

    public static HyperDasException OptionInvalid(string parameter, object given, string why) => new(
        "OptionInvalid", HyperDasErrorKind.InvalidArgument, $"-{parameter} is invalid: {why}", given);

    public static HyperDasException NotForFolder(string parameter, string folder) => new(
        "ParameterUnused", HyperDasErrorKind.InvalidArgument,
        $"-{parameter} applies only to a document; '{folder}' is a folder of runs. Remove it.", parameter);

    public static HyperDasException NotWithLocal(string parameter) => new(
        "ParameterUnused", HyperDasErrorKind.InvalidArgument,
        $"-{parameter} applies to a scheduler, not to -Local. Remove one of them.", parameter);

    public static HyperDasException WorkerBeginsAnew() => new(
        "ParameterUnused", HyperDasErrorKind.InvalidArgument,
        "-Force starts a search over, and -Worker helps with one in progress. Remove one of them.", "Force");

    public static HyperDasException OnlyWithLocal(string parameter) => new(
        "ParameterUnused", HyperDasErrorKind.InvalidArgument,
        $"-{parameter} applies only to -Local; use -ArrayParallelism to limit simultaneous tasks on a cluster.", parameter);

    public static HyperDasException SchedulerOptionInvalid(string option) => new(
        "OptionInvalid", HyperDasErrorKind.InvalidArgument,
        $"'{option}' isn't a scheduler option; -Sbatch takes single-line options, e.g. '--partition=gpu'.", option);

    public static HyperDasException SchedulerOptionUnknown(string name, IEnumerable<string> known) => new(
        "OptionInvalid", HyperDasErrorKind.InvalidArgument,
        $"-Sbatch contains the unknown placeholder '{{{{{name}}}}}'; the placeholders are {string.Join(", ", known)}.", name);

    public static HyperDasException ConfigSweeps(string file, int count) => new(
        "ConfigSweeps", HyperDasErrorKind.InvalidArgument,
        $"'{file}' has a sweep with {count} runs; Start-HyperDasTraining trains only one. Use Invoke-HyperDasExperiment, or a document without a sweep.",
        file);

    public static HyperDasException DestinationMissing() => new(
        "DestinationMissing", HyperDasErrorKind.InvalidArgument,
        "This user has no data folder (no HOME); specify one with -Destination, and set HYPERDAS_TORCH_HOME to it in sessions that use it.",
        "Destination");

    /// <summary>One of the issues with an experiment's document.</summary>
    public static HyperDasException ConfigInvalid(ExperimentIssue issue) =>
        new("ConfigInvalid", HyperDasErrorKind.InvalidData, issue.ToString(), issue);

    public static HyperDasException StatePathMissing(string parameter) => new(
        "StatePathMissing", HyperDasErrorKind.InvalidArgument,
        $"-{parameter} requires -StatePath, the folder for the training's state.", parameter);

    public static HyperDasException TrainingInterrupted(string folder) => new(
        "TrainingInterrupted", HyperDasErrorKind.OperationStopped,
        $"The process was asked to end. The training's state is in '{folder}'; the same command resumes from there.", folder);

    /// <summary>
    /// An unexpected error of the engine: still one record, never a crash. Lack of memory and disk errors can occur anywhere.
    /// </summary>
    public static ErrorRecord EngineFailed(Exception exception, object? target) => exception switch
    {
        ExternalException when s_cardMemoryWords.Any(words => exception.Message.Contains(words, StringComparison.OrdinalIgnoreCase)) =>
            new HyperDasException(
            "MemoryInsufficient", HyperDasErrorKind.ResourceUnavailable,
            $"The card has no memory left for this. Lower BatchSize, MemoryLimit, CacheBytes, FeatureDimension, Reflections, SubspaceInner or SubspaceSpan, use a smaller number format (-Dtype BFloat16), or another card (-Device cuda:1). ({FirstLine(exception)})",
            target, exception).ToErrorRecord(),
        _ when IsLackOfMemory(exception) => new HyperDasException(
            "MemoryInsufficient", HyperDasErrorKind.ResourceUnavailable,
            $"There isn't enough memory. Use fewer dimensions, a smaller batch or a smaller model. ({FirstLine(exception)})",
            target, exception).ToErrorRecord(),
        IOException or UnauthorizedAccessException => new HyperDasException(
            "FileFailed", HyperDasErrorKind.ResourceUnavailable, $"A file or folder couldn't be used: {FirstLine(exception)}", target,
            exception).ToErrorRecord(),
        _ => new(exception, "EngineFailed", ErrorCategory.NotSpecified, target),
    };

    // libtorch's errors have no type of their own.
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
