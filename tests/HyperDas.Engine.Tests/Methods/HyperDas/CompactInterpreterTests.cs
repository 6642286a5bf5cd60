using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Golden;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Reference;
using HyperDas.Engine.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Methods.HyperDas;

/// <summary>Interpreters on the target's own blocks and interpreters with a different width: what they compute, train and keep.</summary>
public sealed class CompactInterpreterTests : IDisposable
{
    private const double Strength = 2;
    private static readonly HypernetworkOptions s_full =
        TinyInterpreter.Options() with { SubspaceInner = 20, FeatureDimension = 6, Blocks = 2 };
    private static readonly HypernetworkOptions s_adapted =
        s_full with { AdapterRank = 3 }, s_narrow = s_full with { HypernetworkWidth = 12 };
    private static readonly TokenizedExample[] s_examples = RandomExamples.Create(6);

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void With_adapters_it_proposes_and_learns_as_a_full_one_whose_weights_are_theirs_and_the_targets(ScalarType held)
    {
        using LanguageModel target = TinyLlama.Create(dtype: held, computed: ModelDtype.Float32);
        using HyperDasInterpreter full = TinyInterpreter.Create(target, s_full), adapted = TinyInterpreter.Create(target, s_adapted);
        Dictionary<string, Tensor> whole = new(full.Parameters.State()), narrow = new(adapted.Parameters.State());
        Take(narrow, whole);
        whole["hypernetwork.model.embed_tokens.weight"].copy_(target.EmbeddingWeight);
        foreach ((string name, string[] parts, WeightRole[] roles) in Adapters(narrow.Keys))
        {
            int block = int.Parse(name.Split('.')[3], System.Globalization.CultureInfo.InvariantCulture);
            Tensor change = narrow[$"{name}.lora_B.weight"].matmul(narrow[$"{name}.lora_A.weight"]) * Strength;
            long row = 0;
            for (int i = 0; i < parts.Length; i++)
            {
                Tensor own = target.Weight(roles[i], block)!.to_type(ScalarType.Float32);
                whole[parts[i]].copy_(own + change.narrow(0, row, own.shape[0]));
                row += own.shape[0];
            }
        }

        Tensor logits = Backward(full, out Tensor weights), ofAdapted = Backward(adapted, out Tensor weightsOfAdapted);

        GoldenCase.AssertClose(weights, weightsOfAdapted, 1e-5, "selection weights");
        GoldenCase.AssertClose(logits, ofAdapted, 1e-4, "label logits");
        Dictionary<string, Tensor> expected = new(full.Parameters.Gradients()), gradients = new(adapted.Parameters.Gradients());
        double largest = expected.Values.Max(g => g.abs().max().item<float>());
        foreach ((string name, string[] parts, _) in Adapters(narrow.Keys))
        {
            Tensor ofWhole = cat([.. parts.Select(p => expected[p])], 0) * Strength;
            Within(ofWhole.matmul(narrow[$"{name}.lora_A.weight"].t()), $"{name}.lora_B.weight");
            Within(narrow[$"{name}.lora_B.weight"].t().matmul(ofWhole), $"{name}.lora_A.weight");
        }
        Assert.All(gradients.Keys.Where(expected.ContainsKey), name => Within(expected[name], name));

        void Within(Tensor right, string name) =>
            GoldenCase.AssertWithin(
                right, gradients[name], (1e-4 * right.abs().max().item<float>()) + (1e-6 * largest) + 1e-8, $"gradient of {name}");
    }

    [Fact]
    public void Factors_that_a_family_applies_elsewhere_are_applied_to_the_targets_own_blocks_too()
    {
        ModelConfig scaled = TinyLlama.Config with { EmbeddingScale = 3, Block = new BlockSpec { ScoreScale = 0.9, ResidualScale = 0.4 } };
        using LanguageModel target = TinyLlama.Create(scaled);
        // Fresh ones: adapters change nothing yet.
        using HyperDasInterpreter full = new(target, s_full, seed: 3), adapted = new(target, s_adapted, seed: 4);
        Take(new(full.Parameters.State()), new(adapted.Parameters.State()));

        Tensor logits = Backward(full, out Tensor weights), ofAdapted = Backward(adapted, out Tensor weightsOfAdapted);

        GoldenCase.AssertClose(weights, weightsOfAdapted, 1e-5, "selection weights");
        GoldenCase.AssertClose(logits, ofAdapted, 1e-4, "label logits");
    }

