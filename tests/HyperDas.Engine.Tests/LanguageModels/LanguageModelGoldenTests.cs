using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.Golden;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.LanguageModels;

/// <summary>Every model among the golden cases, of whatever family, computes what Hugging Face's transformers computes.</summary>
public class LanguageModelGoldenTests
{
    private const double Tolerance = 1e-4;

    public static TheoryData<string, string> PaddedCases() => GoldenModels.Padded();

    public static TheoryData<string> Cases() => GoldenModels.With("nomask/input_ids", "nomask/logits");

    public static TheoryData<string> EditedCases() => GoldenModels.With("edited/vector", "edited/logits");

    public static TheoryData<string> GreedyCases() => GoldenModels.With("greedy/ids");

    [SkippableTheory]
    [MemberData(nameof(PaddedCases))]
    public void Hidden_states_are_those_of_the_reference(string name, string side)
    {
        using DisposeScope scope = NewDisposeScope();
        using GoldenCase golden = GoldenCase.Open(name);
        using LanguageModel model = LanguageModel.Load(golden.Folder);
        Tensor mask = golden[$"{side}/attention_mask"];
        string? positions = ((string[])["cumsum_minus1", "cumsum_clamped"])
            .FirstOrDefault(p => golden.Contains($"{side}/{p}/hidden_states.0"));
        Skip.If(positions is null, "The case has no hidden states for positions that count real tokens.");

        IReadOnlyList<Tensor> states = model.HiddenStates(golden[$"{side}/input_ids"], mask);

        Assert.Equal(model.BlockCount + 1, states.Count);
        for (int layer = 0; layer <= model.BlockCount; layer++)
        {
            AssertWithin(mask, golden[$"{side}/{positions}/hidden_states.{layer}"], states[layer], Tolerance, $"hidden state {layer}");
        }
    }

