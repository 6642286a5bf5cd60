using System.Management.Automation;
using HyperDas.Engine.Experiments;
using HyperDas.Engine.Methods;
using HyperDas.Pump;

namespace HyperDas.Commands;

/// <summary>Finds the intervention layer without a whole training at each layer: one object per layer, best first.</summary>
[Cmdlet(VerbsCommon.Find, "HyperDasLayer", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(LayerCandidate))]
public sealed class FindHyperDasLayerCommand : ExperimentCmdlet, IWriterCommand
{
    private ExperimentRunner? _runner;

    [Parameter]
    [ValidateNotNullOrEmpty]
    public int[]? Layer { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Releases the last search's model.</summary>
    /// <param name="disposing">True when the pipeline has ended.</param>
    protected override void Dispose(bool disposing)
    {
        _runner?.Dispose();
        base.Dispose(disposing);
    }

    private protected override void CheckParameters()
    {
        foreach (int layer in Layer ?? [])
        {
            // The range of the layer is the same for every method.
            ParameterLaw.ThrowIfBroken(MethodSettings.Of(default, layer).Method, "LayerInvalid");
        }
    }

    private protected override void ProcessDocument(string file, ExperimentReadOptions options)
    {
        (IReadOnlyList<ExperimentRun> runs, int[]? swept) = Compute((_, _) => (
            ExperimentReader.Read(file, options with { Set = [.. options.Set, "method.layer=auto"] }), SweptLayers(file, options)));
        ForEach(runs, run =>
        {
            string folder = System.IO.Path.Combine(run.Path, RunFolder.LayersFolder);
            if (!MayWrite(OutputPlace.Folder(folder), $"Find the layer of {run.Name}"))
            {
                return;
            }
            _runner ??= new ExperimentRunner();
            IReadOnlyList<LayerCandidate> found = Compute((progress, stop) => Find(_runner, run, Layer ?? swept, Force, progress, stop));
            InformWritten(folder);
            WarnOfLostActivations(_runner.ActivationProblem);
            WriteObject(found, enumerateCollection: true);
        });
    }

    // A document that sweeps layers determines the candidates. A document without a layer is valid here.
    private static int[]? SweptLayers(string file, ExperimentReadOptions options)
    {
        try
        {
            int[] layers =
            [
                .. ExperimentReader.Read(file, options with { SkipFiles = true }).Where(run => !run.Settings.Method.FindsLayer)
                    .Select(run => run.Settings.Method.Layer).Distinct(),
            ];
            return layers.Length > 1 ? layers : null;
        }
        catch (HyperDasException e) when (e.ErrorId == "ConfigInvalid")
        {
            return null;
        }
    }

    // SIGTERM, which ends pwsh without cleanup, waits until the training's state is written.
    private static IReadOnlyList<LayerCandidate> Find(
        ExperimentRunner runner, ExperimentRun run, int[]? layers, bool force, IProgress<WorkProgress> progress, CancellationToken stop)
    {
        using TerminationGuard guard = new(stop);
        try
        {
            return runner.FindLayer(run, layers, force, progress, guard.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw Errors.TrainingInterrupted(run.Path);
        }
    }
}
