using System.Security.Cryptography;
using System.Text;
using HyperDas.Engine.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>
/// Identifies a target model: SHA-256 over the configuration values that determine the function, and for every tensor its Hugging Face
/// name, shape and a sample of its values. The sample consists of <see cref="PagesPerTensor"/> pages of <see cref="PageLength"/> values,
/// evenly spaced from the first value to the last; shorter tensors are used completely. Models that differ only in values between the pages
/// share a fingerprint; fine-tuned models don't, because training changes nearly every value. The values are those of the checkpoint, as
/// float32: sharding, file layout and the number format in memory don't matter.
/// </summary>
internal static class ModelFingerprint
{
    public const int PagesPerTensor = 4;
    public const int PageLength = 1024;

    /// <summary>Computes the fingerprint.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="tensors">The stored tensors; their usual names and their shapes count.</param>
    /// <param name="read">Reads a range of a tensor's values: name, first value, count.</param>
    public static string Compute(ModelConfig config, IEnumerable<StoredWeight> tensors, Func<string, long, long, Tensor> read)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(ModelConfig.FunctionOf(config));
        foreach (StoredWeight tensor in tensors)
        {
            long[] shape = tensor.Shape(config);
            hash.AppendData(Encoding.UTF8.GetBytes($"\n{tensor.Name}[{string.Join(',', shape)}]"));
            foreach ((long start, long count) in Pages(shape.Aggregate(1L, (product, size) => product * size)))
            {
                using DisposeScope scope = NewDisposeScope();
                hash.AppendData(read(tensor.Name, start, count).to_type(ScalarType.Float32).cpu().contiguous().bytes);
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
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
