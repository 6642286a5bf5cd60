using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Numerics.Kernels;
using HyperDas.Engine.Tests.Golden;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.LanguageModels;

public class LanguageModelTests
{
    private static readonly int[][] s_prompts = [[48, 1, 2, 3, 4], [48, 9], [48, 30, 31, 7]];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_prompt_in_a_padded_batch_gives_what_it_gives_alone(bool left)
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel model = TinyLlama.Create();
        (Tensor ids, Tensor mask) = TinyLlama.Batch(left, s_prompts);

        Tensor together = TinyLlama.Run(model, ids, mask);

        for (int n = 0; n < s_prompts.Length; n++)
        {
            (Tensor one, Tensor ones) = TinyLlama.Batch(left, s_prompts[n]);
            GoldenCase.AssertClose(TinyLlama.Run(model, one, ones)[0], together[n][mask[n].to_type(ScalarType.Bool)], 1e-5, $"prompt {n}");
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Rows_that_hold_nothing_but_padding_stay_finite(ScalarType dtype)
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel model = TinyLlama.Create(dtype: dtype);
        (Tensor ids, Tensor mask) = TinyLlama.Batch(left: true, [1, 2, 3], []);

        Tensor logits = model.Logits(TinyLlama.Run(model, ids, mask));

        Assert.True(logits.isfinite().all().item<bool>());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Going_on_from_a_hidden_state_ends_where_the_whole_run_ends(int layer)
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel model = TinyLlama.Create();
        (Tensor ids, Tensor mask) = TinyLlama.Batch(left: false, s_prompts);
        BlockContext context = model.CreateContext(mask);

        Tensor middle = model.RunBlocks(model.Embed(ids, context), 0, layer, context);

        GoldenCase.AssertClose(TinyLlama.Run(model, ids, mask), model.RunBlocks(middle, layer, model.BlockCount, context), 1e-6);
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1e-5)]
    [InlineData(ScalarType.BFloat16, 0.05)]
    public void Some_columns_alone_are_those_of_a_whole_pass(ScalarType dtype, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel model = TinyLlama.Create(dtype: dtype);
        foreach (bool left in new[] { false, true })
        {
            (Tensor ids, Tensor mask) = TinyLlama.Batch(left, [48, 1, 2, 3, 4], [48, 9, 5], [7, 8, 30, 31, 33]);
            BlockContext context = model.CreateContext(mask);
            Tensor columns = tensor(new long[] { 4, 2, 2, 2, 2, 2, 3, 0, 4 }).view(3, 3);
            for (int from = 0; from <= model.BlockCount; from++)
            {
                Tensor hidden = model.RunBlocks(model.Embed(ids, context), 0, from, context);
                Tensor whole = model.RunBlocks(hidden, from, model.BlockCount, context);

                Tensor some = model.RunBlocksAt(hidden, from, context, columns);

                for (int n = 0; n < 3; n++)
                {
                    GoldenCase.AssertClose(
                        whole[n].index_select(0, columns[n]), some[n], tolerance, $"from block {from}, row {n}, left padding {left}");
                }
            }
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1e-5)]
    [InlineData(ScalarType.BFloat16, 0.03)]
    public void Columns_that_need_no_gradient_change_neither_values_nor_the_gradients_of_the_others(ScalarType dtype, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel model = TinyLlama.Create(dtype: dtype);
        (Tensor ids, Tensor mask) = TinyLlama.Batch(left: false, [48, 1, 2, 3, 4], [48, 9, 5], [7, 8, 30, 31, 33]);
        BlockContext context = model.CreateContext(mask);
        Tensor columns = tensor(new long[] { 4, 2, 1, 2, 3, 4 }).view(3, 2);
        for (int from = 0; from <= model.BlockCount; from++)
        {
            Tensor start = model.RunBlocks(model.Embed(ids, context), 0, from, context).detach();
            (Tensor expected, Tensor whole) = Run(0);
            for (long fixedColumns = 1; fixedColumns <= 5; fixedColumns++)
            {
                (Tensor found, Tensor gradient) = Run(fixedColumns);

                GoldenCase.AssertClose(expected, found, tolerance, $"from block {from}, {fixedColumns} columns");
                GoldenCase.AssertClose(
                    whole.narrow(1, fixedColumns, 5 - fixedColumns), gradient.narrow(1, fixedColumns, 5 - fixedColumns),
                    tolerance * Math.Max(1, whole.abs().max().to_type(ScalarType.Float32).item<float>()),
                    $"gradient from block {from}, {fixedColumns} columns");
            }

            (Tensor Value, Tensor Gradient) Run(long fixedColumns)
            {
                Tensor hidden = start.clone().requires_grad_();
                Tensor some = model.RunBlocksAt(hidden, from, context, columns, fixedColumns);
                some.to_type(ScalarType.Float32).square().sum().backward();
                return (some, hidden.grad!);
            }
        }
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Texts_without_padding_change_neither_values_nor_gradients(bool recompute)
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel model = TinyLlama.Create(TinyLlama.Config with { HeadWidth = 16 });
        int[][] texts = [[48, 1, 2, 3, 4, 7, 9], [48, 9, 5], [7, 8, 30, 31, 33]];
        (Tensor ids, Tensor mask) = TinyLlama.Batch(left: false, texts);
        BlockContext context = model.CreateContext(mask);
        TokenPacking packing = new(texts.Select(t => t.Length));
        Assert.Equal(SmallProduct.IsSupported, context.CanPack(packing, model.Config.HeadWidth));
        Skip.IfNot(SmallProduct.IsSupported);
        BlockContext packed = context.Pack(packing);
        Tensor columns = tensor(new long[] { 6, 2, 1, 2, 3, 4 }).view(3, 2);
        for (int from = 0; from <= model.BlockCount; from++)
        {
            Tensor start = model.RunBlocks(model.Embed(ids, context), 0, from, context).detach();
            (Tensor expected, Tensor whole) = Run(null);
            (Tensor found, Tensor gradient) = Run(packed);

            GoldenCase.AssertClose(expected, found, 1e-5, $"from block {from}");
            GoldenCase.AssertClose(
                whole, gradient, 1e-5 * Math.Max(1, whole.abs().max().item<float>()), $"gradient from block {from}");

            (Tensor Value, Tensor Gradient) Run(BlockContext? without)
            {
                Tensor hidden = start.clone().requires_grad_();
                Tensor some = model.RunBlocksAt(hidden, from, context, columns, 0, recompute, without);
                OwnGradient.Backward(some.square().sum());
                return (some, hidden.grad!);
            }
        }
    }

    [Fact]
    public void Columns_that_need_no_gradient_get_none_where_blocks_are_saved_by_it()
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel model = TinyLlama.Create();
        (Tensor ids, Tensor mask) = TinyLlama.Batch(left: false, [48, 1, 2, 3, 4]);
        BlockContext context = model.CreateContext(mask);
        Tensor hidden = model.Embed(ids, context).detach().requires_grad_();

        model.RunBlocksAt(hidden, 0, context, tensor(new long[] { 4 }).view(1, 1), fixedColumns: 2).sum().backward();

        Assert.Equal(0, hidden.grad!.narrow(1, 0, 2).abs().max().item<float>());
        Assert.NotEqual(0, hidden.grad!.narrow(1, 2, 3).abs().min().item<float>());
    }

    [Fact]
    public void Columns_of_blocks_that_do_not_exist_are_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel model = TinyLlama.Create();
        (Tensor ids, Tensor mask) = TinyLlama.Batch(left: false, [48, 1]);
        BlockContext context = model.CreateContext(mask);

        HyperDasException error = Assert.Throws<HyperDasException>(() =>
            model.RunBlocksAt(model.Embed(ids, context), model.BlockCount + 1, context, zeros(1, 1, ScalarType.Int64)));

        Assert.Equal("LayerInvalid", error.ErrorId);
    }

    [Fact]
    public void Hidden_states_end_with_the_normalised_output_of_the_last_block()
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel model = TinyLlama.Create();
        (Tensor ids, Tensor mask) = TinyLlama.Batch(left: true, s_prompts);

        IReadOnlyList<Tensor> states = model.HiddenStates(ids, mask);

        Assert.Equal(4, states.Count);
        GoldenCase.AssertClose(model.Embed(ids, model.CreateContext(mask)), states[0], 0);
        GoldenCase.AssertClose(model.FinalNorm(TinyLlama.Run(model, ids, mask)), states[3], 1e-6);
        Assert.Equal(3, model.HiddenStates(ids, mask, upTo: 2).Count);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void The_gradient_reaches_the_hidden_state_and_is_right(int keyValueHeads)
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel model = TinyLlama.Create(TinyLlama.Config with { KeyValueHeadCount = keyValueHeads });
        (Tensor ids, Tensor mask) = TinyLlama.Batch(left: true, s_prompts);
        BlockContext context = model.CreateContext(mask);
        Tensor hidden = model.Embed(ids, context).detach().requires_grad_();
        Tensor direction = randn(hidden.shape, generator: new Generator(3, CPU)) * mask.unsqueeze(-1);
        Tensor Score(Tensor h) => (model.Logits(model.RunBlocks(h, 1, 3, context)) * mask.unsqueeze(-1)).square().sum();

        Score(hidden).backward();

        const double Step = 1e-3;
        double slope = (Score(hidden.detach() + direction * Step) - Score(hidden.detach() - direction * Step)).item<float>() / (2 * Step);
        double predicted = (hidden.grad! * direction).sum().item<float>();
        Assert.Equal(slope, predicted, Math.Abs(slope) * 1e-2);
    }

    [Fact]
    public void Weights_are_frozen()
    {
        using LanguageModel model = TinyLlama.Create();

        Assert.All(model.NamedWeights, w => Assert.False(w.Value.requires_grad));
    }

    [Fact]
    public void The_named_parts_of_a_block_are_the_weights_that_went_in()
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel model = TinyLlama.Create();
        Dictionary<string, Tensor> weights = TinyLlama.Weights(TinyLlama.Config);

        Assert.Equal(weights.Keys.Order(), model.NamedWeights.Select(w => w.Key).Order());
        Assert.All(model.NamedWeights, w => GoldenCase.AssertClose(weights[w.Key], w.Value, 0, w.Key));
        GoldenCase.AssertClose(weights["model.layers.1.self_attn.v_proj.weight"], model.Blocks[1][WeightRole.Value], 0);
        GoldenCase.AssertClose(weights["model.layers.2.mlp.up_proj.weight"], model.Blocks[2][WeightRole.Up], 0);
        Assert.Equal(weights.Values.Sum(w => w.numel()), model.ParameterCount);
    }

    [Fact]
    public void Bfloat16_is_close_to_float32_both_forward_and_backward()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor ids, Tensor mask) = TinyLlama.Batch(left: false, s_prompts);
        (Tensor logits, Tensor gradient) = LogitsAndGradient(ScalarType.Float32);

        (Tensor coarseLogits, Tensor coarseGradient) = LogitsAndGradient(ScalarType.BFloat16);

        Assert.Equal(ScalarType.Float32, coarseLogits.dtype);
        Assert.InRange(Cosine(logits, coarseLogits), 0.999, 1.0001);
        Assert.InRange(Cosine(gradient, coarseGradient), 0.99, 1.0001);

        (Tensor, Tensor) LogitsAndGradient(ScalarType dtype)
        {
            using LanguageModel model = TinyLlama.Create(dtype: dtype);
            BlockContext context = model.CreateContext(mask);
            Tensor hidden = model.Embed(ids, context).detach().requires_grad_();
            Tensor result = model.Logits(model.RunBlocks(hidden, 0, 3, context));
            Tensor real = result[mask.to_type(ScalarType.Bool)];
            real.square().sum().backward();
            return (real.detach(), hidden.grad!.to_type(ScalarType.Float32));
        }
        static double Cosine(Tensor a, Tensor b) => nn.functional.cosine_similarity(a.reshape(1, -1), b.reshape(1, -1)).item<float>();
    }

    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    public void Weights_that_are_widened_in_each_product_compute_what_wide_weights_do(ScalarType held)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor ids, Tensor mask) = TinyLlama.Batch(left: false, s_prompts);
        using LanguageModel narrow = TinyLlama.Create(dtype: held, computed: ModelDtype.Float32);
        using LanguageModel wide = LanguageModel.FromWeights(
            TinyLlama.Config, TinyLlama.Weights(TinyLlama.Config, held)
                .ToDictionary(w => w.Key, w => w.Value.to_type(ScalarType.Float32)), "wide");

        foreach ((Tensor expected, Tensor found) in Computed(wide).Zip(Computed(narrow)))
        {
            Assert.Equal(ScalarType.Float32, found.dtype);
            GoldenCase.AssertClose(expected, found, 1e-5 * expected.abs().max().item<float>());
        }
        Assert.Equal(
            TextGenerator.Generate(wide, s_prompts, new GenerationOptions { MaxNewTokens = 4 }),
            TextGenerator.Generate(narrow, s_prompts, new GenerationOptions { MaxNewTokens = 4 }));
        Assert.Equal((wide.Fingerprint, ModelDtype.Float32, held),
            (narrow.Fingerprint, narrow.ComputeDtype, narrow.NamedWeights.First().Value.dtype));

        // Logits, those of some columns, and the gradient of a hidden state.
        Tensor[] Computed(LanguageModel model)
        {
            BlockContext context = model.CreateContext(mask);
            Tensor hidden = model.RunBlocks(model.Embed(ids, context), 0, 1, context).detach().requires_grad_();
            Tensor logits = model.Logits(model.RunBlocks(hidden, 1, 3, context)), columns = zeros([ids.shape[0], 2], ScalarType.Int64) + 1;
            Tensor some = model.RunBlocksAt(hidden, 1, context, columns);
            OwnGradient.Backward(logits[mask.to_type(ScalarType.Bool)].square().sum() + some.sum());
            return [logits.detach(), some.detach(), hidden.grad!];
        }
    }

    [Fact]
    public void Logits_of_selected_rows_are_rows_of_all_logits()
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel model = TinyLlama.Create(TinyLlama.Config with { TiedHead = true });
        (Tensor ids, Tensor mask) = TinyLlama.Batch(left: false, s_prompts);
        Tensor last = TinyLlama.Run(model, ids, mask);
        Tensor rows = tensor(new long[] { 3, 7 });

        Tensor some = model.Logits(last.view(-1, model.HiddenSize).index_select(0, rows));

        GoldenCase.AssertClose(model.Logits(last).view(-1, model.VocabularySize).index_select(0, rows), some, 1e-6);
    }

    [Fact]
    public void A_further_restriction_hides_columns_from_a_token_but_never_itself()
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel model = TinyLlama.Create();
        (Tensor ids, Tensor mask) = TinyLlama.Batch(left: false, [48, 5, 6]);
        (Tensor without, Tensor _) = TinyLlama.Batch(left: false, [48, 7, 6]);
        Tensor nothing = zeros([1, 3, 3], ScalarType.Bool);
        BlockContext alone = model.CreateContext(mask, visible: nothing);

        Tensor last = model.RunBlocks(model.Embed(ids, alone), 0, 3, alone)[0, 2];

        GoldenCase.AssertClose(model.RunBlocks(model.Embed(without, alone), 0, 3, alone)[0, 2], last, 0);
        Assert.True((TinyLlama.Run(model, ids, mask)[0, 2] - last).abs().max().item<float>() > 1e-3);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(50)]
    public void A_token_id_outside_the_vocabulary_is_refused(int id)
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel model = TinyLlama.Create();
        BlockContext context = model.CreateContext(ones(1, 2, ScalarType.Int64));

        HyperDasException error = Assert.Throws<HyperDasException>(() => model.Embed(tensor(new long[,] { { 1, id } }), context));

        Assert.Equal("TokenIdInvalid", error.ErrorId);
        Assert.Contains(id.ToString(), error.Message);
    }

    [Theory]
    [InlineData(-1, 2)]
    [InlineData(0, 4)]
    [InlineData(2, 1)]
    public void Blocks_that_are_not_there_are_refused(int from, int to)
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel model = TinyLlama.Create();
        (Tensor ids, Tensor mask) = TinyLlama.Batch(left: false, s_prompts);
        BlockContext context = model.CreateContext(mask);
        Tensor hidden = model.Embed(ids, context);

        Assert.Equal("LayerInvalid", Assert.Throws<HyperDasException>(() => model.RunBlocks(hidden, from, to, context)).ErrorId);
    }

    [Fact]
    public void A_disposed_model_says_so()
    {
        using DisposeScope scope = NewDisposeScope();
        LanguageModel model = TinyLlama.Create();
        BlockContext context = model.CreateContext(ones(1, 1, ScalarType.Int64));
        model.Dispose();

        Assert.Equal(
            "ModelDisposed", Assert.Throws<HyperDasException>(() => model.Embed(zeros([1, 1], ScalarType.Int64), context)).ErrorId);
        Assert.Equal("ModelDisposed", Assert.Throws<HyperDasException>(() => model.Logits(zeros([1, 16]))).ErrorId);
        Assert.Equal(
            "ModelDisposed", Assert.Throws<HyperDasException>(() => TextGenerator.Generate(model, [[1]], new GenerationOptions())).ErrorId);
    }

    [Theory]
    [InlineData(ScalarType.Float32, ModelDtype.Float32)]
    [InlineData(ScalarType.BFloat16, ModelDtype.BFloat16)]
    [InlineData(ScalarType.BFloat16, ModelDtype.Float32)]
    public void Nothing_is_left_behind_by_passes_or_by_the_model(ScalarType dtype, ModelDtype computed)
    {
        long before = LiveTensors.Settle();
        using (LanguageModel model = TinyLlama.Create(dtype: dtype, computed: computed))
        {
            long loaded = Tensor.TotalCount;
            for (int i = 0; i < 20; i++)
            {
                using DisposeScope scope = NewDisposeScope();
                (Tensor ids, Tensor mask) = TinyLlama.Batch(left: true, s_prompts);
                Tensor hidden = model.HiddenStates(ids, mask)[1].requires_grad_();
                OwnGradient.Backward(model.Logits(model.RunBlocks(hidden, 1, 3, model.CreateContext(mask))).sum());
                TextGenerator.Generate(model, s_prompts, new GenerationOptions { MaxNewTokens = 3, Temperature = 1, TopP = 0.9, TopK = 5 });
            }
            Assert.Equal(loaded, Tensor.TotalCount);
        }
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void A_context_can_outlive_its_scope_until_it_is_disposed()
    {
        long before = LiveTensors.Settle();
        using LanguageModel model = TinyLlama.Create();
        long loaded = Tensor.TotalCount;
        BlockContext context;
        using (DisposeScope scope = NewDisposeScope())
        {
            context = model.CreateContext(ones([2, 3], ScalarType.Int64)).DetachFromDisposeScope();
        }
        Assert.True(Tensor.TotalCount > loaded);

        context.Dispose();

        Assert.Equal(loaded, Tensor.TotalCount);
    }
}
