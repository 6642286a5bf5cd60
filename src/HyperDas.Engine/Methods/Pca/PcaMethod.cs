using HyperDas.Engine.Methods.Features;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Pca;

/// <summary>PCA, for <see cref="MethodCatalog"/>.</summary>
public sealed class PcaMethod : FittedMethod<PcaOptions, PcaModule>
{
    /// <inheritdoc/>
    public override InterpreterMethod Method => InterpreterMethod.Pca;

    private protected override double StoredNumbers(PcaOptions options, double dimension, double concepts, double domains) =>
        (concepts * dimension) + (domains * dimension * (dimension + 2));

    private protected override Func<ConceptKey, string, Generator, ConceptModule> Maker(
        PcaOptions options, ParameterStore store, int dimension)
    {
        Dictionary<string, PrincipalComponents> components = [];
        return (concept, prefix, _) =>
            new PcaModule(
                store, prefix, Shared(components, concept, p => new PrincipalComponents(store, p, dimension)), options.LiteralFormula);
    }

    private protected override Tensor Share(PcaModule module, PcaOptions options, FittingContext context, bool fit)
    {
        if (fit)
        {
            module.Components.Fit(context.Vectors);
        }
        return module.Components.Coordinates(context.Vectors);
    }

    private protected override void Fit(PcaModule module, PcaOptions options, LabelledFeatures features, FittingContext context) =>
        module.Select(SparseProbe.Select(
            features.Features, features.Classes, features.ClassCount, options.ProbeStrength, context.Cancellation));
}
