using HyperDas.Engine.Methods;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training;

/// <summary>
/// The supervised contrastive loss of a batch's concept vectors (Khosla et al. 2020, "Supervised Contrastive Learning", equation 2):
/// descriptions of one concept attract each other, all others repel. A domain's absent descriptions count as one concept, "nothing".
/// </summary>
internal static class ConceptContrast
{
    private const double Temperature = 0.1;
    private const float Hidden = -1e9f;

    /// <summary>What each example's description describes; null if the example doesn't say.</summary>
    /// <param name="batch">The examples.</param>
    public static ConceptKey?[] GroupsOf(InterchangeBatch batch) =>
        [.. batch.Concepts.Zip(batch.IsAbsent, (key, absent) => absent && key is not null ? key with { Attribute = "" } : key)];

    /// <summary>The loss.</summary>
    /// <param name="concepts">Concept vectors, <c>[batch, d]</c>.</param>
    /// <param name="groups">What each describes.</param>
    /// <returns>A scalar in the caller's dispose scope; null if no two describe the same.</returns>
    public static Tensor? Loss(Tensor concepts, IReadOnlyList<ConceptKey?> groups)
    {
        int count = groups.Count, anchors = 0;
        float[] shares = new float[count * count];
        for (int i = 0; i < count; i++)
        {
            int[] same = [.. Enumerable.Range(0, count).Where(j => j != i && groups[i] is not null && groups[i] == groups[j])];
            anchors += same.Length > 0 ? 1 : 0;
            foreach (int j in same)
            {
                shares[(i * count) + j] = 1f / same.Length;
            }
        }
        if (anchors == 0)
        {
            return null;
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor unit = nn.functional.normalize(concepts, dim: 1);
        Tensor own = eye(count, dtype: ScalarType.Bool, device: concepts.device);
        Tensor scores = (unit.matmul(unit.t()) / Temperature).masked_fill(own, Hidden);
        Tensor logs = scores.log_softmax(1) * tensor(shares, [count, count], device: concepts.device);
        return logs.sum().mul(-1.0 / anchors).MoveToOuterDisposeScope();
    }
}
