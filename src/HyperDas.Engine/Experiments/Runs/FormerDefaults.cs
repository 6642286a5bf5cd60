namespace HyperDas.Engine.Experiments.Runs;

/// <summary>
/// Settings whose defaults have changed: a run that began with the former ones resumes with them, unless the document specifies a value.
/// </summary>
internal static class FormerDefaults
{
    private const InstructionStyle Style = InstructionStyle.Concept;
    private const double AbsentShare = 0.15, OpeningShare = 0, EntityOnlyShare = 0;

    /// <summary>A run with the defaults with which it began.</summary>
    /// <param name="run">The run, with the defaults of this version.</param>
    /// <param name="begun">The settings in its folder.</param>
    /// <returns>The same run if nothing differs.</returns>
    public static ExperimentRun Keep(ExperimentRun run, Experiment begun)
    {
        Experiment settings = run.Settings;
        settings = settings with
        {
            Data = settings.Data with
            {
                Pairs = (RavelBuildOptions?)KeptData(settings.Data.Pairs, begun.Data.Pairs),
                Instances = (RavelInstanceOptions?)KeptData(settings.Data.Instances, begun.Data.Instances),
            },
            Training = settings.Training with
            {
                EntityOnlyShare = Kept(
                    "training.entityOnlyShare", settings.Training.EntityOnlyShare, begun.Training.EntityOnlyShare, EntityOnlyShare),
            },
        };
        return settings == run.Settings ? run : run with { Settings = settings, Yaml = ExperimentYaml.Write(settings, run.Path) };

        RavelDatasetOptions? KeptData(RavelDatasetOptions? now, RavelDatasetOptions? before) =>
            now is null || before is null ? now : now with
            {
                InstructionStyle = Kept("data.instructionStyle", now.InstructionStyle, before.InstructionStyle, Style),
                AbsentShare = Kept("data.absentShare", now.AbsentShare, before.AbsentShare, AbsentShare),
                OpeningShare = Kept("data.openingShare", now.OpeningShare, before.OpeningShare, OpeningShare),
            };

        // Another value than the former default was specified then: without it this is another run.
        T Kept<T>(string key, T now, T before, T former) =>
            !run.Given.Contains(key) && EqualityComparer<T>.Default.Equals(before, former) ? former : now;
    }
}
