using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.Das;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Golden;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Methods.Fixed;

/// <summary>Edits that must change nothing or everything, and what all methods with a fixed position share.</summary>
public sealed class FixedPositionInterpreterTests : IDisposable
{
    private static readonly ConceptKey s_country = FixedExamples.Country, s_language = FixedExamples.Language;
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly LanguageModel _target = FixedExamples.Target();

    [Fact]
    public void Das_with_all_dimensions_is_a_full_swap_of_the_entity_token()
    {
        using FixedPositionInterpreter das = Das(_target.HiddenSize);
        InterchangeBatch batch = FixedExamples.Batch(das, FixedExamples.Tokens(s_country, s_language, s_country));

        GoldenCase.AssertClose(FixedExamples.Swapped(_target, batch), FixedExamples.Edited(das, batch), 1e-5);
    }

    [Fact]
    public void Dbm_with_every_mask_above_zero_is_a_full_swap_and_with_none_it_does_nothing()
    {
        using FixedPositionInterpreter dbm = (FixedPositionInterpreter)MethodCatalog.Create(
            _target, new DbmOptions { Layer = FixedExamples.Layer }, FixedExamples.Concepts, seed: 1);
        InterchangeBatch batch = FixedExamples.Batch(dbm, FixedExamples.Tokens(s_country, s_language));

        Assert.Equal(batch.BaseHidden.bytes.ToArray(), FixedExamples.Edited(dbm, batch).bytes.ToArray());
        Assert.Equal(0, dbm.FeatureDimension);
        dbm.Parameters.Restore((_, shape) => full(shape, 0.1f));

        GoldenCase.AssertClose(FixedExamples.Swapped(_target, batch), FixedExamples.Edited(dbm, batch), 1e-6);
        Assert.Equal(_target.HiddenSize, dbm.FeatureDimension);
    }

    [Fact]
    public void Dbm_is_soft_in_training_and_hard_at_evaluation()
    {
        using FixedPositionInterpreter dbm = (FixedPositionInterpreter)MethodCatalog.Create(
            _target, new DbmOptions { Layer = FixedExamples.Layer }, [s_country], seed: 1);
        dbm.Parameters.Restore((_, shape) => arange(shape[0], ScalarType.Float32) - 7.5f);
        dbm.SetTemperature(2);
        InterchangeBatch batch = FixedExamples.Batch(dbm, FixedExamples.Tokens(s_country));
        Tensor present = batch.BaseHidden[0, 2], source = batch.SourceHidden[0, 2], m = arange(16, ScalarType.Float32) - 7.5f;

        Tensor soft = Interpreter.Edit(batch, dbm.Propose(batch, new Random(1)), SelectionMode.Soft);

        GoldenCase.AssertClose(present + ((m / 2).sigmoid() * (source - present)), soft[0, 2], 1e-6, "in training");
        GoldenCase.AssertClose(where(m > 0, source, present), FixedExamples.Edited(dbm, batch)[0, 2], 1e-6, "at evaluation");
        Assert.Null(dbm.Penalty());
    }

    [Fact]
    public void Dbm_is_charged_for_each_open_dimension()
    {
        using FixedPositionInterpreter dbm = (FixedPositionInterpreter)MethodCatalog.Create(
            _target, new DbmOptions { Layer = FixedExamples.Layer, MaskPenalty = 0.5 }, FixedExamples.Concepts, seed: 1);

        // Two concepts of 16 dimensions, every gate σ(0).
        Assert.Equal(0.5 * 2 * 16 * 0.5, dbm.Penalty()!.item<float>(), 1e-5);
    }

    [Fact]
    public void A_source_equal_to_the_base_changes_nothing()
    {
        using FixedPositionInterpreter das = Das(5);
        TokenizedExample same = FixedExamples.Tokens(s_country)[0];
        same = same with
        {
            SourceIds = same.BaseIds[..same.PromptLength], SourceVisible = same.BaseVisible, SourceEntityIndex = same.BaseEntityIndex
        };
        InterchangeBatch batch = FixedExamples.Batch(das, [same]);

        GoldenCase.AssertClose(batch.BaseHidden, FixedExamples.Edited(das, batch), 1e-5);
    }

    [Fact]
    public void Only_the_entity_token_changes_bit_by_bit()
    {
        using FixedPositionInterpreter das = Das(5);
        TokenizedExample[] examples = FixedExamples.Tokens(s_country, s_language, s_country);
        InterchangeBatch batch = FixedExamples.Batch(das, examples);

        Tensor edited = FixedExamples.Edited(das, batch);

        for (int n = 0; n < examples.Length; n++)
        {
            long[] changed = (edited[n] != batch.BaseHidden[n]).any(1).nonzero().view(-1).data<long>().ToArray();
            Assert.Equal([examples[n].BaseEntityIndex], changed);
        }
    }

    [Fact]
    public void Every_example_of_a_mixed_batch_gets_its_own_concepts_subspace()
    {
        using FixedPositionInterpreter das = Das(5);
        TokenizedExample[] examples = FixedExamples.Tokens(s_language, s_country, s_language, s_country);
        Tensor together = FixedExamples.Edited(das, FixedExamples.Batch(das, examples));

        for (int n = 0; n < examples.Length; n++)
        {
            Tensor alone = FixedExamples.Edited(das, FixedExamples.Batch(das, [examples[n]]))[0];
            GoldenCase.AssertClose(alone, together[n].narrow(0, 0, alone.shape[0]), 1e-5, $"example {n}");
            Tensor other = FixedExamples.Edited(
                das, FixedExamples.Batch(das, [examples[n] with { Concept = n % 2 == 0 ? s_country : s_language }]))[0];
            Assert.NotEqual(alone[examples[n].BaseEntityIndex].bytes.ToArray(), other[examples[n].BaseEntityIndex].bytes.ToArray());
        }
    }

