namespace HyperDas.Engine.Experiments.Runs;

/// <summary>
/// Settings whose defaults have changed: a run that was begun with the former ones goes on with them, unless the document gives a value.
/// </summary>
internal static class FormerDefaults
{
    private static readonly string[] s_wording =
        ["data.instructionStyle", "data.absentShare", "data.openingShare"];

    private const string EntityOnly = "training.entityOnlyShare";

    /// <summary>A run with the defaults that it was begun with.</summary>
    /// <param name="run">The run, with the defaults of this version.</param>
    /// <param name="begun">The settings that its folder holds.</param>
    /// <returns>The same run where nothing differs.</returns>
    public static ExperimentRun Keep(ExperimentRun run, Experiment begun)
    {
        Experiment settings = run.Settings;
        // What is described is one decision: a share of descriptions means nothing without them.
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

    private static RavelBuildOptions? Keep(RavelBuildOptions? now, RavelBuildOptions? begun) => now is null || begun is null ? now : now with
    {
        InstructionStyle = begun.InstructionStyle, AbsentShare = begun.AbsentShare, OpeningShare = begun.OpeningShare,
    };

    private static RavelInstanceOptions? Keep(RavelInstanceOptions? now, RavelInstanceOptions? begun) =>
        now is null || begun is null ? now : now with
        {
            InstructionStyle = begun.InstructionStyle, AbsentShare = begun.AbsentShare, OpeningShare = begun.OpeningShare,
        };
}