    [Theory]
    [MemberData(nameof(PaddedCases))]
    public void Logits_are_those_of_the_reference_whatever_the_positions(string name, string side)
    {
        using DisposeScope scope = NewDisposeScope();
        using GoldenCase golden = GoldenCase.Open(name);
        using LanguageModel model = LanguageModel.Load(golden.Folder);
        Tensor mask = golden[$"{side}/attention_mask"], ids = golden[$"{side}/input_ids"];
        string[] logits =
        [
            .. golden.Names.Where(n => n.StartsWith(side + "/", StringComparison.Ordinal)
                && n.EndsWith("/logits", StringComparison.Ordinal))
        ];

        Assert.NotEmpty(logits);
        foreach (string positions in logits.Select(n => n.Split('/')[1]))
        {
            // The reference's own positions count padding too.
            Tensor given = golden.Contains($"{side}/{positions}/position_ids")
                ? golden[$"{side}/{positions}/position_ids"] : arange(ids.shape[1], ScalarType.Int64).expand(ids.shape[0], -1);
            BlockContext context = model.CreateContext(mask, given);
            Tensor actual = model.Logits(model.RunBlocks(model.Embed(ids, context), 0, model.BlockCount, context));
            AssertWithin(mask, golden[$"{side}/{positions}/logits"], actual, Tolerance, positions);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_single_prompt_without_padding_gives_the_logits_of_the_reference(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using GoldenCase golden = GoldenCase.Open(name);
        using LanguageModel model = LanguageModel.Load(golden.Folder);

        foreach (string kind in ((string[])["nomask", "long"]).Where(kind => golden.Contains($"{kind}/input_ids")))
        {
            Tensor ids = golden[$"{kind}/input_ids"];
            Tensor logits = model.Logits(model.StateAt(ids, ones_like(ids), model.BlockCount));
            AssertWithin(null, golden[$"{kind}/logits"], logits, Tolerance, kind);
        }
    }

    [Theory]
    [MemberData(nameof(EditedCases))]
    public void An_edited_run_gives_what_the_reference_gives(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using GoldenCase golden = GoldenCase.Open(name);
        using LanguageModel model = LanguageModel.Load(golden.Folder);
        int layer = (int)golden["edited/layer"].item<long>();
        long position = golden["edited/position"].item<long>();

        (Tensor batch, Tensor batchTop) = Run(golden["in/input_ids"], golden["in/attention_mask"]);
        Tensor ids = golden["nomask/input_ids"];
        (Tensor single, _) = Run(ids, ones_like(ids));

        Tensor mask = golden["in/attention_mask"];
        AssertWithin(mask, golden["edited/logits"], batch, Tolerance, "logits of the batch");
        AssertWithin(null, golden["edited/nomask/logits"], single, Tolerance, "logits of the prompt");
        AssertWithin(mask, golden[$"edited/hidden_states.{model.BlockCount}"], model.FinalNorm(batchTop), Tolerance, "last hidden state");

        (Tensor Logits, Tensor Top) Run(Tensor ids, Tensor mask)
        {
            BlockContext context = model.CreateContext(mask);
            Tensor hidden = model.RunBlocks(model.Embed(ids, context), 0, layer, context).clone();
            hidden.select(1, position < 0 ? ids.shape[1] + position : position).copy_(golden["edited/vector"].expand(ids.shape[0], -1));
            Tensor top = model.RunBlocks(hidden, layer, model.BlockCount, context);
            Tensor all = arange(ids.shape[1], ScalarType.Int64).expand(ids.shape[0], -1);
            AssertWithin(mask, top, model.RunBlocksAt(hidden, layer, context, all), Tolerance, "some columns of the last block");
            return (model.Logits(top), top);
        }
    }

    [Theory]
    [MemberData(nameof(GreedyCases))]
    public void Generation_with_a_cache_gives_the_tokens_of_the_reference(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using GoldenCase golden = GoldenCase.Open(name);
        using LanguageModel model = LanguageModel.Load(golden.Folder);
        long[] expected = Row(golden["greedy/ids"]);
        GenerationOptions options = new() { MaxNewTokens = expected.Length };

        Assert.Equal(expected, TextGenerator.Generate(model, [Ids(golden["nomask/input_ids"][0])], options)[0].Select(id => (long)id));
        Assert.Equal(expected, WithoutCache(model, Ids(golden["nomask/input_ids"][0]), expected.Length));
        if (golden.Contains("greedy/left_ids"))
        {
            Tensor mask = golden["left/attention_mask"], ids = golden["left/input_ids"], all = golden["greedy/left_ids"];
            int[][] prompts = [.. Enumerable.Range(0, (int)ids.shape[0]).Select(n => Ids(ids[n][mask[n].to_type(ScalarType.Bool)]))];
            IReadOnlyList<int[]> answers = TextGenerator.Generate(model, prompts, options);
            for (int n = 0; n < prompts.Length; n++)
            {
                Assert.Equal(UntilEnd(Row(all[n]), model), answers[n].Select(id => (long)id));
            }
        }

        static long[] Row(Tensor tensor) => tensor.data<long>().ToArray();
        static int[] Ids(Tensor tensor) => [.. Row(tensor).Select(id => (int)id)];
        static IEnumerable<long> UntilEnd(long[] ids, LanguageModel model) =>
            ids.TakeWhile(id => !model.Config.EosTokenIds.Contains((int)id));
    }

    [Theory]
    [MemberData(nameof(PaddedCases))]
    public void The_gradient_of_an_edited_column_is_the_same_on_every_way_through_the_blocks(string name, string side)
    {
        using DisposeScope scope = NewDisposeScope();
        using GoldenCase golden = GoldenCase.Open(name);
        using LanguageModel model = LanguageModel.Load(golden.Folder);
        Tensor ids = golden[$"{side}/input_ids"], mask = golden[$"{side}/attention_mask"];
        long width = ids.shape[1], fixedColumns = width / 2;
        BlockContext context = model.CreateContext(mask);
        Tensor start = model.RunBlocks(model.Embed(ids, context), 0, 1, context).detach();
        Tensor columns = full([ids.shape[0], 1], side == "left" ? width - 1 : mask.sum(1).min().item<long>() - 1, ScalarType.Int64);

        Tensor expected = Gradient(hidden => model.RunBlocks(hidden, 1, model.BlockCount, context)
            .gather(1, columns.unsqueeze(2).expand(-1, -1, model.HiddenSize)));
        Tensor some = Gradient(hidden => model.RunBlocksAt(hidden, 1, context, columns));
        Tensor behind = Gradient(hidden => model.RunBlocksAt(hidden, 1, context, columns, fixedColumns));

        double scale = expected.abs().max().item<float>();
        GoldenCase.AssertClose(expected, some, 1e-4 * scale, "columns");
        GoldenCase.AssertClose(
            expected.narrow(1, fixedColumns, width - fixedColumns), behind.narrow(1, fixedColumns, width - fixedColumns), 1e-4 * scale,
            "columns behind fixed ones");

        Tensor Gradient(Func<Tensor, Tensor> run)
        {
            Tensor hidden = start.clone().requires_grad_();
            model.Logits(run(hidden)).square().sum().backward();
            return hidden.grad!;
        }
    }

    // Absolute, as the cases say: they were made so that every part of a family changes more than that.
    private static void AssertWithin(Tensor? mask, Tensor expected, Tensor actual, double tolerance, string what)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? rows = mask?.to_type(ScalarType.Bool);
        GoldenCase.AssertWithin(rows is null ? expected : expected[rows], rows is null ? actual : actual[rows], tolerance, what);
    }

    private static IEnumerable<long> WithoutCache(LanguageModel model, int[] prompt, int count)
    {
        List<long> ids = [.. prompt.Select(id => (long)id)];
        for (int i = 0; i < count; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor row = tensor(ids.ToArray()).unsqueeze(0);
            ids.Add(model.Logits(model.StateAt(row, ones_like(row), model.BlockCount)[0, -1]).argmax(-1).item<long>());
        }
        return ids.Skip(prompt.Length);
    }
}
