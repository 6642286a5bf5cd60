using HyperDas.Engine.Checkpoints.Families;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Checkpoints;

/// <summary>Checks a head that files hold although it is tied to the token embeddings: usually a redundant copy of them.</summary>
internal static class StoredHead
{
    private const int Samples = 16, SampleLength = 1024;

    /// <summary>
    /// A remark where such a head isn't a copy; null where there is none or it is a copy. Samples throughout both tensors are compared.
    /// </summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="checkpoint">Its checkpoint.</param>
    public static string? Remark(ModelConfig config, ModelCheckpoint checkpoint) =>
        StoredNames.HeadBesideEmbedding(config, checkpoint) is { } head
            && !IsCopy(checkpoint, head, StoredNames.Embedding(config, checkpoint))
            ? $"'{head}' differs from the token embeddings, to which {ModelConfig.FileName} ties the head (tie_word_embeddings). The head is ignored and the embeddings are used, "
                + "as in transformers 4. If the model was trained with a separate head, set tie_word_embeddings to false."
            : null;

    private static bool IsCopy(ModelCheckpoint checkpoint, string head, string embedding)
    {
        if (!checkpoint.CanRead(head))
        {
            return false;
        }
        TensorEntry first = checkpoint.Entry(head), second = checkpoint.Entry(embedding);
        if (!first.Shape.AsSpan().SequenceEqual(second.Shape))
        {
            return false;
        }
        long total = first.ElementCount, length = Math.Min(SampleLength, total);
        for (int i = 0; i < Samples; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            long start = (total - length) * i / (Samples - 1);
            if (!Sample(head, start).eq(Sample(embedding, start)).all().item<bool>())
            {
                return false;
            }
        }
        return true;

        Tensor Sample(string name, long start) => checkpoint.LoadRange(name, start, length).to_type(ScalarType.Float32);
    }
}
