using System.Text.Json;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Experiments.Layers;

/// <summary>Effect of a full swap at a layer on validation examples.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Cause">Cause, in percent; null without cause examples.</param>
/// <param name="ProcessorSeconds">Processor time of the measurement.</param>
internal sealed record LayerSwap(int Layer, double? Cause, double ProcessorSeconds)
{
    private const string InvalidErrorId = "LayersCorrupt";

    private static readonly JsonSerializerOptions s_json = new JsonSerializerOptions
    {
        WriteIndented = true, NewLine = "\n", PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectRequiredConstructorParameters = true,
    }.Strict();

    /// <summary>Reads the results of an earlier attempt.</summary>
    /// <param name="path">File; it may be missing.</param>
    /// <exception cref="HyperDasException"><c>LayersCorrupt</c>, <c>FileUnreadable</c>.</exception>
    public static IReadOnlyList<LayerSwap> Read(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }
        using JsonDocument document = StrictJson.OpenAny(path, InvalidErrorId);
        try
        {
            LayerSwap[] swaps = document.Deserialize<LayerSwap[]>(s_json) ?? throw new JsonException("null isn't a list.");
            return swaps.All(swap => swap is { Cause: null or (>= 0 and <= 100), ProcessorSeconds: >= 0 and < 1e9 })
                && swaps.DistinctBy(swap => swap.Layer).Count() == swaps.Length
                ? swaps
                : throw new JsonException("A cause or a time is invalid, or a layer occurs twice.");
        }
        catch (JsonException e)
        {
            throw new HyperDasException(
                InvalidErrorId, HyperDasErrorKind.InvalidData,
                $"'{path}' isn't a file of full-swap results: {e.Message} Remove the file to make the swaps again.", path, e);
        }
    }

    /// <summary>Writes results; an existing file is replaced.</summary>
    /// <param name="path">File.</param>
    /// <param name="swaps">One for each layer.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public static void Write(string path, IEnumerable<LayerSwap> swaps) =>
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, swaps, s_json));
}
