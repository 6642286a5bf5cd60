using static TorchSharp.torch;

namespace HyperDas.Engine.Numerics;

/// <summary>Which optimiser settings a parameter trains with (docs/methods.md#parameter-groups).</summary>
public enum ParameterGroup
{
    /// <summary>Base learning rate with weight decay.</summary>
    Main,

    /// <summary>
    /// Rotations: their own learning rate, no weight decay (it would destroy the parametrisation, docs/methods.md#orthonormal-basis).
    /// </summary>
    Rotation,

    /// <summary>Mask projections: their own learning rate, with weight decay.</summary>
    MaskProjection,
}

/// <summary>Some consecutive rows of a trainable tensor that are stored under a name of their own.</summary>
/// <param name="Name">Name in the interpreter's file.</param>
/// <param name="Rows">Number of rows.</param>
public readonly record struct NamedRows(string Name, long Rows);

/// <summary>
/// One trainable leaf. Projections that are always applied together are one tensor with named parts, so that they are one matrix product
/// in the step and still carry the original's names on disk.
/// </summary>
public sealed class TrainableTensor
{
    internal TrainableTensor(ParameterGroup group, Tensor value, IReadOnlyList<NamedRows> parts)
    {
        Group = group;
        Value = value;
        Parts = parts;
    }

    /// <summary>Optimiser settings it trains with.</summary>
    public ParameterGroup Group { get; }

    /// <summary>The values: a float32 leaf that requires gradients, a view of the store's buffer once that is sealed.</summary>
    public Tensor Value { get; internal set; }

    /// <summary>Names on disk with their rows, in order.</summary>
    public IReadOnlyList<NamedRows> Parts { get; }

    /// <summary>So that formulas read as they are written.</summary>
    /// <param name="tensor">The trainable tensor.</param>
    public static implicit operator Tensor(TrainableTensor tensor) => tensor.Value;
}
