using System.Text.Json;

namespace HyperDas.Engine.Training.States;

/// <summary>Description of a state file, as JSON in the metadata of its tensors, which replaces both at once.</summary>
/// <param name="FormatVersion">Version of the format.</param>
/// <param name="Step">Optimiser steps taken.</param>
/// <param name="Place">Position of the training, for display.</param>
/// <param name="Finished">Whether the training is finished.</param>
/// <param name="Threads">Threads of tensor operations.</param>
/// <param name="SavedAt">Time of writing.</param>
/// <param name="Seconds">Time spent on training.</param>
/// <param name="Counters">Cursors and states of random number generators.</param>
/// <param name="Fingerprint">Inputs of the training.</param>
/// <param name="Validations">Results of validation by step; null without validation.</param>
/// <param name="Weights">The groups of examples with the largest and the smallest weights, by step; null without weights.</param>
internal sealed record StateHeader(
    int FormatVersion,
    int Step,
    string Place,
    bool Finished,
    int Threads,
    DateTimeOffset SavedAt,
    double Seconds,
    IReadOnlyDictionary<string, long> Counters,
    IReadOnlyDictionary<string, string> Fingerprint,
    IReadOnlyDictionary<int, TrainingValidation>? Validations = null,
    IReadOnlyDictionary<int, TrainingWeights>? Weights = null)
{
    public const int CurrentVersion = 1;

    private const string MetadataKey = "training";

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true,
        AllowDuplicateProperties = false
    };

    public TrainingPosition ToPosition() => new(Step, Place, Finished, Threads, SavedAt);

    public IReadOnlyDictionary<string, string> ToMetadata() =>
        new Dictionary<string, string> { [MetadataKey] = JsonSerializer.Serialize(this, s_json) };

    /// <exception cref="HyperDasException"><c>StateCorrupt</c>.</exception>
    public static StateHeader Read(IReadOnlyDictionary<string, string> metadata, string path)
    {
        try
        {
            StateHeader? header = metadata.TryGetValue(MetadataKey, out string? text)
                ? JsonSerializer.Deserialize<StateHeader>(text, s_json)
                : null;
            if (header is null)
            {
                throw Corrupt(path, "it has no fingerprint");
            }
            return header.FormatVersion == CurrentVersion
                ? header
                : throw Corrupt(path, $"its format is {header.FormatVersion}, and this version reads {CurrentVersion}");
        }
        catch (JsonException e)
        {
            throw Corrupt(path, e.Message, e);
        }
    }

    /// <summary>The error for an unusable state.</summary>
    /// <param name="path">The file.</param>
    /// <param name="why">What is wrong with it.</param>
    /// <param name="inner">The cause.</param>
    public static HyperDasException Corrupt(string path, string why, Exception? inner = null) => new(
        "StateCorrupt", HyperDasErrorKind.InvalidData,
        $"'{path}' isn't the state of a training: {why}. Discard it to start from the beginning.", path, inner);
}
