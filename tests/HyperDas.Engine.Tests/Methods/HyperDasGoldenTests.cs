using HyperDas.Engine.Methods;
using HyperDas.Engine.Tests.Golden;
using HyperDas.Engine.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Methods;

/// <summary>The original's numbers, case by case: weights, edits, logits, losses and gradients (tolerances of its README).</summary>
public class HyperDasGoldenTests
{
    public static TheoryData<string> Cases =>
    [
        "hyperdas_reflect", "hyperdas_reflect_layer1", "hyperdas_reflect_lastlayer", "hyperdas_das", "hyperdas_mask", "hyperdas_boundless",
        "hyperdas_none", "hyperdas_none_layer0", "hyperdas_ablate_base", "hyperdas_asym_coin0", "hyperdas_scratch",
        "hyperdas_quirk_sdpa_nopad", "hyperdas_nosdpa_nopad",
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Selection_weights_are_the_originals(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using GoldenHyperDas golden = new(name);
        InterchangeBatch batch = golden.Batch();

        Patch patch = golden.Interpreter.Propose(batch);

        GoldenCase.AssertClose(golden.Packed(golden.Case["out/intervention_weight"], batch), patch.Weights, 1e-5, "selection weights");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_edit_and_all_logits_are_the_originals(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using GoldenHyperDas golden = new(name);
        InterchangeBatch batch = golden.Batch();

        Tensor edited = Interpreter.Edit(batch, golden.Interpreter.Propose(batch), SelectionMode.Soft);

        if (golden.Interpreter.Layer > 0)
        {
            Tensor expected = golden.Case[$"target/edited_block{golden.Interpreter.Layer - 1}.out"];
            GoldenCase.AssertClose(golden.RealRows(expected), Real(golden, edited), 1e-4, "edited hidden states");
        }
        GoldenCase.AssertClose(golden.RealRows(golden.Case["out/logits"]), Real(golden, Logits(golden, batch, edited)), 1e-4, "logits");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Losses_are_the_originals(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using GoldenHyperDas golden = new(name);

        (Tensor prediction, Tensor sparsity) = LossesOf(golden, golden.Batch());

        Assert.Equal(golden.Scalars.GetProperty("prediction_loss").GetDouble(), prediction.item<float>(), 1e-5);
        Assert.Equal(golden.Scalars.GetProperty("source_selection_loss").GetDouble(), sparsity.item<float>(), 1e-5);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_gradient_is_the_originals(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using GoldenHyperDas golden = new(name);

        (Tensor prediction, Tensor sparsity) = LossesOf(golden, golden.Batch());
        (prediction + (sparsity * golden.Scalars.GetProperty("sparsity_weight").GetDouble())).backward();

        IReadOnlyList<KeyValuePair<string, Tensor>> gradients = golden.Interpreter.Parameters.Gradients();
        foreach ((string parameter, Tensor gradient) in gradients)
        {
            Tensor expected = golden.Case[$"grad/{parameter}"];
            GoldenCase.AssertWithin(expected, gradient, 1e-4 * expected.abs().max().item<float>() + 1e-8, $"gradient of {parameter}");
        }
        Assert.Empty(golden.Case.Names.Where(n => n.StartsWith("grad/", StringComparison.Ordinal))
            .Except(gradients.Select(g => $"grad/{g.Key}")));
        Assert.Equal(
            golden.Scalars.GetProperty("grad_total_norm").GetDouble(), golden.Interpreter.Parameters.GradientNorm().item<float>(), 1e-3);
    }

    [Theory]
    [InlineData("hyperdas_reflect")]
    [InlineData("hyperdas_das")]
    [InlineData("hyperdas_mask")]
    [InlineData("hyperdas_none")]
    public void Discrete_selection_modes_are_the_originals(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using GoldenHyperDas golden = new(name);
        InterchangeBatch batch = golden.Batch();
        Patch patch = golden.Interpreter.Propose(batch);

        foreach ((SelectionMode mode, string original) in new[]
        {
            (SelectionMode.OneToMany, "column_argmax"), (SelectionMode.OneToOne, "bidding_argmax"),
            (SelectionMode.Global, "global_argmax"), (SelectionMode.GroundTruth, "groundtruth"),
        })
        {
            Tensor edited = Interpreter.Edit(batch, patch, mode);
            Tensor loss = Losses.Prediction(golden.Interpreter.LabelLogits(batch, edited), batch.Labels, null);
            Assert.Equal(golden.Scalars.GetProperty($"mode_{original}_loss").GetDouble(), loss.item<float>(), 1e-5);
            if (golden.Case.Contains($"mode/{original}/logits"))
            {
                Tensor expected = golden.RealRows(golden.Case[$"mode/{original}/logits"]);
                GoldenCase.AssertClose(expected, Real(golden, Logits(golden, batch, edited)), 1e-4, original);
            }
        }
    }

    private static (Tensor Prediction, Tensor Sparsity) LossesOf(GoldenHyperDas golden, InterchangeBatch batch)
    {
        Patch patch = golden.Interpreter.Propose(batch);
        Tensor logits = golden.Interpreter.LabelLogits(batch, Interpreter.Edit(batch, patch, SelectionMode.Soft));
        Tensor weights = tensor(batch.LabelExamples.Select(n => batch.IsCause[n] ? 3.5f : 0.5f).ToArray());
        return (Losses.Prediction(logits, batch.Labels, weights), Losses.Sparsity(patch.Weights));
    }

    private static Tensor Logits(GoldenHyperDas golden, InterchangeBatch batch, Tensor edited) =>
        golden.Target.Logits(golden.Target.RunBlocks(edited, golden.Interpreter.Layer, golden.Target.BlockCount, batch.Context));

    /// <summary>Real tokens of a right-padded tensor, in the order of <see cref="GoldenHyperDas.RealRows"/>.</summary>
    private static Tensor Real(GoldenHyperDas golden, Tensor rightPadded) =>
        cat(golden.Examples().Select((e, n) => rightPadded[n].narrow(0, 0, e.BaseIds.Length)).ToList());
}
