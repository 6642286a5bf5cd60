using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Numerics;
using TorchSharp;

namespace HyperDas.Engine.Methods.HyperDas;

/// <summary>A matrix of a projection: its name on disk, the weight that initialises it, and its size.</summary>
/// <param name="Name">Name on disk.</param>
/// <param name="Role">Role of the target's weight.</param>
/// <param name="Size"><c>[outputs, inputs]</c>.</param>
internal readonly record struct ProjectionPart(string Name, WeightRole Role, params long[] Size);

/// <summary>Creates the linear layers of a hypernetwork's blocks: trained in full, or the target's own with adapters.</summary>
/// <param name="store">Store of the trained parameters.</param>
/// <param name="rank">Width of the adapters; 0 for none.</param>
/// <param name="start">Initial values.</param>
/// <param name="generator">Source of random initial values.</param>
internal sealed class ProjectionBuilder(ParameterStore store, int rank, StartingWeights start, torch.Generator generator)
{
    /// <summary>Whether layers are the target's own with adapters.</summary>
    public bool Adapts => rank > 0;

    /// <summary>Creates a layer.</summary>
    /// <param name="block">0-based index of the target's block.</param>
    /// <param name="adapter">Name of the adapter on disk.</param>
    /// <param name="parts">Matrices that are applied together, in the order of their rows in the target.</param>
    public Projection Build(int block, string adapter, params ProjectionPart[] parts) => Adapts
        ? new AdaptedProjection(
            store, adapter, start.Own(block, [.. parts.Select(p => p.Role)]), Factor(parts[0].Role, block), rank, generator)
        : new WholeProjection(store.Add(ParameterGroup.Main, [.. parts.Select(p => (p.Name, start.Of(p.Role, block, p.Size)))]));

    /// <summary>Remaining factor of the queries: a matrix that is trained in full includes the family's factor.</summary>
    /// <param name="block">0-based index of the target's block.</param>
    public double QueryFactor(int block) => Adapts ? start.Factor(WeightRole.Query, block) : 1;

    // The factor of queries is separate from those of keys and values, which have none.
    private double Factor(WeightRole role, int block) => role == WeightRole.Query ? 1 : start.Factor(role, block);
}
