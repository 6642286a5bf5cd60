using HyperDas.Engine.Interventions;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Tokenization;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Methods;

public sealed class FreeTextInterventionTests : IDisposable
{
    private static readonly InterventionRequest s_request = new("Vienna is in", "I love Paris", "the country of a city");
    private static readonly GenerationOptions s_greedy = new() { MaxNewTokens = 12, StopAtEos = false };
    private readonly LanguageModel _target = TinyLlama.CreateWithTokenizer();
    private readonly HyperDasInterpreter _interpreter;

    public FreeTextInterventionTests() => _interpreter = TinyInterpreter.Create(_target);

    public static TheoryData<SelectionMode> Modes =>
        [SelectionMode.Soft, SelectionMode.OneToMany, SelectionMode.OneToOne, SelectionMode.Global];

    [Theory]
    [MemberData(nameof(Modes))]
    public void The_cache_gives_the_text_of_whole_passes_with_the_edit_at_the_same_places(SelectionMode mode)
    {
        InterventionResult result = InterventionRunner.Run(_interpreter, s_request, mode, s_greedy);

        Assert.Equal(WithoutCache(s_request, mode), result.IntervenedOutput);
        Assert.Equal(WithoutCache(s_request, mode: null), result.OriginalOutput);
        Assert.NotEqual(result.OriginalOutput, result.IntervenedOutput);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void The_result_says_which_tokens_were_edited_from_where(SelectionMode mode)
    {
        InterventionResult result = InterventionRunner.Run(_interpreter, s_request, mode, s_greedy);

        Assert.Equal(mode, result.SelectionMode);
        Assert.Equal((s_request.BasePrompt, s_request.CounterfactualPrompt, s_request.Concept),
            (result.BasePrompt, result.CounterfactualPrompt, result.Concept));
        Assert.Equal(result.SourceTokens.Count + 1, result.Weights.Length);
        Assert.All(result.Weights, row => Assert.Equal(result.BaseTokens.Count, row.Length));
        Assert.All(Enumerable.Range(0, result.BaseTokens.Count), j => Assert.Equal(1, result.Weights.Sum(row => row[j]), 1e-5));
        Assert.NotEmpty(result.ChosenTokens);
        Assert.All(result.ChosenTokens, choice =>
        {
            Assert.Equal(result.Weights[choice.SourceIndex][choice.BaseIndex], choice.Weight);
            Assert.Equal(
                (result.BaseTokens[choice.BaseIndex], result.SourceTokens[choice.SourceIndex]), (choice.BaseToken, choice.SourceToken));
        });
        if (mode == SelectionMode.Global)
        {
            Assert.Equal(1, Assert.Single(result.ChosenTokens).Weight);
        }
    }

    [Fact]
    public void Special_tokens_that_a_user_types_are_text()
    {
        InterventionResult result = InterventionRunner.Run(
            _interpreter,
            new InterventionRequest($"a{TinyTokenizer.Eos}b", $"{TinyTokenizer.Bos}c", TinyTokenizer.Eos),
            generation: s_greedy);

        Assert.Equal([TinyTokenizer.Bos, .. $"a{TinyTokenizer.Eos}b".Select(c => c.ToString())], result.BaseTokens);
        Assert.Equal([TinyTokenizer.Bos, .. $"{TinyTokenizer.Bos}c".Select(c => c.ToString())], result.SourceTokens);
    }

    [Theory]
    [InlineData("Zürich liegt in", "東京タワー", "das Land einer Stadt 🏙")]
    [InlineData("👩‍👩‍👧", "\u0301", "é")]
    [InlineData("a", "b", "c")]
    [InlineData("  two  spaces ", "tab\tand\nline", "x")]
    public void Any_text_is_a_prompt(string basePrompt, string counterfactualPrompt, string concept)
    {
        InterventionRequest request = new(basePrompt, counterfactualPrompt, concept);

        InterventionResult result = InterventionRunner.Run(_interpreter, request, SelectionMode.Soft, s_greedy);

        Assert.Equal(1 + System.Text.Encoding.UTF8.GetByteCount(basePrompt), result.BaseTokens.Count);
        Assert.Equal(1 + System.Text.Encoding.UTF8.GetByteCount(counterfactualPrompt), result.SourceTokens.Count);
        Assert.Equal(WithoutCache(request, SelectionMode.Soft), result.IntervenedOutput);
    }

    [Fact]
    public void Ground_truth_is_refused_since_free_text_names_no_entity()
    {
        HyperDasException error = Assert.Throws<HyperDasException>(
            () => InterventionRunner.Run(_interpreter, s_request, SelectionMode.GroundTruth));

        Assert.Equal("SelectionModeInvalid", error.ErrorId);
        Assert.Contains("Soft", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "b", "c", "PromptEmpty")]
    [InlineData("a", " ", "c", "PromptEmpty")]
    [InlineData("a", "b", "\n", "ConceptEmpty")]
    public void Empty_texts_are_refused(string basePrompt, string counterfactualPrompt, string concept, string errorId)
    {
        Assert.Equal(errorId, Assert.Throws<HyperDasException>(() =>
            InterventionRunner.Run(_interpreter, new InterventionRequest(basePrompt, counterfactualPrompt, concept))).ErrorId);
    }

    [Fact]
    public void Doing_nothing_gives_the_original_output()
    {
        using ReferenceInterpreter nothing = new(_target, layer: 2, ReferenceMethod.NoIntervention);

        InterventionResult result = InterventionRunner.Run(nothing, s_request, generation: s_greedy);

        Assert.Equal(result.OriginalOutput, result.IntervenedOutput);
        Assert.Empty(result.ChosenTokens);
    }

    [Fact]
    public void A_disposed_interpreter_is_refused_and_a_run_can_be_cancelled()
    {
        Assert.Throws<OperationCanceledException>(() =>
            InterventionRunner.Run(_interpreter, s_request, cancellation: new CancellationToken(canceled: true)));
        _interpreter.Dispose();

        Assert.Equal(
            "InterpreterDisposed", Assert.Throws<HyperDasException>(() => InterventionRunner.Run(_interpreter, s_request)).ErrorId);
    }

    [Fact]
    public void A_run_leaves_no_tensor_behind()
    {
        InterventionRunner.Run(_interpreter, s_request, generation: s_greedy);
        long before = LiveTensors.Settle();

        InterventionRunner.Run(_interpreter, s_request, generation: s_greedy);

        Assert.Equal(before, Tensor.TotalCount);
    }

    public void Dispose()
    {
        _interpreter.Dispose();
        _target.Dispose();
    }

    /// <summary>
    /// Greedy text by whole passes: every new token has the model read everything again, the prompt's columns edited each time.
    /// </summary>
    private string WithoutCache(InterventionRequest request, SelectionMode? mode)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        TokenizedExample example = new RavelCollator(_target.Tokenizer)
            .TokenizePrompts(request.BasePrompt, "", request.CounterfactualPrompt, "", request.Concept);
        using ActivationCache cache = _interpreter.CreateCache();
        InterchangeBatch batch = new InterchangeBatchBuilder(_target, cache, _interpreter.Layer).Build([example]);
        Patch patch = _interpreter.Propose(batch);
        List<int> ids = [.. example.BaseIds];
        for (int i = 0; i < s_greedy.MaxNewTokens; i++)
        {
            (Tensor all, Tensor mask) = TinyLlama.Batch(left: false, [.. ids]);
            BlockContext context = _target.CreateContext(mask);
            Tensor hidden = _target.RunBlocks(_target.Embed(all, context), 0, _interpreter.Layer, context);
            if (mode is not null)
            {
                Tensor applied = TokenSelection.Apply(patch.Weights, mode.Value, batch.SourceEntity, batch.BaseEntity);
                hidden = Interchange.Apply(hidden, batch.SourceHidden, applied, patch.Change);
            }
            Tensor top = _target.RunBlocks(hidden, _interpreter.Layer, _target.BlockCount, context);
            ids.Add((int)_target.Logits(top[0, -1]).argmax().item<long>());
        }
        return _target.Tokenizer.Decode(ids.Skip(example.BaseIds.Length).ToArray()).Trim();
    }
}