    [Theory]
    [InlineData(SubspaceKind.Householder, "das_module.rv_proj.down_proj.weight")]
    [InlineData(SubspaceKind.Generated, "das_module.basis_proj.down_proj.weight")]
    public void Vectors_of_a_span_are_those_of_a_full_one_whose_last_matrix_is_the_product(SubspaceKind kind, string last)
    {
        const string Span = "das_module.span_proj.weight";
        const int Dimensions = 5;
        HypernetworkOptions options = s_full with { Subspace = kind };
        using LanguageModel target = TinyLlama.Create();
        using HyperDasInterpreter full = TinyInterpreter.Create(target, options);
        using HyperDasInterpreter spanned = TinyInterpreter.Create(target, options with { SubspaceSpan = Dimensions });
        Dictionary<string, Tensor> whole = new(full.Parameters.State()), narrow = new(spanned.Parameters.State());
        Take(narrow.Where(p => p.Key != last).ToDictionary(), whole);
        long[] vectors = kind == SubspaceKind.Householder ? [3, Dimensions, 20] : [Dimensions, 6 * 20];
        whole[last].copy_(narrow[Span].matmul(narrow[last].view(vectors)).reshape(whole[last].shape));

        Tensor logits = Backward(full, out Tensor weights), ofSpanned = Backward(spanned, out Tensor weightsOfSpanned);

        GoldenCase.AssertClose(weights, weightsOfSpanned, 1e-5, "selection weights");
        GoldenCase.AssertClose(logits, ofSpanned, 1e-4, "label logits");
        Dictionary<string, Tensor> expected = new(full.Parameters.Gradients()), gradients = new(spanned.Parameters.Gradients());
        long[] wholeVectors = [.. vectors.Select(size => size == Dimensions ? target.HiddenSize : size)];
        Tensor ofLast = expected[last].view(wholeVectors);
        Tensor ofSpan = ofLast.matmul(narrow[last].view(vectors).transpose(-2, -1));
        Within(narrow[Span].t().matmul(ofLast).reshape(gradients[last].shape), last);
        Within(ofSpan.dim() == 3 ? ofSpan.sum([0L]) : ofSpan, Span);
        Assert.All(gradients.Keys.Where(name => name != last && name != Span), name => Within(expected[name], name));

        void Within(Tensor right, string name) => GoldenCase.AssertWithin(
            right, gradients[name], (1e-4 * right.abs().max().item<float>()) + 1e-7, $"gradient of {name}");
    }

