using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.Golden;
using HyperDas.Engine.Tests.Tokenization;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.LanguageModels;

public class TextGeneratorTests
{
    private static readonly int[][] s_prompts = [[48, 1, 2, 3, 4], [48, 9], [48, 30, 31, 7]];
    private static readonly GenerationOptions s_greedy = new() { MaxNewTokens = 8, StopAtEos = false };

    [Fact]
    public void Greedy_continuations_are_those_of_whole_passes_without_a_cache()
    {
        using LanguageModel model = TinyLlama.Create();

        IReadOnlyList<int[]> texts = TextGenerator.Generate(model, s_prompts, s_greedy);

        Assert.Equal(s_prompts.Select(p => WithoutCache(model, p, 8)), texts);
    }

    [Fact]
    public void The_cache_gives_the_hidden_states_of_a_whole_pass()
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel model = TinyLlama.Create();
        using KeyValueCache cache = new(model.BlockCount);
        (Tensor ids, Tensor mask) = TinyLlama.Batch(left: true, s_prompts);

        List<Tensor> parts = [];
        foreach ((int start, int length) in new[] { (0, 2), (2, 1), (3, 2) })
        {
            BlockContext context = model.CreateContext(mask.narrow(1, 0, start + length), cache: cache);
            parts.Add(model.RunBlocks(model.Embed(ids.narrow(1, start, length), context), 0, 3, context, cache));
        }

