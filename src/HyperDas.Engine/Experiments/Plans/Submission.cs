using System.Text.Json;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Experiments.Plans;

/// <summary>What was submitted, as <see cref="PlanFolder.SubmissionFile"/> keeps it.</summary>
/// <param name="Scheduler">Whose template: <c>Slurm</c>, or its file.</param>
/// <param name="Job">Id of the runs.</param>
/// <param name="Gather">Id of the gathering; null for none.</param>
/// <param name="Runs">How many runs.</param>
/// <param name="Submitted">When.</param>
public sealed record Submission(string Scheduler, string Job, string? Gather, int Runs, DateTimeOffset Submitted)
{
    private const string InvalidErrorId = "SubmissionCorrupt";

    private static readonly JsonSerializerOptions s_json = new JsonSerializerOptions
    {
        WriteIndented = true, NewLine = "\n", PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectRequiredConstructorParameters = true,
    }.Strict();

    /// <summary>Reads the last submission of a plan.</summary>
    /// <param name="plan">The plan's folder.</param>
    /// <returns>Null where there was none.</returns>
    /// <exception cref="HyperDasException"><c>SubmissionCorrupt</c>, <c>FileUnreadable</c>.</exception>
    internal static Submission? Read(string plan)
    {
        string file = Path.Combine(plan, PlanFolder.SubmissionFile);
        if (!File.Exists(file))
        {
            return null;
        }
        using JsonDocument document = StrictJson.Open(file, InvalidErrorId);
        try
        {
            return document.Deserialize<Submission>(s_json)!;
        }
        catch (JsonException e)
        {
            throw new HyperDasException(
                InvalidErrorId, HyperDasErrorKind.InvalidData,
                $"'{file}' isn't a submission: {e.Message} Remove the file when nothing of it is at work.", file, e);
        }
    }

    /// <summary>Writes it; an older one is replaced.</summary>
    /// <param name="plan">The plan's folder.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    internal void Write(string plan) =>
        AtomicFile.Write(Path.Combine(plan, PlanFolder.SubmissionFile), stream => JsonSerializer.Serialize(stream, this, s_json));
}
