using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Training;
using HyperDas.Reference;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Reference;

public class ReferenceTrainingTests
{
    [Theory]
    [InlineData(SubspaceKind.Householder, 3)]
    [InlineData(SubspaceKind.Mask, 1)]
    [InlineData(SubspaceKind.Boundless, 1)]
    public void Several_steps_go_where_those_of_the_reference_path_go(SubspaceKind kind, int reflections)
    {
        const int Steps = 6;
        using LanguageModel target = TinyLlama.Create();
        HypernetworkOptions network =
            new() { Layer = 2, Subspace = kind, Reflections = reflections, FeatureDimension = 6, SubspaceInner = 20 };
        using HyperDasInterpreter interpreter = new(target, network, seed: 3);
        using ReferencePath path = new(interpreter);
        // λ counts from the third step on, and gradients are clipped.
        TrainingOptions options = new TrainingOptions().Faithful() with { LearningRate = 1e-3, ClipNorm = 0.5, SparsityWarmUp = 0.4 };
        using TrainingLoop loop = new(interpreter, options, Steps);
        using ReferenceTraining reference = new(path, options, Steps);
        using ActivationCache cache = interpreter.CreateCache();
        InterchangeBatchBuilder builder = new(target, cache, network.Layer, multiple: 4);

        for (int i = 0; i < Steps; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            TokenizedExample[] examples = RandomExamples.Create(4, seed: i);

            TrainingStep step = loop.Step(builder.Build(examples), epoch: 0);

            (double loss, double prediction, double sparsity, double norm) = reference.Step(
                ReferenceBatch.Of(examples, PaddingSide.Right, CPU));
            Assert.Equal(loss, step.Loss, 1e-4);
            Assert.Equal(prediction, step.PredictionLoss, 1e-4);
            Assert.Equal(sparsity, step.SparsityLoss, 1e-4);
            Assert.Equal(norm, step.GradientNorm, 1e-3 * Math.Max(1, norm));
        }
    }
}
