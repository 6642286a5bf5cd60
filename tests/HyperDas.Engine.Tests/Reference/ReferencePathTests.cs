using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Golden;
using HyperDas.Reference;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Reference;

/// <summary>
/// The engine's shortcuts change no number: everything equals the original's long way round
/// (docs/methods.md#the-original-computed-the-long-way).
/// </summary>
public class ReferencePathTests
{
    private static readonly (SubspaceKind Kind, int Reflections)[] s_subspaces =
    [
        (SubspaceKind.None, 1), (SubspaceKind.Householder, 1), (SubspaceKind.Householder, 3), (SubspaceKind.LowRank, 1),
        (SubspaceKind.Mask, 1), (SubspaceKind.Boundless, 1),
    ];

    /// <summary>
    /// Every subspace, both readings of the prompts, the first, a middle and the last layer, the project's options and the original's.
    /// </summary>
    public static TheoryData<SubspaceKind, int, StackDepth, int, bool> Interpreters()
    {
        TheoryData<SubspaceKind, int, StackDepth, int, bool> data = [];
        foreach ((SubspaceKind kind, int reflections) in s_subspaces)
        {
            foreach (StackDepth reads in Enum.GetValues<StackDepth>())
            {
                foreach (int layer in new[] { 1, 2, 3 })
                {
                    data.Add(kind, reflections, reads, layer, false);
                    data.Add(kind, reflections, reads, layer, true);
                }
            }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Interpreters))]
    public void Weights_logits_losses_gradients_and_every_mode_are_those_of_the_reference_path(
        SubspaceKind kind, int reflections, StackDepth reads, int layer, bool faithful)
    {
        using BothPaths paths = new(Options(kind, reflections, reads, layer, faithful), RandomExamples.Create(5));

        paths.AssertEqual();
        foreach (SelectionMode mode in Enum.GetValues<SelectionMode>())
        {
            paths.AssertEqual(mode);
        }

        Assert.True(paths.Effect() > 0.05, "the patch should do something");
    }

    [Fact]
    public void Without_a_subspace_the_embeddings_can_be_patched()
    {
        using BothPaths paths = new(
            Options(SubspaceKind.None, 1, StackDepth.AllLayers, layer: 0, faithful: false), RandomExamples.Create(5));

        paths.AssertEqual();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_batch_of_one_is_no_special_case(bool faithful)
    {
        for (int n = 0; n < 4; n++)
        {
            using BothPaths paths = new(
                Options(SubspaceKind.Householder, 3, StackDepth.AllLayers, 2, faithful), RandomExamples.Create(1, seed: 10 + n));

            paths.AssertEqual();
        }
    }

    [Theory]
    [InlineData(4, false)]
    [InlineData(4, true)]
    [InlineData(16, true)]
    public void Lengths_rounded_up_change_nothing(int multiple, bool faithful)
    {
        using BothPaths paths = new(
            Options(SubspaceKind.Householder, 3, StackDepth.AllLayers, 2, faithful), RandomExamples.Create(5), multiple: multiple);

        paths.AssertEqual();
        paths.AssertEqual(SelectionMode.OneToOne);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Instructions_of_one_length_see_themselves_whole_where_the_originals_do(int multiple)
    {
        HypernetworkOptions options = Options(SubspaceKind.Householder, 1, StackDepth.AllLayers, 2, faithful: true);
        using BothPaths paths = new(options, RandomExamples.Create(5, instruction: 3), multiple: multiple);

        paths.AssertEqual();
    }

    [Theory]
    [InlineData(StackDepth.AllLayers)]
    [InlineData(StackDepth.InterventionLayer)]
    public void Padding_on_the_left_gives_the_same_as_on_the_right(StackDepth reads)
    {
        using BothPaths paths = new(
            Options(SubspaceKind.Householder, 3, reads, 2, faithful: false), RandomExamples.Create(5), PaddingSide.Left);

        paths.AssertEqual();
        paths.AssertEqual(SelectionMode.GroundTruth);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Attentions_can_be_left_out(bool source, bool @base)
    {
        HypernetworkOptions options = Options(SubspaceKind.Mask, 1, StackDepth.AllLayers, 2, faithful: false);
        using BothPaths paths = new(options with { AblateSourceAttention = source, AblateBaseAttention = @base }, RandomExamples.Create(5));

        paths.AssertEqual();
    }

    [Theory]
    [InlineData(StackDepth.AllLayers)]
    [InlineData(StackDepth.InterventionLayer)]
    public void Bilinear_scores_are_those_of_every_pair_by_itself(StackDepth reads)
    {
        HypernetworkOptions options = Options(
            SubspaceKind.Householder, 3, reads, 2, faithful: false) with { Selection = SelectionScore.Bilinear };
        using BothPaths paths = new(options, RandomExamples.Create(5), multiple: 4);

        paths.AssertEqual();
        paths.AssertEqual(SelectionMode.OneToOne);
    }

    [Fact]
    public void Prompts_that_are_visible_whole_or_hardly_at_all_are_no_special_case()
    {
        TokenizedExample[] examples =
        [
            .. RandomExamples.Create(4).Select(e => e with { BaseVisible = e.PromptLength, SourceVisible = e.SourceIds.Length }),
            .. RandomExamples.Create(4, seed: 2)
                .Select(e => e with { BaseVisible = 1, BaseEntityIndex = 0, SourceVisible = 1, SourceEntityIndex = 0 }),
        ];
        using BothPaths paths = new(Options(SubspaceKind.Householder, 3, StackDepth.AllLayers, 2, faithful: false), examples);

        paths.AssertEqual();
        paths.AssertEqual(SelectionMode.OneToMany);
    }

    [Theory]
    [InlineData("hyperdas_reflect")]
    [InlineData("hyperdas_reflect_lastlayer")]
    [InlineData("hyperdas_das")]
    [InlineData("hyperdas_mask")]
    [InlineData("hyperdas_boundless")]
    [InlineData("hyperdas_none_layer0")]
    [InlineData("hyperdas_ablate_base")]
    [InlineData("hyperdas_quirk_sdpa_nopad")]
    public void The_reference_path_itself_gives_the_originals_numbers(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using GoldenHyperDas golden = new(name);
        using ReferencePath reference = new(golden.Interpreter);
        ReferenceBatch batch = ReferenceBatch.Of(golden.Examples(), PaddingSide.Left, CPU);

        ReferenceOutcome outcome = reference.Forward(batch, SelectionMode.Soft, 3.5, 0.5);
        (outcome.Prediction + (outcome.Sparsity * golden.Scalars.GetProperty("sparsity_weight").GetDouble())).backward();

        GoldenCase.AssertClose(golden.Case["out/intervention_weight"], outcome.Weights, 1e-5, "selection weights");
        GoldenCase.AssertCloseWhere(golden.Case["in/base_attention_mask"], golden.Case["out/logits"], outcome.Logits, 1e-4, "logits");
        Assert.Equal(golden.Scalars.GetProperty("prediction_loss").GetDouble(), outcome.Prediction.item<float>(), 1e-5);
        Assert.Equal(golden.Scalars.GetProperty("source_selection_loss").GetDouble(), outcome.Sparsity.item<float>(), 1e-5);
        foreach (string parameter in reference.Parameters.Trained)
        {
            Tensor expected = golden.Case[$"grad/{parameter}"], gradient = reference.Parameters[parameter].grad ?? zeros_like(expected);
            GoldenCase.AssertWithin(expected, gradient, (1e-4 * expected.abs().max().item<float>()) + 1e-8, $"gradient of {parameter}");
        }
    }

    private static HypernetworkOptions Options(SubspaceKind kind, int reflections, StackDepth reads, int layer, bool faithful)
    {
        HypernetworkOptions options = new() { Layer = layer, Subspace = kind };
        return (faithful ? options.Faithful() : options) with { Reflections = reflections, Reads = reads };
    }
}
