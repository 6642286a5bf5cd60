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
                Pairs = settings.Data.Pairs is { } pairs && begun.Data.Pairs is { } old ? pairs with
                {
                    InstructionStyle = Kept("data.instructionStyle", pairs.InstructionStyle, old.InstructionStyle, Style),
                    AbsentShare = Kept("data.absentShare", pairs.AbsentShare, old.AbsentShare, AbsentShare),
                    OpeningShare = Kept("data.openingShare", pairs.OpeningShare, old.OpeningShare, OpeningShare),
                } : settings.Data.Pairs,
                Instances = settings.Data.Instances is { } instances && begun.Data.Instances is { } earlier ? instances with
                {
                    InstructionStyle = Kept("data.instructionStyle", instances.InstructionStyle, earlier.InstructionStyle, Style),
                    AbsentShare = Kept("data.absentShare", instances.AbsentShare, earlier.AbsentShare, AbsentShare),
                    OpeningShare = Kept("data.openingShare", instances.OpeningShare, earlier.OpeningShare, OpeningShare),
                } : settings.Data.Instances,
            },
            Training = settings.Training with
            {
                EntityOnlyShare = Kept(
                    "training.entityOnlyShare", settings.Training.EntityOnlyShare, begun.Training.EntityOnlyShare, EntityOnlyShare),
            },
        };
        return settings == run.Settings ? run : run with { Settings = settings, Yaml = ExperimentYaml.Write(settings, run.Path) };

        // Another value than the former default was specified then: without it this is another run.
        T Kept<T>(string key, T now, T before, T former) =>
            !run.Given.Contains(key) && EqualityComparer<T>.Default.Equals(before, former) ? former : now;
    }
}
