using HyperDas.Engine.Methods.Fixed;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Features;

/// <summary>Inputs of a fitting, for the concepts of one domain.</summary>
/// <param name="Vectors">Hidden vectors of the domain's entities, <c>[vectors, d]</c>, float32, on the processor.</param>
/// <param name="Device">Device of the interpreter's parameters.</param>
/// <param name="Seed">Seed of initialisation and order.</param>
/// <param name="Log">Called after every step, for methods with steps.</param>
/// <param name="Take">Receives the value of a parameter that the domain's concepts share, by its name without the domain.</param>
/// <param name="Cancellation">Checked between steps.</param>
internal sealed record FittingContext(
    Tensor Vectors, Device Device, long Seed, Action<TrainingStep> Log, Action<string, Tensor> Take, CancellationToken Cancellation);

/// <summary>Features of vectors whose entity's value is known.</summary>
/// <param name="Features"><c>[known, features]</c>, float32, on the processor.</param>
/// <param name="Classes">The value's class of each, <c>[known]</c>, int64.</param>
/// <param name="ClassCount">Number of classes, at least 2.</param>
internal readonly record struct LabelledFeatures(Tensor Features, Tensor Classes, int ClassCount);

/// <summary>Fits a method; called by the training, which depends on the methods.</summary>
internal interface IFeatureFitting
{
    /// <summary>Fits the parameters that the concepts of a domain share, and computes the features among which concepts select.</summary>
    /// <param name="module">The module of one of the domain's concepts.</param>
    /// <param name="options">The method's options.</param>
    /// <param name="context">The domain's vectors.</param>
    /// <param name="fit">Whether to fit; otherwise it was fitted before.</param>
    /// <returns><c>[vectors, features]</c>, on the processor, in the caller's dispose scope.</returns>
    public Tensor Share(ConceptModule module, MethodOptions options, FittingContext context, bool fit);

    /// <summary>Fits a concept's own module.</summary>
    /// <param name="module">The module.</param>
    /// <param name="options">The method's options.</param>
    /// <param name="features">The result of <see cref="Share"/>, with classes.</param>
    /// <param name="context">The domain's vectors.</param>
    public void Fit(ConceptModule module, MethodOptions options, LabelledFeatures features, FittingContext context);
}
