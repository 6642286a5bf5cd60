using System.Text.Json;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.Das;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Golden;
using HyperDas.Engine.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Methods.Fixed;

/// <summary>MDAS of the original, its layer L being ℓ = L + 1 here.</summary>
public sealed class MdasGoldenTests : IDisposable
{
    private static readonly ConceptKey s_concept = new("city", "Country");
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly List<IDisposable> _owned = [];

    [Fact]
    public void The_edit_the_logits_and_the_loss_are_the_originals()
    {
        (GoldenCase golden, FixedPositionInterpreter interpreter) = Open("mdas_last_entity_token", "param/");
        IReadOnlyList<TokenizedExample> examples = GoldenExamples.Of(golden, "in/", s_concept);
        InterchangeBatch batch = Batch(interpreter, examples);

        Tensor edited = Interpreter.Edit(batch, interpreter.Propose(batch), SelectionMode.Soft);
        Tensor logits = interpreter.LabelLogits(batch, edited);

        GoldenCase.AssertClose(golden["das/rotate_weight"], ((DasModule)interpreter.Modules[0]).Basis(), 1e-5, "basis");
        Tensor at = stack(examples.Select((e, n) => edited[n, e.BaseEntityIndex]).ToList());
        GoldenCase.AssertClose(golden["das/output"], at, 1e-4, "edited entity tokens");
        Tensor all = interpreter.Target.Logits(
            interpreter.Target.RunBlocks(edited, interpreter.Layer, interpreter.Target.BlockCount, batch.Context));
        Tensor expected = golden["out/logits"][golden["in/base_attention_mask"].to_type(ScalarType.Bool)];
        GoldenCase.AssertClose(expected, cat(examples.Select((e, n) => all[n].narrow(0, 0, e.BaseIds.Length)).ToList()), 1e-4, "logits");
        Assert.Equal(golden.Manifest.GetProperty("scalars").GetProperty("loss").GetDouble(),
            Losses.Prediction(logits, batch.Labels, null).item<float>(), 1e-5);
    }

    [Fact]
    public void The_gradient_is_the_originals()
    {
        (GoldenCase golden, FixedPositionInterpreter interpreter) = Open("mdas_last_entity_token", "param/");
        InterchangeBatch batch = Batch(interpreter, GoldenExamples.Of(golden, "in/", s_concept));

        Tensor edited = Interpreter.Edit(batch, interpreter.Propose(batch, new Random(1)), SelectionMode.Soft);
        Losses.Prediction(interpreter.LabelLogits(batch, edited), batch.Labels, null).backward();

        (string name, Tensor gradient) = Assert.Single(interpreter.Parameters.Gradients());
        Tensor expected = golden[$"grad/{name["city/Country/".Length..]}"];
        GoldenCase.AssertWithin(expected, gradient, 1e-4 * expected.abs().max().item<float>() + 1e-8, "gradient");
    }

    [Fact]
    public void Training_follows_the_originals_losses_and_ends_at_its_basis()
    {
        (GoldenCase golden, FixedPositionInterpreter interpreter) = Open("trace_mdas", "init/");
        JsonElement steps = golden.Manifest.GetProperty("steps");
        TrainingOptions options = MethodOptions.TrainingOf(InterpreterMethod.Mdas) with
        {
            RotationLearningRate = golden.Manifest.GetProperty("args").GetProperty("lr").GetDouble(),
            ClipNorm = double.PositiveInfinity,
        };
        using TrainingLoop loop = new(interpreter, options, steps.GetArrayLength());

        for (int i = 0; i < steps.GetArrayLength(); i++)
        {
            TrainingStep step = loop.Step(Batch(interpreter, GoldenExamples.Of(golden, $"train{i}/", s_concept)), 0);

            Assert.Equal(steps[i].GetProperty("train_batch_total_loss").GetDouble(), step.Loss, 2e-5 * step.Loss);
        }

        // Adam's first steps are about sign(g) · lr: an entry whose gradient is nearly 0 may go either way, so the bulk is compared.
        Tensor moved = ((DasModule)interpreter.Modules[0]).Basis() - golden["final/rotate_weight"];
        Assert.True(moved.abs().mean().item<float>() < 2e-5, $"the basis ends {moved.abs().mean().item<float>()} away on average");
    }

    public void Dispose()
    {
        _owned.Reverse();
        _owned.ForEach(o => o.Dispose());
        _scope.Dispose();
    }

    private (GoldenCase Golden, FixedPositionInterpreter Interpreter) Open(string name, string parameters)
    {
        GoldenCase golden = GoldenCase.Open(name);
        LanguageModel target = LanguageModel.Load(GoldenCase.FolderOf(golden.Manifest.GetProperty("target").GetString()!));
        JsonElement hyper = golden.Manifest.GetProperty("hyper");
        MdasOptions options = new()
        {
            Layer = hyper.GetProperty("intervention_layer").GetInt32() + 1,
            FeatureDimension = hyper.GetProperty("das_dimension").GetInt32(),
        };
        FixedPositionInterpreter interpreter = (FixedPositionInterpreter)MethodCatalog.Create(target, options, [s_concept], seed: 1);
        interpreter.Parameters.Restore((tensor, _) => golden[parameters + tensor["city/Country/".Length..]]);
        _owned.AddRange([golden, target, interpreter]);
        return (golden, interpreter);
    }

    private InterchangeBatch Batch(FixedPositionInterpreter interpreter, IReadOnlyList<TokenizedExample> examples)
    {
        ActivationCache cache = interpreter.CreateCache();
        _owned.Add(cache);
        return new InterchangeBatchBuilder(interpreter.Target, cache, interpreter.Layer).Build(examples);
    }
}
