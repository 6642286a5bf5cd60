using System.Text.Json;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Experiments.Layers;

/// <summary>What a full swap at a layer does to validation examples.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Cause">Cause, in percent; null without cause examples.</param>
/// <param name="ProcessorSeconds">What finding it out took.</param>
internal sealed record LayerSwap(int Layer, double? Cause, double ProcessorSeconds)
{
    private const string InvalidErrorId = "LayersCorrupt";

    private static readonly JsonSerializerOptions s_json = new JsonSerializerOptions
    {
        WriteIndented = true, NewLine = "\n", PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectRequiredConstructorParameters = true,
    }.Strict();

    /// <summary>Reads what an earlier attempt found out.</summary>
    /// <param name="path">File; it needn't exist.</param>
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
                : throw new JsonException("A cause isn't a percentage, a time isn't one, or a layer occurs twice.");
        }
        catch (JsonException e)
        {
            throw new HyperDasException(
                InvalidErrorId, HyperDasErrorKind.InvalidData,
                $"'{path}' doesn't hold what full swaps do, layer by layer: {e.Message} Remove the file: they are then made again.", path, e);
        }
    }

    /// <summary>Writes it; an older file is replaced.</summary>
    /// <param name="path">File.</param>
    /// <param name="swaps">One for each layer.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public static void Write(string path, IEnumerable<LayerSwap> swaps) =>
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, swaps, s_json));
}
