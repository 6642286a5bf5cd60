using System.Text.Json;
using HyperDas.Engine.Tests.Golden;
using HyperDas.Engine.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Training;

/// <summary>Five steps of the original's own training loop, followed loss by loss.</summary>
public class HyperDasTraceTests
{
    [Theory]
    [InlineData("trace_hyperdas_reflect")]
    [InlineData("trace_hyperdas_reflect_lr1e-2")]
    [InlineData("trace_hyperdas_das")]
    [InlineData("trace_hyperdas_boundless")]
    [InlineData("trace_hyperdas_none")]
    public void Training_follows_the_originals_losses_norms_and_final_parameters(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using GoldenHyperDas golden = new(name, "init/");
        JsonElement manifest = golden.Case.Manifest, steps = manifest.GetProperty("steps"),
            norms = manifest.GetProperty("grad_norms_before_clip");
        double learningRate = manifest.GetProperty("args").GetProperty("lr").GetDouble();
        using TrainingLoop loop = new(
            golden.Interpreter, new TrainingOptions().Faithful() with { LearningRate = learningRate }, steps.GetArrayLength());

        for (int i = 0; i < steps.GetArrayLength(); i++)
        {
            TrainingStep step = loop.Step(golden.Batch($"train{i}/"), 0);

            double expected = steps[i].GetProperty("train_batch_total_loss").GetDouble();
            Assert.Equal(expected, step.Loss, 2e-5 * Math.Max(1, expected));
            Assert.Equal(
                steps[i].GetProperty("train_batch_prediction_loss").GetDouble(), step.PredictionLoss, 2e-5 * Math.Max(1, expected));
            Assert.Equal(norms[i].GetDouble(), step.GradientNorm, 1e-3);
        }

        // Adam's first steps are about sign(g) · lr: an entry whose gradient is nearly 0 may go either way, so the bulk is compared.
        foreach ((string parameter, Tensor value) in golden.Interpreter.Parameters.State())
        {
            Tensor moved = value - golden.Case[$"final/{parameter}"];
            Assert.True(
                moved.abs().mean().item<float>() < 1e-5 + (1e-2 * learningRate),
                $"{parameter} ends {moved.abs().mean().item<float>()} away on average");
        }
    }
}
