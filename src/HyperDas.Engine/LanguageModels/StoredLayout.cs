using HyperDas.Engine.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>Splits stored tensors into the weights of their roles, and joins them again.</summary>
internal static class StoredLayout
{
    /// <summary>The weights in a stored tensor.</summary>
    /// <param name="stored">Contents and layout of the tensor.</param>
    /// <param name="config">The model's shape.</param>
    /// <param name="tensor">The tensor, in the shape that it has in the file.</param>
    /// <returns>Views or copies, one for each role, in the caller's dispose scope.</returns>
    public static Tensor[] Split(StoredWeight stored, ModelConfig config, Tensor tensor)
    {
        long[] rows = Rows(stored, config);
        return stored.Layout switch
        {
            WeightLayout.Columns => Parts(tensor.t(), rows),
            WeightLayout.RowsByHead => [.. ByHead(config, tensor, rows).unbind(1).Select(part => part.flatten(0, 1))],
            _ => Parts(tensor, rows),
        };
    }

    /// <summary>The stored tensor for several weights.</summary>
    /// <param name="stored">Contents and layout of the tensor.</param>
    /// <param name="config">The model's shape.</param>
    /// <param name="parts">One weight for each role.</param>
    /// <returns>The tensor, in the caller's dispose scope.</returns>
    public static Tensor Join(StoredWeight stored, ModelConfig config, IReadOnlyList<Tensor> parts)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor joined = stored.Layout switch
        {
            WeightLayout.RowsByHead => stack(parts.Select(part => part.view([config.HeadCount, -1, .. part.shape[1..]])), 1).flatten(0, 2),
            WeightLayout.Columns => cat([.. parts], 0).t().contiguous(),
            _ => cat([.. parts], 0),
        };
        return joined.MoveToOuterDisposeScope();
    }

    private static long[] Rows(StoredWeight stored, ModelConfig config) =>
        [.. stored.Roles.Select(role => WeightShapes.Of(config, role)[0])];

    private static Tensor[] Parts(Tensor tensor, long[] rows) => tensor.split(rows, 0);

    // [heads, roles, headWidth, ...].
    private static Tensor ByHead(ModelConfig config, Tensor tensor, long[] rows) =>
        tensor.view([config.HeadCount, rows.Length, rows[0] / config.HeadCount, .. tensor.shape[1..]]);
}
