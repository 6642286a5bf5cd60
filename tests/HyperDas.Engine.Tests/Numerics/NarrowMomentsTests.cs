using HyperDas.Engine.Numerics;
using HyperDas.Engine.Numerics.Kernels;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Numerics;

/// <summary>Moments in fewer bits: as near as their bits allow, right in the mean, and the same however the work is divided.</summary>
public sealed class NarrowMomentsTests : IDisposable
{
    private const double LearningRate = 1e-2;

    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<MomentFormat, bool> Formats => new()
    {
        { MomentFormat.BFloat16, false }, { MomentFormat.BFloat16, true }, { MomentFormat.EightBit, false },
            { MomentFormat.EightBit, true },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public void Steps_go_where_those_with_float32_moments_go(MomentFormat format, bool byTensors)
    {
        using ParameterStore wide = Store(), narrow = Store();
        using FlatAdamW exact = new(wide), rounded = new(narrow, 0.9, 0.999, 1e-8, format, byTensors);
        Tensor before = wide.Groups[ParameterGroup.Main].Values.clone();

        for (int step = 1; step <= 40; step++)
        {
            Descend(wide, exact, step);
            Descend(narrow, rounded, step);
        }

        Tensor moved = wide.Groups[ParameterGroup.Main].Values - before, away = narrow.Groups[ParameterGroup.Main].Values
            - wide.Groups[ParameterGroup.Main].Values;
        double share = away.norm().item<float>() / moved.norm().item<float>();
        Assert.InRange(share, 1e-7, format == MomentFormat.BFloat16 ? 0.01 : 0.12);
        // What differs is chance, not a tendency.
        Assert.InRange((away * moved.sign()).mean().item<float>() / moved.abs().mean().item<float>(), -0.01, 0.01);
    }

    [Theory]
    [InlineData(MomentFormat.BFloat16)]
    [InlineData(MomentFormat.EightBit)]
    public void What_either_way_has_kept_the_other_reads_alike(MomentFormat format)
    {
        using ParameterStore store = Store();
        using FlatAdamW optimiser = new(store, format: format);
        Descend(store, optimiser, 1);
        Descend(store, optimiser, 2);
        FlatGroup group = store.Groups[ParameterGroup.Main];
        using Moments moments = new(format, group);
        foreach ((string name, Tensor held) in moments.State(ParameterGroup.Main))
        {
            held.copy_(optimiser.State().Single(s => s.Key == name).Value);
        }
        long offset = 0, block = 0;

        foreach (TrainableTensor parameter in group.Parameters)
        {
            long count = parameter.Value.numel();
            (Tensor first, Tensor second) = moments.Read(offset, count, block);
            MomentBlocks blocks = new(moments.Piece(offset, count, block), seed: 0, offset);
            while (blocks.Next())
            {
                Assert.Equal(first.narrow(0, blocks.Place, blocks.Length).data<float>().ToArray(), blocks.First.ToArray());
                Assert.Equal(second.narrow(0, blocks.Place, blocks.Length).data<float>().ToArray(), blocks.Second.ToArray());
            }
            offset += count;
            block += Moments.Blocks(count);
        }
    }

    [Theory]
    [InlineData(MomentFormat.BFloat16)]
    [InlineData(MomentFormat.EightBit)]
    public void The_number_of_threads_changes_nothing(MomentFormat format)
    {
        int threads = get_num_threads();
        byte[][] results = [.. new[] { 1, 3 }.Select(count =>
        {
            set_num_threads(count);
            using ParameterStore store = Store(600_001);
            using FlatAdamW optimiser = new(store, format: format);
            Descend(store, optimiser, 1);
            Descend(store, optimiser, 2);
            return (byte[])[.. store.Groups[ParameterGroup.Main].Values.bytes,
                .. optimiser.State().SelectMany(s => s.Value.bytes.ToArray())];
        })];
        set_num_threads(threads);

        Assert.Equal(results[0], results[1]);
    }

    [Fact]
    public void A_number_between_two_codes_becomes_each_as_often_as_it_is_near()
    {
        // 0.7 of the way from one neighbour to the next, in blocks that hold a far larger number as well.
        const int Rounds = 4000;
        float[] signed = [-512, 1.0875f, -1.0875f, 0.3f * BitConverter.UInt32BitsToSingle(((127u + 9) * 8 - 125) << 20)],
            means = new float[4], read = new float[4];
        float[] unsigned = [512, 1.0875f, 0, 1e-20f], meansOfUnsigned = new float[4];
        float[] halves = [1 + (0.7f / 128), -1 - (0.7f / 128), 3e-30f, 0], meansOfHalves = new float[4];
        byte[] codes = new byte[4];
        ushort[] half = new ushort[4];
        uint[] random = new uint[4];
        for (int round = 0; round < Rounds; round++)
        {
            NarrowNumbers.Random(NarrowNumbers.Seed(round, 0), 7, random);
            NarrowNumbers.FromEightBit(codes, NarrowNumbers.ToEightBitSigned(signed, random, codes), signed: true, read);
            Add(means);
            NarrowNumbers.FromEightBit(codes, NarrowNumbers.ToEightBitUnsigned(unsigned, random, codes), signed: false, read);
            Add(meansOfUnsigned);
            // What is above 0 stays above 0.
            Assert.True(read[3] > 0);
            NarrowNumbers.ToBFloat16(halves, random, upper: true, half);
            NarrowNumbers.FromBFloat16(half, read);
            Add(meansOfHalves);
        }

        Assert.All(signed.Zip(means), pair => Assert.Equal(
            pair.First, pair.Second, Math.Abs(pair.First) * (Math.Abs(pair.First) < 1 ? 0.1 : 0.003)));
        Assert.All(unsigned.Take(3).Zip(meansOfUnsigned), pair => Assert.Equal(pair.First, pair.Second, pair.First * 0.003));
        Assert.All(halves.Zip(meansOfHalves), pair => Assert.Equal(pair.First, pair.Second, Math.Abs(pair.First) * 0.0005));

        void Add(float[] sums)
        {
            for (int i = 0; i < sums.Length; i++)
            {
                sums[i] += read[i] / Rounds;
            }
        }
    }

    [Fact]
    public void Loops_over_vectors_and_over_the_rest_round_alike()
    {
        float[] values = [.. Enumerable.Range(0, 256).Select(i => (float)(Math.Sin(i) * Math.Exp(-i % 29)))];
        float[] positive = [.. values.Select(v => v * v)];
        uint[] random = new uint[256];
        NarrowNumbers.Random(3, 100, random);
        byte[] together = new byte[256], alone = new byte[256];
        ushort[] halves = new ushort[256], loneHalves = new ushort[256];
        float[] read = new float[256], loneRead = new float[256];

        foreach (bool signed in (bool[])[true, false])
        {
            int from = Write(signed ? values : positive, random, together);
            // The block's largest number goes with each one, so that the base is the same.
            float largest = (signed ? values : positive).MaxBy(Math.Abs);
            for (int i = 0; i < 256; i++)
            {
                byte[] pair = new byte[2];
                uint[] bits = new uint[1];
                NarrowNumbers.Random(3, 100 + (uint)i, bits);
                Assert.Equal(random[i], bits[0]);
                Assert.Equal(from, Write([(signed ? values : positive)[i], largest], [bits[0], 0], pair));
                alone[i] = pair[0];
            }
            Assert.Equal(together, alone);
            NarrowNumbers.FromEightBit(together, from, signed, read);
            for (int i = 0; i < 256; i++)
            {
                NarrowNumbers.FromEightBit(together.AsSpan(i, 1), from, signed, loneRead.AsSpan(i, 1));
            }
            Assert.Equal(read, loneRead);
            int Write(ReadOnlySpan<float> from, ReadOnlySpan<uint> chance, Span<byte> to) =>
                signed ? NarrowNumbers.ToEightBitSigned(from, chance, to) : NarrowNumbers.ToEightBitUnsigned(from, chance, to);
        }
        NarrowNumbers.ToBFloat16(values, random, upper: false, halves);
        for (int i = 0; i < 256; i++)
        {
            NarrowNumbers.ToBFloat16(values.AsSpan(i, 1), random.AsSpan(i, 1), upper: false, loneHalves.AsSpan(i, 1));
        }
        Assert.Equal(halves, loneHalves);
    }

    [Fact]
    public void Many_steps_leave_no_tensor_behind()
    {
        using ParameterStore store = Store();
        foreach (bool byTensors in (bool[])[false, true])
        {
            using FlatAdamW optimiser = new(store, 0.9, 0.999, 1e-8, MomentFormat.EightBit, byTensors);
            Descend(store, optimiser, 1);
            long before = LiveTensors.Settle();
            for (int step = 2; step < 30; step++)
            {
                Descend(store, optimiser, step);
            }
            Assert.Equal(before, Tensor.TotalCount);
        }
    }

    public void Dispose() => _scope.Dispose();

    private static ParameterStore Store(int length = 2_000)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(5, CPU);
        ParameterStore store = new(CPU);
        // No multiples of a block, gradients of very different sizes within one, and a parameter that has none.
        store.Add("long", ParameterGroup.Main, randn(length + 77, generator: random));
        store.Add("short", ParameterGroup.Main, randn(13, generator: random));
        store.Add("unused", ParameterGroup.Main, randn(5, generator: random));
        store.Seal();
        return store;
    }

    private static void Descend(ParameterStore store, FlatAdamW optimiser, int step)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new((ulong)step, CPU);
        store.ClearGradients();
        Tensor loss = zeros(1);
        foreach (TrainableTensor parameter in store.Parameters.Take(2))
        {
            Tensor sizes = (arange(parameter.Value.numel()) % 11 * -0.5).exp2();
            loss = loss + (parameter.Value * sizes * (randn(parameter.Value.shape, generator: random) + 1)).sum();
        }
        loss.sum().backward();
        optimiser.Step(_ => new GroupRate(LearningRate, 0));
        store.ClearGradients();
    }
}
