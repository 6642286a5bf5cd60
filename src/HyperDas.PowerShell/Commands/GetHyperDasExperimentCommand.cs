using System.Management.Automation;
using HyperDas.Engine.Experiments;
using HyperDas.Engine.Experiments.Runs;

namespace HyperDas.Commands;

/// <summary>Shows the state of an experiment's runs and their scores from their folders alone; nothing is trained.</summary>
[Cmdlet(VerbsCommon.Get, "HyperDasExperiment", DefaultParameterSetName = PathSet)]
[OutputType(typeof(ExperimentStatus), typeof(ExperimentMean))]
public sealed class GetHyperDasExperimentCommand : ExperimentCmdlet
{
    private readonly List<ExperimentStatus> _found = [];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public int[]? Index { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public ExperimentState[]? State { get; set; }

    [Parameter]
    public SwitchParameter Mean { get; set; }

    private protected override void ProcessDocument(string file, ExperimentReadOptions options)
    {
        if (Directory.Exists(file))
        {
            ProcessFolder(file);
            return;
        }
        // The status doesn't depend on model and data, which may have been moved.
        IReadOnlyList<ExperimentRun> runs = Compute((_, _) => ExperimentReader.Read(file, options with { SkipFiles = true }));
        Show(ExperimentReader.Choose(runs, Index), RunStatus.Read);
    }

    /// <inheritdoc/>
    protected override void ProcessAll()
    {
        if (Mean)
        {
            WriteObject(RunMeans.Of(_found), enumerateCollection: true);
        }
    }

    private void ProcessFolder(string folder)
    {
        string? unused = Index is not null ? nameof(Index) : Set.Length > 0 ? nameof(Set)
            : OutputPath is not null ? nameof(OutputPath) : null;
        if (unused is not null)
        {
            throw Errors.NotForFolder(unused, folder);
        }
        Show(Compute((_, _) => RunSearch.Find(folder)), RunSearch.Read);
    }

    // Individually, so that a damaged file is an error of its run only.
    private void Show<T>(IReadOnlyList<T> runs, Func<T, ExperimentStatus> read)
    {
        const int Together = 64;
        foreach (T[] part in runs.Chunk(Together))
        {
            (ExperimentStatus? Status, HyperDasException? Error)[] seen =
                Compute((_, stop) => part.Select(run => Try(run, stop)).ToArray());
            ForEach(seen, one =>
            {
                if (one.Error is not null)
                {
                    throw one.Error;
                }
                Show(one.Status!);
            });
        }

        (ExperimentStatus?, HyperDasException?) Try(T run, CancellationToken stop)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                return (read(run), null);
            }
            catch (HyperDasException e)
            {
                return (null, e);
            }
        }
    }

    private void Show(ExperimentStatus status)
    {
        if (State is not null && !State.Contains(status.State))
        {
            return;
        }
        _found.Add(status);
        if (!Mean)
        {
            WriteObject(Varying(status));
        }
    }

    // A separate column for each varied setting, for tables and Export-Csv.
    private static PSObject Varying(ExperimentStatus status)
    {
        PSObject shown = PSObject.AsPSObject(status);
        foreach ((string key, string value) in status.Values.Where(v => shown.Properties[v.Key] is null))
        {
            shown.Properties.Add(new PSNoteProperty(key, value));
        }
        return shown;
    }
}
