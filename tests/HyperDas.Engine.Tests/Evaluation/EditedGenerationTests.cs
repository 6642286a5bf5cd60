using HyperDas.Engine.Evaluation;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Ravel;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Evaluation;

public sealed class EditedGenerationTests
{
    private const int NewTokens = 6;

    // Different lengths, an entity at the prompt's very end (empty suffix), labels of one to three tokens.
    private static readonly TokenizedExample[] s_examples =
    [
        Examples.Ids([48, 1, 2, 3, 4, 5, 30], label: 1, visible: 4, source: [48, 7, 8], sourceVisible: 3, instruction: [48, 9]),
        Examples.Ids([48, 11, 31, 32], label: 2, visible: 2, source: [48, 12, 13, 14, 15], sourceVisible: 4, instruction: [48, 9, 10]),
        Examples.Ids(
            [48, 21, 22, 23, 24, 25, 26, 27, 28, 33, 34, 35], label: 3, visible: 6, source: [48, 20], sourceVisible: 2, instruction: [48]),
    ];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Cached_generation_is_generation_without_a_cache_that_edits_the_prompt_again_each_time(int layer)
    {
        using LanguageModel model = TinyLlama.Create();
        using ReferenceInterpreter swap = new(model, layer, ReferenceMethod.FullSwap);

        IReadOnlyList<int[]> generated = Generate(swap, s_examples);

        Assert.Equal(s_examples.Select(example => WithoutCache(swap, example)), generated);
    }

    [Fact]
    public void An_example_is_answered_the_same_way_alone_and_in_a_batch()
    {
        using LanguageModel model = TinyLlama.Create();
        using ReferenceInterpreter swap = new(model, 2, ReferenceMethod.FullSwap);

        Assert.Equal(Generate(swap, s_examples), s_examples.Select(example => Generate(swap, [example])[0]));
    }

    [Fact]
    public void Without_an_edit_it_is_plain_generation()
    {
        using LanguageModel model = TinyLlama.Create();
        using ReferenceInterpreter nothing = new(model, 2, ReferenceMethod.NoIntervention);
        int[][] prompts = [.. s_examples.Select(example => example.BaseIds[..example.PromptLength])];

        Assert.Equal(
            TextGenerator.Generate(model, prompts, new GenerationOptions { MaxNewTokens = NewTokens, StopAtEos = false }),
            Generate(nothing, s_examples));
    }

    [Theory]
    [InlineData(ReferenceMethod.NoIntervention)]
    [InlineData(ReferenceMethod.FullSwap)]
    public void A_label_is_generated_exactly_when_it_is_the_likeliest_at_each_of_its_positions(ReferenceMethod method)
    {
        using LanguageModel model = TinyLlama.Create();
        using ReferenceInterpreter interpreter = new(model, 1, method);
        // Half the labels are what the edited model says, half are off by one in the last token.
        IReadOnlyList<int[]> said = Generate(interpreter, s_examples);
        TokenizedExample[] examples =
        [
            .. s_examples.SelectMany((example, n) => (int[])[0, 1], (example, off) => (example, off))
                .Select((pair, i) => WithLabel(pair.example, [.. said[i / 2][..pair.example.LabelLength]], pair.off)),
        ];

        bool[] hits = RavelScorer.Answers(interpreter, examples, [SelectionMode.Soft])[SelectionMode.Soft];
        RavelPredictions predictions = RavelPredictor.Predict(
            interpreter, examples, [SelectionMode.Soft], false, 3, null, 64, null, null, default)[SelectionMode.Soft];
        bool[] generated = DialectRules.Judge(
            RavelDialect.Ravel, [.. examples.Select(tokens => (Examples.Of("x| is", "y"), tokens))], predictions, model,
            new DateOnly(2024, 1, 15));

        Assert.Equal([true, false, true, false, true, false], hits);
        Assert.Equal(hits, generated);
    }

    [Fact]
    public void Generating_leaves_no_tensor_behind()
    {
        using LanguageModel model = TinyLlama.Create();
        using ReferenceInterpreter swap = new(model, 1, ReferenceMethod.FullSwap);
        Generate(swap, s_examples);
        long before = LiveTensors.Settle();

        Generate(swap, s_examples);

        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    private static TokenizedExample WithLabel(TokenizedExample example, int[] label, int off)
    {
        label[^1] = (label[^1] + off) % 48;
        return example with { BaseIds = [.. example.BaseIds[..example.PromptLength], .. label] };
    }

    private static IReadOnlyList<int[]> Generate(Interpreter interpreter, TokenizedExample[] examples)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        using ActivationCache cache = interpreter.CreateCache();
        InterchangeBatch batch = new InterchangeBatchBuilder(interpreter.Target, cache, interpreter.Layer, multiple: 4).Build(examples);
        Patch patch = interpreter.Propose(batch);
        Tensor applied = Interpreter.Select(batch, patch, SelectionMode.Soft);
        return RavelPredictor.Generate(interpreter, batch, examples, patch, applied, NewTokens);
    }

    /// <summary>The longest way round: a whole pass for every token, with the source's vector put at the same place each time.</summary>
    private static int[] WithoutCache(Interpreter interpreter, TokenizedExample example)
    {
        using DisposeScope scope = NewDisposeScope();
        LanguageModel model = interpreter.Target;
        List<int> ids = [.. example.BaseIds[..example.PromptLength]];
        Tensor source = Hidden(model, example.SourceIds, interpreter.Layer).select(1, example.SourceEntityIndex);
        for (int step = 0; step < NewTokens; step++)
        {
            (Tensor row, Tensor mask) = PaddedSequences.Right([[.. ids]], CPU);
            BlockContext context = model.CreateContext(mask);
            Tensor hidden = Hidden(model, [.. ids], interpreter.Layer).clone();
            hidden.select(1, example.BaseEntityIndex).copy_(source);
            Tensor top = model.RunBlocks(hidden, interpreter.Layer, model.BlockCount, context);
            ids.Add((int)model.Logits(top.select(1, -1)).argmax(-1).item<long>());
        }
        return [.. ids[example.PromptLength..]];
    }

    private static Tensor Hidden(LanguageModel model, int[] ids, int layer)
    {
        (Tensor row, Tensor mask) = PaddedSequences.Right([ids], CPU);
        return model.StateAt(row, mask, layer);
    }
}
