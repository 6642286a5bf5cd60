using HyperDas.Engine.LanguageModels.Layers;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Interventions;

/// <summary>RMSNorm and a SwiGLU from the concept vector to a subspace's input (docs/methods.md#householder).</summary>
internal sealed class ConceptMlp
{
    // The subspace modules' own norm; independent of the target's epsilon.
    private const double Epsilon = 1e-5;
    private readonly TrainableTensor _norm;
    private readonly TrainableTensor _gateUp;
    private readonly TrainableTensor _down;

    public ConceptMlp(ParameterStore store, string name, ParameterGroup group, long dimension, long inner, long output, Generator generator)
    {
        _norm = store.Add(SubspaceNames.Norm, ParameterGroup.Main, ones(dimension));
        _gateUp = store.Add(group,
        [
            ($"{name}.gate_proj.weight", Initialise.Linear(inner, dimension, generator)),
            ($"{name}.up_proj.weight", Initialise.Linear(inner, dimension, generator)),
        ]);
        _down = store.Add($"{name}.down_proj.weight", group, Initialise.Linear(output, inner, generator));
    }

    /// <param name="concept"><c>[batch, d]</c>.</param>
    /// <returns><c>[batch, output]</c>.</returns>
    public Tensor Apply(Tensor concept)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor normed = RmsNorm.Apply(concept, _norm, Epsilon);
        return ThinSwiGlu.Apply(normed, _gateUp, _down).MoveToOuterDisposeScope();
    }
}
