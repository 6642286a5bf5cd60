using System.Text.Json;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Checkpoints.Families;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Benchmarks;

/// <summary>
/// A checkpoint of random bfloat16 weights in the layout that Llama-3-8B is published in: four shards and an index, of its shape 16 GB.
/// </summary>
internal static class LargeCheckpoint
{
    private const int Shards = 4;

    /// <summary>Writes it; nothing is done when it is there.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="config">The model's shape.</param>
    internal static void Write(string folder, ModelConfig config)
    {
        if (File.Exists(Path.Combine(folder, ModelCheckpoint.IndexFileName)))
        {
            return;
        }
        Directory.CreateDirectory(folder);
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(1, CPU);
        // All weights are windows of one block of noise: what they are doesn't matter here, that they differ does.
        (string Name, long[] Shape)[] tensors = [.. ModelFamily.Of(config).Weights(config).Select(w => (w.Name, w.Shape(config)))];
        long largest = tensors.Max(t => Count(t.Shape));
        Tensor noise = randn([1 << 24], generator: random).mul_(0.02).to_type(ScalarType.BFloat16).repeat([(largest >> 24) + 2]);
        Tensor norms = ones([config.HiddenSize], ScalarType.BFloat16);
        Dictionary<string, string> places = [];
        for (int shard = 0; shard < Shards; shard++)
        {
            string file = FormattableString.Invariant($"model-{shard + 1:D5}-of-{Shards:D5}.safetensors");
            var part = tensors.Where((_, i) => i * Shards / tensors.Length == shard)
                .Select((t, i) => KeyValuePair.Create(t.Name, Window(t.Shape, (shard * 100003) + (i * 997)))).ToArray();
            SafetensorsWriter.Write(Path.Combine(folder, file), part);
            Array.ForEach(part, p => places.Add(p.Key, file));
        }
        config.Save(folder);
        File.WriteAllText(
            Path.Combine(folder, ModelCheckpoint.IndexFileName),
            JsonSerializer.Serialize(new { metadata = new { total_size = tensors.Sum(t => Count(t.Shape)) * 2 }, weight_map = places }));

        Tensor Window(long[] shape, long offset) => shape.Length == 1 ? norms : noise.narrow(0, offset, Count(shape)).view(shape);
    }

    /// <summary>Reads the weights' files and keeps nothing.</summary>
    /// <param name="folder">Where they are.</param>
    /// <param name="buffer">Where the bytes go.</param>
    internal static void Read(string folder, byte[] buffer)
    {
        foreach (string file in Directory.GetFiles(folder, "*.safetensors"))
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            while (stream.Read(buffer, 0, buffer.Length) > 0)
            {
            }
        }
    }

    private static long Count(long[] shape) => shape.Aggregate(1L, (product, size) => product * size);
}