        Assert.Equal(5, cache.Length);
        GoldenCase.AssertCloseWhere(mask, TinyLlama.Run(model, ids, mask), cat(parts, 1), 1e-5);
    }

    [Fact]
    public void A_prompt_continues_the_same_way_alone_and_in_a_batch()
    {
        using LanguageModel model = TinyLlama.Create();

        IReadOnlyList<int[]> together = TextGenerator.Generate(model, s_prompts, s_greedy);

        Assert.Equal(together[1], TextGenerator.Generate(model, [s_prompts[1]], s_greedy)[0]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public void An_edit_while_the_prompt_is_read_is_an_edit_between_the_blocks(int layer)
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel model = TinyLlama.Create();
        (Tensor ids, Tensor mask) = TinyLlama.Batch(left: false, s_prompts);
        BlockContext context = model.CreateContext(mask);
        Tensor edited = Edit(model.RunBlocks(model.Embed(ids, context), 0, layer, context));
        Tensor logits = model.Logits(model.RunBlocks(edited, layer, 3, context)).argmax(-1);
        long[] expected = [.. s_prompts.Select((prompt, n) => logits[n, prompt.Length - 1].item<long>())];
        int calls = 0;

        IReadOnlyList<int[]> texts = TextGenerator.Generate(model, s_prompts, s_greedy, new HiddenEdit(layer, hidden =>
        {
            calls++;
            return Edit(hidden);
        }));

        Assert.Equal(expected, texts.Select(t => (long)t[0]));
        Assert.NotEqual(TextGenerator.Generate(model, s_prompts, s_greedy), texts);
        Assert.Equal(1, calls);

        static Tensor Edit(Tensor hidden) => hidden.flip(-1) * 3;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void An_edit_counts_columns_from_each_prompts_first_token(int multiple)
    {
        using LanguageModel model = TinyLlama.Create();
        HiddenEdit edit = new(1, hidden =>
        {
            Tensor edited = hidden.clone();
            edited.select(1, 1).mul_(-3);
            return edited;
        });

        IReadOnlyList<int[]> together = TextGenerator.Generate(model, s_prompts, s_greedy, edit, multiple: multiple);

        Assert.Equal(s_prompts.Select(prompt => TextGenerator.Generate(model, [prompt], s_greedy, edit)[0]), together);
        Assert.NotEqual(TextGenerator.Generate(model, s_prompts, s_greedy), together);
    }

    [Fact]
    public void An_edit_that_changes_nothing_changes_no_token()
    {
        using LanguageModel model = TinyLlama.Create();

        IReadOnlyList<int[]> texts = TextGenerator.Generate(model, s_prompts, s_greedy, new HiddenEdit(1, hidden => hidden));

        Assert.Equal(TextGenerator.Generate(model, s_prompts, s_greedy), texts);
    }

    [Fact]
    public void An_edit_of_another_shape_is_refused()
    {
        using LanguageModel model = TinyLlama.Create();

        HyperDasException error = Assert.Throws<HyperDasException>(() =>
            TextGenerator.Generate(model, s_prompts, s_greedy, new HiddenEdit(1, hidden => hidden.narrow(1, 0, 1))));

        Assert.Equal("HiddenEditInvalid", error.ErrorId);
    }

    [Fact]
    public void A_text_ends_before_the_end_of_text_token()
    {
        using LanguageModel free = TinyLlama.Create();
        int[] text = TextGenerator.Generate(free, [s_prompts[0]], s_greedy)[0];
        int stop = text[2];
        using LanguageModel model = TinyLlama.Create(TinyLlama.Config with { EosTokenIds = [47, stop] });

        int[] ended = TextGenerator.Generate(model, [s_prompts[0]], s_greedy with { StopAtEos = true })[0];

        Assert.Equal(text[..Array.IndexOf(text, stop)], ended);
    }

    [Fact]
    public void A_text_ends_with_the_token_that_completes_a_stop_text()
    {
        using LanguageModel model = TinyLlama.Create(TinyLlama.Config with { VocabularySize = 258 }, tokenizer: TinyTokenizer.Build([]));
        int[] text = TextGenerator.Generate(model, [s_prompts[0]], s_greedy)[0];
        string stop = model.Tokenizer.Decode(text[..3]);

        int[] ended = TextGenerator.Generate(model, [s_prompts[0]], s_greedy with { StopTexts = ["never", stop] })[0];

        Assert.Equal(text[..3], ended);
    }

    [Fact]
    public void The_same_seed_gives_the_same_text_and_another_one_another()
    {
        using LanguageModel model = TinyLlama.Create();
        GenerationOptions sampled = s_greedy with { Temperature = 2, MaxNewTokens = 20, Seed = 11 };

        IReadOnlyList<int[]> text = TextGenerator.Generate(model, s_prompts, sampled);

        Assert.Equal(text, TextGenerator.Generate(model, s_prompts, sampled));
        Assert.NotEqual(text, TextGenerator.Generate(model, s_prompts, sampled with { Seed = 12 }));
    }

    [Fact]
    public void Sampling_among_one_token_is_greedy()
    {
        using LanguageModel model = TinyLlama.Create();
        IReadOnlyList<int[]> greedy = TextGenerator.Generate(model, s_prompts, s_greedy);

        Assert.Equal(greedy, TextGenerator.Generate(model, s_prompts, s_greedy with { Temperature = 5, TopK = 1 }));
        Assert.Equal(greedy, TextGenerator.Generate(model, s_prompts, s_greedy with { Temperature = 5, TopP = 1e-6 }));
        Assert.Equal(greedy, TextGenerator.Generate(model, s_prompts, s_greedy with { Temperature = double.Epsilon }));
    }

    [Fact]
    public void Only_tokens_inside_top_k_and_top_p_are_drawn()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor shares = tensor(new float[] { 0.5f, 0.3f, 0.15f, 0.05f }).log().unsqueeze(0);

        Assert.Equal([0, 1], Drawn(shares, new GenerationOptions { Temperature = 1, TopK = 2 }));
        Assert.Equal([0, 1, 2], Drawn(shares, new GenerationOptions { Temperature = 1, TopP = 0.85 }));
        Assert.Equal([0, 1], Drawn(shares, new GenerationOptions { Temperature = 1, TopP = 0.75 }));
        Assert.Equal([0, 1, 2, 3], Drawn(shares, new GenerationOptions { Temperature = 1 }));

        static long[] Drawn(Tensor logits, GenerationOptions options)
        {
            using TokenSampler sampler = new(options);
            return [.. Enumerable.Range(0, 400).Select(_ => sampler.Choose(logits)[0]).Distinct().Order()];
        }
    }

    [Fact]
    public void Logits_that_are_not_finite_stop_the_generation()
    {
        using LanguageModel model = TinyLlama.Create();

        HyperDasException error = Assert.Throws<HyperDasException>(() =>
            TextGenerator.Generate(model, s_prompts, s_greedy, new HiddenEdit(1, hidden => hidden * float.NaN)));

        Assert.Equal("LogitsNotFinite", error.ErrorId);
    }

    [Fact]
    public void An_empty_prompt_is_refused_and_no_prompt_gives_no_text()
    {
        using LanguageModel model = TinyLlama.Create();

        Assert.Equal("PromptEmpty", Assert.Throws<HyperDasException>(() => TextGenerator.Generate(model, [[1], []], s_greedy)).ErrorId);
        Assert.Empty(TextGenerator.Generate(model, [], s_greedy));
    }

    public static TheoryData<GenerationOptions> ImpossibleOptions() =>
    [
        new() { MaxNewTokens = 0 }, new() { Temperature = -1 }, new() { Temperature = double.NaN }, new() { TopK = 0 },
        new() { TopP = 0 }, new() { TopP = 1.1 }, new() { StopTexts = [""] },
    ];

    [Theory]
    [MemberData(nameof(ImpossibleOptions))]
    public void Impossible_options_are_refused(GenerationOptions options)
    {
        using LanguageModel model = TinyLlama.Create();

        Assert.Equal(
            "GenerationOptionInvalid", Assert.Throws<HyperDasException>(() => TextGenerator.Generate(model, s_prompts, options)).ErrorId);
    }

    [Fact]
    public void Generation_can_be_cancelled()
    {
        using LanguageModel model = TinyLlama.Create();

        Assert.Throws<OperationCanceledException>(
            () => TextGenerator.Generate(model, s_prompts, s_greedy, null, new CancellationToken(canceled: true)));
    }

    private static int[] WithoutCache(LanguageModel model, int[] prompt, int count)
    {
        List<int> ids = [.. prompt];
        for (int i = 0; i < count; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            (Tensor all, Tensor mask) = TinyLlama.Batch(left: false, [.. ids]);
            ids.Add((int)model.Logits(TinyLlama.Run(model, all, mask)[0, -1]).argmax().item<long>());
        }
        return [.. ids.Skip(prompt.Length)];
    }
}
