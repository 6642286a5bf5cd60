using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Methods.HyperDas;

namespace HyperDas.Engine.Experiments.Runs;

/// <summary>What to know about a run before it starts.</summary>
public static class RunForesight
{
    /// <summary>What to know about a run's hypernetwork, without loading the target's weights.</summary>
    /// <param name="run">The run.</param>
    /// <param name="force">Whether a finished run will be repeated.</param>
    /// <returns>
    /// That it is compact because the document doesn't say what it should be, or what one that isn't takes beside a large target; null
    /// for nothing, for a run that is finished, and where the target can't be read, which running it says.
    /// </returns>
    public static (string? Compact, string? Price) Of(ExperimentRun run, bool force)
    {
        Experiment settings = run.Settings;
        if ((!force && new RunFolder(run.Path).IsFinished) || settings.Method.Options is not { } method)
        {
            return (null, null);
        }
        try
        {
            ModelConfig config = ModelConfigFile.Load(HubFolder.Resolve(settings.Target.Path));
            return (CompactDefaults.Remark(config, method), CompactDefaults.Price(config, method, settings.Training));
        }
        catch (HyperDasException)
        {
            return (null, null);
        }
    }
}
