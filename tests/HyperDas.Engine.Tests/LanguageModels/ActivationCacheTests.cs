using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.Golden;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.LanguageModels;

/// <summary>Whatever is kept, given up or computed together, the states are those of a plain run of each sequence by itself.</summary>
public sealed class ActivationCacheTests : IDisposable
{
    private static readonly int[][] s_sequences =
        [.. Enumerable.Range(1, 40).Select(n => Enumerable.Range(0, 1 + (n * 7 % 9)).Select(t => ((n * 13) + (t * 5)) % 50).ToArray())];
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly LanguageModel _model = TinyLlama.Create();

    public static TheoryData<StackDepth, int> Depths()
    {
        TheoryData<StackDepth, int> data = [];
        foreach (StackDepth depth in Enum.GetValues<StackDepth>())
        {
            foreach (int layer in new[] { 0, 1, 3 })
            {
                data.Add(depth, layer);
            }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Depths))]
    public void States_are_those_of_a_plain_run_whatever_the_batch(StackDepth depth, int layer)
    {
        using ActivationCache cache = new(_model, layer, depth);

        AssertStacks(cache, depth, layer, s_sequences[..1]);
        AssertStacks(cache, depth, layer, s_sequences[..7]);
        AssertStacks(cache, depth, layer, [s_sequences[3], s_sequences[20], s_sequences[3]]);
        AssertLayers(cache, layer, s_sequences[5..9]);
        AssertLayers(cache, layer, s_sequences[2..8]);
    }

    [Theory]
    [MemberData(nameof(Depths))]
    public void A_small_cache_gives_up_what_was_used_longest_ago_and_stays_right(StackDepth depth, int layer)
    {
        // Room for about thirty tokens; the sequences have two hundred.
        long limit = 30 * TokenBytes(depth);
        using ActivationCache cache = new(_model, layer, depth, limit);
        Random random = new(4);

        for (int i = 0; i < 60; i++)
        {
            int[][] batch = [.. Enumerable.Range(0, 3).Select(_ => s_sequences[random.Next(s_sequences.Length)])];
            AssertStacks(cache, depth, layer, batch);
            AssertLayers(cache, layer, batch);
            Assert.True(cache.Bytes <= limit, $"{cache.Bytes} bytes after batch {i}, more than {limit}");
        }
    }

    [Theory]
    [InlineData(StackDepth.AllLayers)]
    [InlineData(StackDepth.InterventionLayer)]
    public void A_batch_larger_than_the_limit_is_served_and_does_not_stay(StackDepth depth)
    {
        long limit = 10 * TokenBytes(depth);
        using ActivationCache cache = new(_model, 2, depth, limit);

        AssertStacks(cache, depth, 2, s_sequences);
        AssertLayers(cache, 2, s_sequences);
        long largest = cache.Bytes;
        Assert.True(largest > limit);
        for (int i = 0; i < s_sequences.Length; i += 4)
        {
            AssertStacks(cache, depth, 2, s_sequences[i..(i + 4)]);
            AssertLayers(cache, 2, s_sequences[i..(i + 4)]);
        }
        Assert.Equal(largest, cache.Bytes);
    }

    [Fact]
    public void What_is_read_again_and_again_is_kept()
    {
        using ActivationCache cache = new(_model, 2, StackDepth.InterventionLayer, 40 * TokenBytes(StackDepth.InterventionLayer));
        int[] often = s_sequences[0];
        foreach (int[] sequence in s_sequences)
        {
            cache.Layers([sequence, often], 10);
        }

        // Without its model a cache can only give what it has.
        _model.Dispose();

        Assert.Equal([1, 10, 16], cache.Layers([often], 10).shape);
        Assert.Throws<HyperDasException>(() => cache.Layers([s_sequences[1]], 10));
    }

    [Theory]
    [InlineData(StackDepth.AllLayers)]
    [InlineData(StackDepth.InterventionLayer)]
    public void Prefetched_states_need_no_model(StackDepth depth)
    {
        using ActivationCache cache = new(_model, 2, depth);
        SeenProgress reports = new();
        Tensor[] expected = [.. s_sequences.Select(s => Plain(s, 2))];

        cache.Prefetch(s_sequences, s_sequences, reports);
        _model.Dispose();

        Tensor layers = cache.Layers(s_sequences, 10), stacks = cache.Stacks(s_sequences, 10);
        for (int n = 0; n < s_sequences.Length; n++)
        {
            GoldenCase.AssertClose(expected[n], layers[n].narrow(0, 0, s_sequences[n].Length), 1e-5);
            GoldenCase.AssertClose(expected[n], stacks[n].narrow(0, 0, s_sequences[n].Length).select(1, -1), 1e-5);
        }
        Assert.Equal(reports.Seen[^1].Total, reports.Seen[^1].Completed);
        Assert.Equal(2 * s_sequences.Distinct(SequenceComparer.Instance).Count(), reports.Seen[^1].Total);
    }

    [Fact]
    public void Prefetching_stops_at_the_limit_and_what_is_missing_is_computed_later()
    {
        long limit = 40 * TokenBytes(StackDepth.AllLayers);
        using ActivationCache cache = new(_model, 2, StackDepth.AllLayers, limit);

        cache.Prefetch(s_sequences, s_sequences);

        Assert.True(cache.Bytes <= limit);
        AssertStacks(cache, StackDepth.AllLayers, 2, s_sequences[..5]);
    }

    [Fact]
    public void Prefetching_can_be_cancelled()
    {
        using ActivationCache cache = new(_model, 2, StackDepth.AllLayers);

        Assert.Throws<OperationCanceledException>(
            () => cache.Prefetch(s_sequences, s_sequences, cancellation: new CancellationToken(canceled: true)));

        AssertStacks(cache, StackDepth.AllLayers, 2, s_sequences[..5]);
    }

    [Fact]
    public void Padding_is_zero()
    {
        using ActivationCache cache = new(_model, 2, StackDepth.AllLayers);

        Tensor stacks = cache.Stacks([[1, 2, 3], [4]], 5);

        Assert.Equal(0, stacks[0].narrow(0, 3, 2).abs().sum().item<float>());
        Assert.Equal(0, stacks[1].narrow(0, 1, 4).abs().sum().item<float>());
    }

    [Fact]
    public void States_keep_the_models_number_format()
    {
        using LanguageModel half = TinyLlama.Create(dtype: ScalarType.BFloat16);
        using ActivationCache cache = new(half, 2, StackDepth.AllLayers);
        BlockContext context = half.CreateContext(ones([1, 3], ScalarType.Int64));
        Tensor expected = half.RunBlocks(half.Embed(tensor(new long[] { 1, 2, 3 }).unsqueeze(0), context), 0, 2, context);

        Tensor layers = cache.Layers([[1, 2, 3], [4, 5, 6, 7]], 4);

        Assert.Equal(ScalarType.BFloat16, layers.dtype);
        GoldenCase.AssertClose(expected[0], layers[0].narrow(0, 0, 3), 0.05);
        Assert.Equal(ScalarType.BFloat16, cache.Stacks([[1, 2, 3]], 4).dtype);
    }

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
    }

    /// <summary>Bytes that one token of a stack and one of a base sequence take together.</summary>
    private static long TokenBytes(StackDepth depth) => ((depth == StackDepth.AllLayers ? 5 : 1) + 1) * 16 * sizeof(float);

    private void AssertStacks(ActivationCache cache, StackDepth depth, int layer, int[][] sequences)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor stacks = cache.Stacks(sequences, 10);
        for (int n = 0; n < sequences.Length; n++)
        {
            GoldenCase.AssertClose(
                Stack(sequences[n], depth, layer), stacks[n].narrow(0, 0, sequences[n].Length), 1e-5, $"stack of sequence {n}");
        }
    }

    private void AssertLayers(ActivationCache cache, int layer, int[][] sequences)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor layers = cache.Layers(sequences, 10);
        for (int n = 0; n < sequences.Length; n++)
        {
            GoldenCase.AssertClose(Plain(sequences[n], layer), layers[n].narrow(0, 0, sequences[n].Length), 1e-5, $"layer of sequence {n}");
        }
    }

    private Tensor Stack(int[] sequence, StackDepth depth, int layer)
    {
        if (depth == StackDepth.InterventionLayer)
        {
            return Plain(sequence, layer).unsqueeze(1);
        }
        (Tensor ids, Tensor mask) = TinyLlama.Batch(left: false, sequence);
        return stack([.. _model.HiddenStates(ids, mask).Select(s => s[0]), Plain(sequence, layer)], 1);
    }

    /// <summary>The residual stream at a layer, of a sequence by itself.</summary>
    private Tensor Plain(int[] sequence, int layer)
    {
        (Tensor ids, Tensor mask) = TinyLlama.Batch(left: false, sequence);
        return _model.StateAt(ids, mask, layer)[0];
    }
}