    [Theory]
    [InlineData(SelectionMode.OneToMany)]
    [InlineData(SelectionMode.OneToOne)]
    [InlineData(SelectionMode.Global)]
    [InlineData(SelectionMode.GroundTruth)]
    public void Every_selection_mode_gives_the_same_edit(SelectionMode mode)
    {
        using FixedPositionInterpreter das = Das(5);
        InterchangeBatch batch = FixedExamples.Batch(das, FixedExamples.Tokens(s_country, s_language));

        GoldenCase.AssertClose(FixedExamples.Edited(das, batch), FixedExamples.Edited(das, batch, mode), 0);
    }

    [Fact]
    public void A_basis_stays_orthonormal_through_a_hundred_steps()
    {
        using FixedPositionInterpreter das = Das(5, s_country);
        using TrainingLoop loop = new(das, MethodOptions.TrainingOf(InterpreterMethod.Das) with { RotationLearningRate = 0.05 }, 100);
        InterchangeBatch batch = FixedExamples.Batch(das, FixedExamples.Tokens(s_country, s_country));
        Tensor before = ((DasModule)das.Modules[0]).Basis().detach();
        double first = loop.Step(batch, 0).Loss, last = first;
        for (int step = 1; step < 100; step++)
        {
            last = loop.Step(batch, 0).Loss;
        }

        Tensor basis = ((DasModule)das.Modules[0]).Basis().detach();
        GoldenCase.AssertClose(eye(5), basis.transpose(0, 1).matmul(basis), 1e-5);
        Assert.True((basis - before).abs().max().item<float>() > 0.1, "the basis never moved");
        Assert.True(last < first, $"the loss went from {first} to {last}");
    }

    [Fact]
    public void Only_the_strict_lower_triangle_of_a_basis_gets_a_gradient()
    {
        using FixedPositionInterpreter das = Das(5, s_country);
        InterchangeBatch batch = FixedExamples.Batch(das, FixedExamples.Tokens(s_country));
        Losses.Prediction(das.LabelLogits(batch, Interpreter.Edit(batch, das.Propose(batch, new Random(1)), SelectionMode.Soft)),
            batch.Labels, null).backward();

        Tensor gradient = das.Parameters.Gradients()[0].Value;
        Assert.Equal(0, gradient.triu().abs().max().item<float>());
        Assert.True(gradient.tril(-1).abs().max().item<float>() > 0);
    }

    [Fact]
    public void A_concept_starts_the_same_whatever_else_is_learned()
    {
        using FixedPositionInterpreter both = Das(5), one = Das(5, s_language);

        GoldenCase.AssertClose(((DasModule)one.Modules[0]).Basis(), ((DasModule)both.Modules[1]).Basis(), 0);
    }

    [Fact]
    public void A_concept_that_was_not_learned_is_refused_by_name()
    {
        using FixedPositionInterpreter das = Das(5, s_country);
        InterchangeBatch batch = FixedExamples.Batch(das, FixedExamples.Tokens(s_language));

        HyperDasException error = Assert.Throws<HyperDasException>(() => das.Propose(batch));

        Assert.Equal("ConceptUnknown", error.ErrorId);
        Assert.Contains("'the country of a city'", error.Message);
    }

    [Fact]
    public void A_released_interpreter_still_says_how_many_dimensions_it_patched()
    {
        FixedPositionInterpreter dbm = (FixedPositionInterpreter)MethodCatalog.Create(
            _target, new DbmOptions { Layer = FixedExamples.Layer }, FixedExamples.Concepts, seed: 1);
        dbm.Parameters.Restore((_, shape) => arange(shape[0], ScalarType.Float32) - 12);
        dbm.Dispose();

        Assert.Equal(3, dbm.FeatureDimension);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    public void A_feature_dimension_without_room_is_refused(int k) =>
        Assert.Equal("OptionInvalid", Assert.Throws<HyperDasException>(() => Das(k)).ErrorId);

    [Fact]
    public void Bfloat16_hidden_states_stay_bfloat16()
    {
        using LanguageModel target = TinyLlama.Create(dtype: ScalarType.BFloat16);
        using FixedPositionInterpreter das = (FixedPositionInterpreter)MethodCatalog.Create(
            target, new DasOptions { Layer = FixedExamples.Layer, FeatureDimension = 16 }, [s_country], seed: 1);
        InterchangeBatch batch = FixedExamples.Batch(das, FixedExamples.Tokens(s_country));

        Tensor edited = FixedExamples.Edited(das, batch);

        Assert.Equal(ScalarType.BFloat16, edited.dtype);
        GoldenCase.AssertClose(batch.SourceHidden[0, 2], edited[0, 2], 0.05);
    }

    [Fact]
    public void Proposing_and_editing_leaves_no_tensor_behind()
    {
        using FixedPositionInterpreter das = Das(5);
        InterchangeBatch batch = FixedExamples.Batch(das, FixedExamples.Tokens(s_country, s_language));
        using (DisposeScope warmUp = NewDisposeScope())
        {
            FixedExamples.Edited(das, batch);
        }
        long before = LiveTensors.Settle();

        for (int i = 0; i < 3; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            FixedExamples.Edited(das, batch);
        }

        Assert.Equal(before, Tensor.TotalCount);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _target.Dispose();
    }

    private FixedPositionInterpreter Das(int k, params ConceptKey[] concepts) => (FixedPositionInterpreter)MethodCatalog.Create(
        _target, new DasOptions { Layer = FixedExamples.Layer, FeatureDimension = k }, concepts.Length == 0
            ? FixedExamples.Concepts
            : concepts, seed: 1);
}
