using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Tests.Methods.Fixed;
using Xunit;

namespace HyperDas.Engine.Tests.Methods;

public sealed class InterventionRunnerTests : IDisposable
{
    private static readonly InterventionRequest s_request = new("Vienna is", "In Paris is", "the country of a city");
    private readonly LanguageModel _target = FixedExamples.Target();

    [Fact]
    public void A_fixed_position_is_the_last_token_of_the_last_occurrence_of_each_entity()
    {
        using FixedPositionInterpreter das = Das();

        InterventionResult result = Run(das, new("Vienna or Vienna is", "In Paris is", "Country", "Vienna", "Paris"));

        TokenChoice choice = Assert.Single(result.ChosenTokens);
        // "<bos> Vien na ␣ o r ␣ Vien na ␣is": the second "na".
        Assert.Equal("na", choice.BaseToken);
        Assert.Equal(Array.LastIndexOf([.. result.BaseTokens], "na"), choice.BaseIndex);
        Assert.Equal("s", choice.SourceToken);
        Assert.Equal(1, choice.Weight);
    }

    [Fact]
    public void Weights_cover_both_prompts_and_each_column_sums_to_one()
    {
        using FixedPositionInterpreter das = Das();

        InterventionResult result = Run(das, s_request with { BaseEntity = "Vienna", CounterfactualEntity = "Paris" });

        Assert.Equal(result.SourceTokens.Count + 1, result.Weights.Length);
        Assert.All(result.Weights, row => Assert.Equal(result.BaseTokens.Count, row.Length));
        Assert.All(Enumerable.Range(0, result.BaseTokens.Count), j => Assert.Equal(1, result.Weights.Sum(row => row[j]), 1e-9));
    }

    [Fact]
    public void A_batch_gives_what_its_requests_give_alone()
    {
        using HyperDasInterpreter hyperDas = HyperDas();
        (InterventionRequest Request, SelectionMode Mode)[] asked =
        [
            (s_request, SelectionMode.Soft),
            (new("é", "In Paris is", "the country of a city"), SelectionMode.OneToOne),
            (new("Vienna or Vienna or Vienna is", "東京", "the language of a city"), SelectionMode.Soft),
            (new("Vienna or Paris is", "Paris", "x"), SelectionMode.Soft),
            (s_request with { BaseEntity = "Vienna", CounterfactualEntity = "Paris" }, SelectionMode.Soft),
        ];

        IReadOnlyList<InterventionResult> together = InterventionRunner.Run(
            hyperDas, [.. asked.Select(a => InterventionRunner.Prepare(hyperDas, a.Request, a.Mode))]);

        for (int n = 0; n < asked.Length; n++)
        {
            InterventionResult alone = InterventionRunner.Run(hyperDas, asked[n].Request, asked[n].Mode);
            Assert.Equal(alone.BasePrompt, together[n].BasePrompt);
            Assert.Equal(alone.SelectionMode, together[n].SelectionMode);
            Assert.Equal(alone.OriginalOutput, together[n].OriginalOutput);
            Assert.Equal(alone.IntervenedOutput, together[n].IntervenedOutput);
            Assert.Equal(alone.SourceTokens, together[n].SourceTokens);
            Assert.Equal(alone.Weights.Length, together[n].Weights.Length);
            Assert.All(alone.Weights.Zip(together[n].Weights), pair => Assert.All(
                pair.First.Zip(pair.Second), w => Assert.Equal(w.First, w.Second, 1e-5)));
        }
    }

    [Fact]
    public void Many_batches_leave_no_tensor_behind()
    {
        using HyperDasInterpreter hyperDas = HyperDas();
        PreparedIntervention[] requests =
        [
            .. new[] { "Vienna is", "é", "Vienna or Vienna is" }.Select(
                text => InterventionRunner.Prepare(hyperDas, s_request with { BasePrompt = text }, SelectionMode.OneToOne))
        ];
        InterventionRunner.Run(hyperDas, requests);
        long before = LiveTensors.Settle();

        for (int i = 0; i < 20; i++)
        {
            InterventionRunner.Run(hyperDas, requests);
        }

        Assert.Equal(before, TorchSharp.torch.Tensor.TotalCount);
    }

    [Fact]
    public void An_interpreter_in_use_keeps_its_target_model_too()
    {
        LanguageModel target = FixedExamples.Target();
        HyperDasInterpreter hyperDas = TinyInterpreter.Create(target);
        using (IDisposable use = hyperDas.Acquire())
        {
            target.Dispose();
            hyperDas.Dispose();

            Assert.Equal(
                "InterpreterDisposed", Assert.Throws<HyperDasException>(() => InterventionRunner.Run(hyperDas, s_request)).ErrorId);
            Assert.False(hyperDas.Parameters.State()[0].Value.IsInvalid);
        }
        Assert.Throws<HyperDasException>(() => hyperDas.Acquire());
    }

    [Fact]
    public void An_entity_may_end_its_prompt_and_be_in_any_script()
    {
        using FixedPositionInterpreter das = Das();

        InterventionResult result = Run(das, new("東京", "é", "the language of a city", "東京", "é"));

        Assert.Equal(result.BaseTokens.Count - 1, Assert.Single(result.ChosenTokens).BaseIndex);
    }

