using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Training;
using HyperDas.Reference;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Reference;

/// <summary>What runs only the blocks above the layer goes where whole passes go.</summary>
public class ReferenceFixedTrainingTests
{
    private static readonly ConceptKey s_concept = new("city", "Country");

    [Theory]
    [InlineData(InterpreterMethod.Das, PaddingSide.Right, 2, 4, 0)]
    [InlineData(InterpreterMethod.Mdas, PaddingSide.Left, 2, 4, 0)]
    // Enough tokens before the first entity to get a separate pass without gradients.
    [InlineData(InterpreterMethod.Mdas, PaddingSide.Right, 1, 70, 2)]
    public void Several_steps_go_where_those_of_whole_passes_go(
        InterpreterMethod method, PaddingSide side, int layer, int count, int earliestEntity)
    {
        const int Steps = 5;
        using LanguageModel target = TinyLlama.Create();
        DasOptions das = new() { Layer = layer, FeatureDimension = 3 };
        FixedMethodOptions fixedMethod = method == InterpreterMethod.Das
            ? das
            : new MdasOptions { Layer = das.Layer, FeatureDimension = das.FeatureDimension };
        using FixedPositionInterpreter fast = (FixedPositionInterpreter)MethodCatalog.Create(target, fixedMethod, [s_concept], seed: 3),
            slow = (FixedPositionInterpreter)MethodCatalog.Create(target, fixedMethod, [s_concept], seed: 3);
        TrainingOptions options = MethodOptions.TrainingOf(method) with { RotationLearningRate = 1e-3, ClipNorm = 0.5 };
        using TrainingLoop loop = new(fast, options, totalSteps: 1000);
        using ReferenceFixedTraining reference = new(slow, options);
        using ActivationCache cache = fast.CreateCache();
        InterchangeBatchBuilder builder = new(target, cache, das.Layer, multiple: 4);

        for (int i = 0; i < Steps; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            TokenizedExample[] examples =
            [
                .. RandomExamples.Create(200, seed: i).Where(e => e.BaseEntityIndex >= earliestEntity).Take(count)
                    .Select(e => e with { Concept = s_concept })
            ];

            Assert.Equal(count, examples.Length);
            TrainingStep step = loop.Step(builder.Build(examples), epoch: 0);

            (double loss, double norm) = reference.Step(ReferenceBatch.Of(examples, side, CPU));
            Assert.Equal(loss, step.Loss, 1e-4);
            Assert.Equal(norm, step.GradientNorm, 1e-3 * Math.Max(1, norm));
        }
    }
}
