using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Tokenization;
using HyperDas.Engine.Tokenization;
using TorchSharp;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel;

public sealed class RavelBatchTests
{
    private static readonly Tokenizer s_tokenizer = TinyTokenizer.Build([]);
    private static readonly TokenizedExample s_long = Examples.Ids([256, 1, 2, 3, 9, 8], label: 2, visible: 3, [256, 4, 5], 3, [256, 6, 7, 7]);
    private static readonly TokenizedExample s_short = Examples.Ids([256, 1, 9], label: 1, visible: 2, [256, 4, 5, 6], 2, [256, 6], isCause: false);

    [Fact]
    public void Rows_are_padded_on_the_left_with_the_end_of_sequence()
    {
        using RavelBatch batch = new RavelCollator(s_tokenizer).Collate([s_long, s_short]);

        AssertRows(batch.BaseIds, [256, 1, 2, 3, 9, 8], [257, 257, 257, 256, 1, 9]);
        AssertRows(batch.BaseMask, [1, 1, 1, 1, 1, 1], [0, 0, 0, 1, 1, 1]);
        AssertRows(batch.SourceIds, [257, 256, 4, 5], [256, 4, 5, 6]);
        AssertRows(batch.SourceMask, [0, 1, 1, 1], [1, 1, 1, 1]);
        AssertRows(batch.InstructionIds, [256, 6, 7, 7], [257, 257, 256, 6]);
        AssertRows(batch.InstructionMask, [1, 1, 1, 1], [0, 0, 1, 1]);
    }

    [Fact]
    public void Only_visible_tokens_are_marked_and_only_label_tokens_are_labels()
    {
        using RavelBatch batch = new RavelCollator(s_tokenizer).Collate([s_long, s_short]);

        AssertRows(batch.BaseVisible, [1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 0]);
        AssertRows(batch.SourceVisible, [0, 1, 1, 1], [1, 1, 0, 0]);
        AssertRows(batch.Labels, [-100, -100, -100, -100, 9, 8], [-100, -100, -100, -100, -100, 9]);
    }

    [Fact]
    public void Entities_are_found_in_padded_columns()
    {
        using RavelBatch batch = new RavelCollator(s_tokenizer).Collate([s_long, s_short]);

        Assert.Equal([2L, 4L], batch.BaseEntity.data<long>().ToArray());
        Assert.Equal([3L, 1L], batch.SourceEntity.data<long>().ToArray());
        Assert.Equal([true, false], batch.IsCause.data<bool>().ToArray());
    }

    [Fact]
    public void Lengths_can_be_rounded_up_so_that_few_shapes_occur()
    {
        using RavelBatch batch = new RavelCollator(s_tokenizer, new() { PadMultiple = 8 }).Collate([s_long]);

        Assert.Equal([1, 8], batch.BaseIds.shape);
        AssertRows(batch.BaseVisible, [0, 0, 1, 1, 1, 0, 0, 0]);
        Assert.Equal(4, batch.BaseEntity.item<long>());
    }

    [Fact]
    public void A_batch_of_nothing_is_refused()
    {
        Assert.Equal("BatchEmpty", Assert.Throws<HyperDasException>(() => new RavelCollator(s_tokenizer).Collate([])).ErrorId);
    }

    [Fact]
    public void A_batch_releases_all_it_made()
    {
        new RavelCollator(s_tokenizer).Collate([s_long]).Dispose();
        long before = LiveTensors.Settle();

        new RavelCollator(s_tokenizer).Collate([s_long, s_short]).Dispose();

        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    private static void AssertRows(torch.Tensor actual, params long[][] expected)
    {
        Assert.Equal([expected.Length, expected[0].Length], actual.shape);
        Assert.Equal(expected.SelectMany(row => row), actual.data<long>().ToArray());
    }
}