    [Fact]
    public void A_full_swap_in_generation_is_what_the_reference_does()
    {
        using FixedPositionInterpreter das = Das(k: _target.HiddenSize);
        using ReferenceInterpreter swap = new(_target, FixedExamples.Layer, ReferenceMethod.FullSwap);
        InterventionRequest request = s_request with { BaseEntity = "Vienna", CounterfactualEntity = "Paris" };

        Assert.Equal(Run(swap, request).IntervenedOutput, Run(das, request).IntervenedOutput);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("Vienna", null)]
    [InlineData(null, "Paris")]
    [InlineData("", "Paris")]
    public void Without_both_entities_a_fixed_position_is_refused(string? baseEntity, string? counterfactualEntity)
    {
        using FixedPositionInterpreter das = Das();

        Assert.Equal(
            "EntityMissing", Refused(das, s_request with { BaseEntity = baseEntity, CounterfactualEntity = counterfactualEntity }).ErrorId);
    }

    [Fact]
    public void Blanks_around_an_entity_are_not_the_entitys()
    {
        using FixedPositionInterpreter das = Das();

        PreparedIntervention plain = InterventionRunner.Prepare(
            das, s_request with { BaseEntity = "Vienna", CounterfactualEntity = "Paris" }, SelectionMode.Soft);
        PreparedIntervention blanks = InterventionRunner.Prepare(
            das, s_request with { BaseEntity = "Vienna ", CounterfactualEntity = " Paris" }, SelectionMode.Soft);

        Assert.Equal(plain.Tokens.BaseEntityIndex, blanks.Tokens.BaseEntityIndex);
        Assert.Equal(plain.Tokens.SourceEntityIndex, blanks.Tokens.SourceEntityIndex);
    }

    [Theory]
    [InlineData("Z\u00FCrich is in", "Z\u00FCrich", "Zu\u0308rich")]
    [InlineData("Zu\u0308rich is in", "Zu\u0308rich", "Z\u00FCrich")]
    [InlineData("Jose\u0301 is in", "Jose\u0301", " Jos\u00E9 ")]
    public void An_entity_in_another_Unicode_form_than_its_prompt_is_the_same_entity(string prompt, string own, string other)
    {
        using FixedPositionInterpreter das = Das();
        InterventionRequest request = s_request with { BasePrompt = prompt, CounterfactualEntity = "Paris" };

        PreparedIntervention alike = InterventionRunner.Prepare(das, request with { BaseEntity = own }, SelectionMode.Soft);
        PreparedIntervention odd = InterventionRunner.Prepare(das, request with { BaseEntity = other }, SelectionMode.Soft);

        Assert.Equal(alike.Tokens.BaseEntityIndex, odd.Tokens.BaseEntityIndex);
        Assert.Equal(alike.Tokens.BaseIds, odd.Tokens.BaseIds);
        Assert.NotEqual(0, odd.Tokens.BaseEntityIndex);
    }

    [Theory]
    [InlineData("Rome", "Paris", "Rome")]
    [InlineData("vienna", "Paris", "vienna")]
    [InlineData("Vienna", "Vienna", "counterfactual prompt \"In Paris is\"")]
    public void An_entity_that_is_not_in_its_prompt_is_refused(string baseEntity, string counterfactualEntity, string named)
    {
        using FixedPositionInterpreter das = Das();

        HyperDasException error = Refused(das, s_request with { BaseEntity = baseEntity, CounterfactualEntity = counterfactualEntity });

        Assert.Equal("EntityNotFound", error.ErrorId);
        Assert.Contains(named, error.Message);
    }

    [Fact]
    public void A_concept_that_was_not_learned_is_refused()
    {
        using FixedPositionInterpreter das = Das();

        HyperDasException error = Refused(
            das, s_request with { Concept = "the mayor of a city", BaseEntity = "Vienna", CounterfactualEntity = "Paris" });

        Assert.Equal("ConceptUnknown", error.ErrorId);
        Assert.Contains("'the country of a city', 'the language of a city'", error.Message);
    }

    [Fact]
    public void Ground_truth_selection_works_for_a_hypernetwork_that_is_told_the_entities()
    {
        using HyperDasInterpreter hyperDas = HyperDas();

        InterventionResult result = InterventionRunner.Run(
            hyperDas, s_request with { BaseEntity = "Vienna", CounterfactualEntity = "Paris" }, SelectionMode.GroundTruth);

        TokenChoice choice = Assert.Single(result.ChosenTokens);
        Assert.Equal(("na", "s", 1.0), (choice.BaseToken, choice.SourceToken, choice.Weight));
    }

    [Fact]
    public void Ground_truth_selection_without_entities_is_refused()
    {
        using HyperDasInterpreter hyperDas = HyperDas();

        HyperDasException error = Assert.Throws<HyperDasException>(
            () => InterventionRunner.Run(hyperDas, s_request, SelectionMode.GroundTruth));

        Assert.Equal("SelectionModeInvalid", error.ErrorId);
    }

    public void Dispose() => _target.Dispose();

    private static InterventionResult Run(Interpreter interpreter, InterventionRequest request) =>
        InterventionRunner.Run(interpreter, request);

    private static HyperDasException Refused(Interpreter interpreter, InterventionRequest request) =>
        Assert.Throws<HyperDasException>(() => Run(interpreter, request));

    private FixedPositionInterpreter Das(int k = 5) =>
        (FixedPositionInterpreter)MethodCatalog.Create(
            _target, new DasOptions { Layer = FixedExamples.Layer, FeatureDimension = k }, FixedExamples.Concepts, seed: 1);

    private HyperDasInterpreter HyperDas() =>
        new(_target, new HypernetworkOptions { Layer = FixedExamples.Layer, Blocks = 1, FeatureDimension = 4, Reflections = 2 }, seed: 1);
}
