using System.Text.Json;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Experiments.Plans;

/// <summary>A submission, as stored in <see cref="PlanFolder.SubmissionFile"/>.</summary>
/// <param name="Scheduler">Its template: <c>Slurm</c>, or a file.</param>
/// <param name="Job">ID of the runs.</param>
/// <param name="Gather">ID of the collection of results; null for none.</param>
/// <param name="Runs">Number of runs.</param>
/// <param name="Submitted">Time of the submission.</param>
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
    /// <returns>Null for none.</returns>
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
                $"'{file}' isn't a submission file: {e.Message} Remove it when none of its jobs is active.", file, e);
        }
    }

    /// <summary>Writes the submission; an existing file is replaced.</summary>
    /// <param name="plan">The plan's folder.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    internal void Write(string plan) =>
        AtomicFile.Write(Path.Combine(plan, PlanFolder.SubmissionFile), stream => JsonSerializer.Serialize(stream, this, s_json));
}
