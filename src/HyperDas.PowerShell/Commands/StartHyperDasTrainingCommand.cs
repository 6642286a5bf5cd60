using System.Management.Automation;
using HyperDas.Engine.Experiments;
using HyperDas.Engine.Files;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.States;
using HyperDas.Handles;
using HyperDas.Pump;

namespace HyperDas.Commands;

/// <summary>Trains an interpreter, of HyperDAS or of a method it is compared with, and waits until it is trained.</summary>
[Cmdlet(VerbsLifecycle.Start, "HyperDasTraining", DefaultParameterSetName = OptionSet, SupportsShouldProcess = true)]
[OutputType(typeof(TrainingResult), typeof(Job))]
public sealed class StartHyperDasTrainingCommand : TrainingSetupCmdlet, IWriterCommand
{
    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter AsJob { get; set; }

    // Folder of a layer search, whose results a resumed training reuses.
    private string? LayersFolder => StatePath is null ? null : Path.Combine(this.ResolveOutput(StatePath), RunFolder.LayersFolder);

    protected override void ProcessInput()
    {
        PipedModel? own = null;
        try
        {
            Train(ref own);
        }
        catch
        {
            // A model that was loaded here has no other user.
            own?.Dispose();
            throw;
        }
    }

    private void Train(ref PipedModel? own)
    {
        CheckStateParameters();
        TrainingSetup setup = Setup();
        ExperimentRun? run = setup.Run;
        MethodSettings settings = setup.Settle();
        string layer = setup.IsLayerOpen ? "the layer found by search" : $"layer {settings.Method.Layer}";
        string target = run is null || Has(nameof(Model)) ? Model.Name : run.Settings.Target.Path;
        string examples = setup.Dataset?.ToString() ?? run!.Settings.Data.Path;
        string action = $"Train {setup.Description.Method} at {layer} on {examples}{StateAction}";
        if (!MayWrite(setup.Output ?? target, action, GoesOn, [.. Places(setup.Output)]))
        {
            return;
        }
        if (setup.Output is not null)
        {
            AtomicFile.ThrowIfUnwritable(Path.Combine(setup.Output, InterpreterStore.DescriptionFile));
        }
        ModelHandle handle = run is null || Has(nameof(Model)) ? Open(Model) : own = LoadTarget(run.Settings.Target);
        handle = KeepBegunFormat(handle.ToEngine()) is { } reloaded ? own = reloaded : handle;
        LanguageModel model = handle.ToEngine();
        (TrainingRequest request, IReadOnlyList<TrainingRemark> remarks) = Compute((progress, stop) =>
        {
            TrainingRequest asked = setup.Request(model, settings, progress, stop);
            return (asked.Settled(), TrainingRemark.Of(asked, stop));
        });
        Tell(remarks);
        WriteVerbose($"{request.Method}");
        WriteVerbose($"{request.Options}");
        TrainingState? state = OpenState();
        request = request with { State = state };
        (string? layers, bool restart) = (LayersFolder, Restart);
        if (AsJob)
        {
            HandOver(handle);
        }
        ComputeOrStartJob(AsJob, model.Device, Kept(state, (progress, stop) =>
        {
            TrainingResult trained = setup.Train(request, layers, restart, progress, stop);
            return [trained with { Interpreter = new PipedInterpreter((Interpreter)trained.Interpreter, handle) }];
        }));
        HandOver(handle);
        if (!AsJob)
        {
            WarnOfLostActivations(model.ActivationFiles?.Problem);
        }
        if (setup.Output is not null && !AsJob)
        {
            InformWritten(setup.Output);
        }
    }

    private PipedModel LoadTarget(ExperimentTarget target)
    {
        NumberFormat? begun = BegunFormat;
        return new PipedModel(Compute((progress, stop) => ExperimentInputs.Load(target, progress, stop, begun)));
    }

    private PipedModel? KeepBegunFormat(LanguageModel model)
    {
        if (BegunFormat is not { } begun || !model.Format.YieldsTo(begun))
        {
            return null;
        }
        WriteVerbose(
            $"{model.Name} is loaded again, because the training began with its weights held as {begun.Held} and computed in {begun.Computed} (here: {model.Format.Held}, {model.Format.Computed}).");
        return new PipedModel(Compute((progress, stop) => model.Reload(begun, progress, stop)));
    }

    private void Tell(IEnumerable<TrainingRemark> remarks)
    {
        foreach (TrainingRemark remark in remarks)
        {
            if (remark.IsWarning)
            {
                WriteWarning(remark.Text);
            }
            else
            {
                WriteVerbose(remark.Text);
            }
        }
    }

    // Metrics in the interpreter's folder belong to an unfinished training, unless the interpreter exists too.
    private IEnumerable<OutputPlace> Places(string? output)
    {
        if (output is not null)
        {
            yield return OutputPlace.Folder(output, InterpreterStore.DescriptionFile);
        }
        if (MetricsPath is not null)
        {
            yield return OutputPlace.File(this.ResolveOutput(MetricsPath));
        }
    }
}
