namespace HyperDas.Engine.Experiments.Runs;

/// <summary>
/// Settings whose defaults have changed: a run that began with the former ones resumes with them, unless the document specifies a value.
/// </summary>
internal static class FormerDefaults
{
    private static readonly string[] s_wording =
        ["data.instructionStyle", "data.absentShare", "data.openingShare"];

    private const string EntityOnly = "training.entityOnlyShare";

    /// <summary>A run with the defaults with which it began.</summary>
    /// <param name="run">The run, with the defaults of this version.</param>
    /// <param name="begun">The settings in its folder.</param>
    /// <returns>The same run if nothing differs.</returns>
    public static ExperimentRun Keep(ExperimentRun run, Experiment begun)
    {
        Experiment settings = run.Settings;
        // One decision: the shares have no meaning without descriptions.
        if (!s_wording.Any(run.Given.Contains))
        {
            settings = settings with
            {
                Data = settings.Data with
                {
                    Pairs = Keep(settings.Data.Pairs, begun.Data.Pairs), Instances = Keep(settings.Data.Instances, begun.Data.Instances),
                },
            };
        }
        if (!run.Given.Contains(EntityOnly))
        {
            settings = settings with { Training = settings.Training with { EntityOnlyShare = begun.Training.EntityOnlyShare } };
        }
        return settings == run.Settings ? run : run with { Settings = settings, Yaml = ExperimentYaml.Write(settings, run.Path) };
    }

    private static RavelBuildOptions? Keep(RavelBuildOptions? now, RavelBuildOptions? begun) =>
        now is null || begun is null ? now : now with
        {
            InstructionStyle = begun.InstructionStyle, AbsentShare = begun.AbsentShare, OpeningShare = begun.OpeningShare,
        };

    private static RavelInstanceOptions? Keep(RavelInstanceOptions? now, RavelInstanceOptions? begun) =>
        now is null || begun is null ? now : now with
        {
            InstructionStyle = begun.InstructionStyle, AbsentShare = begun.AbsentShare, OpeningShare = begun.OpeningShare,
        };
}
