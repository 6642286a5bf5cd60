using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using HyperDas.Engine.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>
/// What identifies a target model: SHA-256 over the configuration's values that decide the function, and for every tensor its
/// Hugging Face name, shape and a sample of its values. <see cref="PagesPerTensor"/> pages of <see cref="PageLength"/> values are
/// taken, evenly spaced from the first value to the last; tensors that aren't longer than that are taken whole. Models that differ
/// only in values between the pages share a fingerprint; fine-tuned ones don't, since training moves nearly every value.
/// The values are those of the checkpoint, as float32: neither sharding, nor file layout, nor the number format that the model was
/// loaded in matters.
/// </summary>
internal static class ModelFingerprint
{
    public const int PagesPerTensor = 4;
    public const int PageLength = 1024;

    /// <summary>Computes the fingerprint.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="tensors">Names and tensors; only names and shapes are read.</param>
    /// <param name="read">Reads a range of a tensor's values: name, first value, count.</param>
    public static string Compute(ModelConfig config, IEnumerable<KeyValuePair<string, Tensor>> tensors, Func<string, long, long, Tensor> read)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Function(config));
        foreach ((string name, Tensor tensor) in tensors)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"\n{name}[{string.Join(',', tensor.shape)}]"));
            foreach ((long start, long count) in Pages(tensor.numel()))
            {
                using DisposeScope scope = NewDisposeScope();
                hash.AppendData(read(name, start, count).to_type(ScalarType.Float32).cpu().contiguous().bytes);
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static byte[] Function(ModelConfig config)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            config.WriteFunction(json);
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static IEnumerable<(long Start, long Count)> Pages(long total)
    {
        if (total <= PagesPerTensor * PageLength)
        {
            yield return (0, total);
            yield break;
        }
        for (int page = 0; page < PagesPerTensor; page++)
        {
            yield return ((total - PageLength) * page / (PagesPerTensor - 1), PageLength);
        }
    }
}
