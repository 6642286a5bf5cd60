using System.Text.Json;
using HyperDas.Engine.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.LanguageModels;

/// <summary>The tiny Llama in two shards with an index.</summary>
internal static class Shards
{
    internal static readonly string[] Names = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];

    internal static void Save(string folder)
    {
        using DisposeScope scope = NewDisposeScope();
        TinyLlama.Config.Save(folder);
        KeyValuePair<string, Tensor>[] weights = [.. TinyLlama.Weights(TinyLlama.Config)];
        int half = weights.Length / 2;
        SafetensorsWriter.Write(Path.Combine(folder, Names[0]), weights[..half]);
        SafetensorsWriter.Write(Path.Combine(folder, Names[1]), weights[half..]);
        WriteIndex(folder, weights.Select((w, i) => (w.Key, Names[i < half ? 0 : 1])));
    }

    internal static void WriteIndex(
        string folder, IEnumerable<(string Tensor, string Shard)> places, string index = ModelCheckpoint.IndexFileName)
    {
        Dictionary<string, string> map = places.ToDictionary(p => p.Tensor, p => p.Shard);
        File.WriteAllText(
            Path.Combine(folder, index), JsonSerializer.Serialize(new { metadata = new { total_size = 0 }, weight_map = map }));
    }
}