    [Fact]
    public void A_span_begins_orthogonal_and_as_long_as_whole_vectors()
    {
        using LanguageModel target = TinyLlama.Create();
        using HyperDasInterpreter interpreter = new(target, s_full with { SubspaceSpan = 4 }, seed: 1);

        Tensor span = interpreter.Parameters.State().Single(p => p.Key == "das_module.span_proj.weight").Value;

        GoldenCase.AssertClose(eye(4) * (16 / 4), span.t().matmul(span), 1e-5, "products of the span's columns");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_learns_leaves_the_target_alone_and_keeps_its_own_parts_only(bool adapts)
    {
        using LanguageModel target = TinyLlama.CreateWithTokenizer();
        byte[] before = Weights(target);
        HypernetworkOptions options = (adapts ? s_adapted : s_narrow) with { SubspaceSpan = 5 };
        using HyperDasInterpreter interpreter = new(target, options, seed: 1), full = new(target, s_full, seed: 1);
        List<double> losses = [];
        TrainingOptions training = new() { Epochs = 30, BatchSize = 6, LearningRate = 3e-3, MomentFormat = MomentFormat.EightBit };

        Trainer.Train(interpreter, s_examples, training, log: step => losses.Add(step.Loss));

        Assert.True(losses[^1] < losses[0] * 0.9, $"{losses[0]} became {losses[^1]}");
        Assert.Equal(before, Weights(target));
        string small = Path.Combine(_folder.Path, "small"), large = Path.Combine(_folder.Path, "large");
        InterpreterStore.Save(interpreter, small);
        InterpreterStore.Save(full, large);
        using (SafetensorsFile file = SafetensorsFile.Open(Path.Combine(small, InterpreterStore.ParametersFile)))
        {
            Assert.DoesNotContain(file.Entries.Keys, name => name.Contains("embed_tokens", StringComparison.Ordinal));
            Assert.Equal(adapts, file.Entries.Keys.Any(name => name.Contains("lora_", StringComparison.Ordinal)));
            Assert.Equal(interpreter.Parameters.State().Select(s => s.Key).Order(), file.Entries.Keys.Order());
        }
        Assert.True(Size(small) < Size(large) / 2);
        using (Interpreter again = InterpreterStore.Load(small, target))
        {
            Assert.Equal(options, ((HyperDasInterpreter)again).Options);
            Assert.Equal(TinyInterpreter.Bits(interpreter), TinyInterpreter.Bits(again));
        }
        using LanguageModel other = TinyLlama.Create(TinyLlama.TextConfig with { NormEpsilon = 1e-4 }, tokenizer: target.Tokenizer);
        Assert.Equal("InterpreterMismatch", Assert.Throws<HyperDasException>(() => InterpreterStore.Load(small, other)).ErrorId);

        long Size(string folder) => new FileInfo(Path.Combine(folder, InterpreterStore.ParametersFile)).Length;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Many_steps_leave_no_tensor_behind(bool adapts)
    {
        using LanguageModel target = TinyLlama.Create(dtype: ScalarType.BFloat16, computed: ModelDtype.Float32);
        using HyperDasInterpreter interpreter = new(target, (adapts ? s_adapted : s_narrow) with { SubspaceSpan = 5 }, seed: 1);
        using ActivationCache cache = interpreter.CreateCache();
        using TrainingLoop loop = new(interpreter, new TrainingOptions(), totalSteps: 30);
        InterchangeBatchBuilder builder = new(target, cache, interpreter.Layer);
        Step();
        long before = LiveTensors.Settle();
        for (int i = 0; i < 20; i++)
        {
            Step();
        }

        Assert.Equal(before, Tensor.TotalCount);

        void Step()
        {
            using DisposeScope scope = NewDisposeScope();
            loop.Step(builder.Build(s_examples), 0);
        }
    }

    public static TheoryData<HypernetworkOptions, string> Misfits => new()
    {
        { s_full with { AdapterRank = 17 }, "AdapterRank is 17; it must be 0, for none, to 16" },
        { s_full with { AdapterRank = -1 }, "AdapterRank is -1" },
        { s_full with { AdapterRank = 2, FromScratch = true }, "AdapterRank is 2; it must be 0 or omitted with FromScratch" },
        { s_narrow with { AdapterRank = 2 }, "AdapterRank is 2; it must be 0 or omitted with HypernetworkWidth" },
        { s_full with { HypernetworkWidth = 10 },
            "HypernetworkWidth is 10; it must be a multiple of 6, the width of the target's heads, from 6 to 12" },
        { s_full with { HypernetworkWidth = 18 }, "HypernetworkWidth is 18" },
        { s_full with { HypernetworkWidth = 0 }, "HypernetworkWidth is 0" },
        { s_full with { SubspaceSpan = 17 }, "SubspaceSpan is 17; it must be 1 to 16, the target's hidden width" },
        { s_full with { SubspaceSpan = -1 }, "SubspaceSpan is -1" },
        { s_full with { SubspaceSpan = 2, Subspace = SubspaceKind.Mask }, "SubspaceSpan is 2; it must be 0 or omitted with subspace" },
    };

    [Theory]
    [MemberData(nameof(Misfits))]
    public void What_does_not_fit_together_is_refused_before_anything_is_made(HypernetworkOptions options, string message)
    {
        using LanguageModel target = TinyLlama.Create();

        HyperDasException error = Assert.Throws<HyperDasException>(() => new HyperDasInterpreter(target, options, seed: 1));

        Assert.Equal("OptionInvalid", error.ErrorId);
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Blocks_that_cannot_be_a_hypernetworks_take_no_adapters_but_any_model_a_width()
    {
        using LanguageModel target = TinyLlama.Create(TinyLlama.Config with { Block = new BlockSpec { Activation = Activation.GeluTanh } });

        HyperDasException error = Assert.Throws<HyperDasException>(() => new HyperDasInterpreter(target, s_adapted, seed: 1));

        Assert.Equal("OptionInvalid", error.ErrorId);
        Assert.Contains("because of the activation GeluTanh", error.Message, StringComparison.Ordinal);
        new HyperDasInterpreter(target, s_narrow, seed: 1).Dispose();
    }

    [Fact]
    public void It_says_what_its_blocks_are()
    {
        using LanguageModel target = TinyLlama.Create();

        Assert.Equal("the target's own first 2 blocks, with adapters of rank 3", HyperDasInterpreter.StartOf(target, s_adapted));
        Assert.Equal("random weights of width 12, as specified", HyperDasInterpreter.StartOf(target, s_narrow));
        Assert.True(HyperDasInterpreter.StartsAsAsked(target, s_narrow) && HyperDasInterpreter.StartsAsAsked(target, s_adapted));
    }

    [Fact]
    public void With_the_target_gone_it_proposes_nothing()
    {
        LanguageModel target = TinyLlama.Create();
        using HyperDasInterpreter interpreter = new(target, s_adapted, seed: 1);
        using ActivationCache cache = interpreter.CreateCache();
        InterchangeBatch batch = new InterchangeBatchBuilder(target, cache, interpreter.Layer).Build(s_examples);
        target.Dispose();

        Assert.Equal("ModelDisposed", Assert.Throws<HyperDasException>(() => interpreter.Propose(batch)).ErrorId);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    // Every parameter of the first that the second has, too.
    private static void Take(Dictionary<string, Tensor> from, Dictionary<string, Tensor> to)
    {
        foreach (string name in from.Keys.Where(to.ContainsKey))
        {
            to[name].copy_(from[name]);
        }
    }

    private static IEnumerable<(string Name, string[] Parts, WeightRole[] Roles)> Adapters(IEnumerable<string> names)
    {
        foreach (string name in names.Where(n => n.EndsWith(".lora_A.weight", StringComparison.Ordinal))
            .Select(n => n[..^".lora_A.weight".Length]))
        {
            string place = name[..name.LastIndexOf('.')];
            (string Part, WeightRole Role)[] parts = name[(place.Length + 1)..] switch
            {
                "qkv_proj" => [("q_proj", WeightRole.Query), ("k_proj", WeightRole.Key), ("v_proj", WeightRole.Value)],
                "kv_proj" => [("k_proj", WeightRole.Key), ("v_proj", WeightRole.Value)],
                "gate_up_proj" => [("gate_proj", WeightRole.Gate), ("up_proj", WeightRole.Up)],
                "q_proj" => [("q_proj", WeightRole.Query)],
                "o_proj" => [("o_proj", WeightRole.Output)],
                _ => [("down_proj", WeightRole.Down)],
            };
            yield return (name, [.. parts.Select(p => $"{place}.{p.Part}.weight")], [.. parts.Select(p => p.Role)]);
        }
    }

    private static Tensor Backward(HyperDasInterpreter interpreter, out Tensor weights)
    {
        using ActivationCache cache = interpreter.CreateCache();
        InterchangeBatch batch = new InterchangeBatchBuilder(interpreter.Target, cache, interpreter.Layer).Build(s_examples);
        Patch patch = interpreter.Propose(batch);
        Tensor logits = interpreter.LabelLogits(batch, Interpreter.Edit(batch, patch, SelectionMode.Soft));
        interpreter.Parameters.ClearGradients();
        Engine.Numerics.Kernels.OwnGradient.Backward(logits.square().mean() + patch.Weights.square().sum());
        weights = patch.Weights;
        return logits;
    }

    private static byte[] Weights(LanguageModel model) => [.. model.NamedWeights.SelectMany(w => w.Value.contiguous().bytes.ToArray())];
}
