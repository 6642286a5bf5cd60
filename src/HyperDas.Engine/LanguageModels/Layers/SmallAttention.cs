using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using HyperDas.Engine.Numerics.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels.Layers;

/// <summary>
/// Softmax attention for short texts, in float32 on the processor. It reads a head's numbers where a projection left them, keeps them in
/// the cache for everything that is done with them, and doesn't compute the columns that a mask hides from a few queries. Unlike
/// the library's, it takes texts of different lengths without padding, as <see cref="TokenPacking"/> puts them.
/// </summary>
internal sealed class SmallAttention : autograd.SingleTensorFunction<SmallAttention>
{
    // Scores of a head: with more, the library's products are large enough to be fast, and storing the weights takes too much memory.
    private const long MostScores = 128 * 128;

    private const string Settings = "settings";

    // Scratch memory of each thread.
    [ThreadStatic]
    private static float[]? t_scratch;

    /// <inheritdoc/>
    public override string Name => nameof(SmallAttention);

    /// <summary>Whether <see cref="Apply"/> can compute attention with a mask in the format of queries, keys and values.</summary>
    /// <param name="mask">As for <see cref="Apply"/>.</param>
    /// <param name="width">Width of a head.</param>
    /// <param name="queries">The most queries of a text.</param>
    /// <param name="keys">The most keys of a text.</param>
    public static bool Suits(Tensor mask, long width, long queries, long keys) =>
        SmallProduct.IsSupported && width % SmallProduct.Columns == 0 && queries * keys <= MostScores
        && mask.dtype == ScalarType.Float32 && mask.device_type == DeviceType.CPU && (mask.stride(3) == 1 || mask.shape[3] == 1)
        && !mask.requires_grad;

    /// <summary>softmax(q kᵀ · scale + mask) v. Query heads share key/value heads in consecutive groups.</summary>
    /// <param name="q"><c>[batch, heads, queries, headWidth]</c>, in any layout with consecutive numbers of a head.</param>
    /// <param name="k"><c>[batch, groups, keys, headWidth]</c>, likewise; groups divides heads.</param>
    /// <param name="v"><c>[batch, groups, keys, headWidth]</c>, likewise.</param>
    /// <param name="mask">Additive, <c>[batch or 1, 1, queries or more or 1, keys]</c>, of which the first rows are read; null if every key
    /// is visible.</param>
    /// <param name="scale">Factor of the scores.</param>
    /// <param name="packing">Texts without padding, whose keys and values are those of a batch of 1; null for a batch.</param>
    /// <param name="asksPacked">Whether the queries are packed as well, rather than as many of each text.</param>
    /// <returns><c>[batch, queries, heads * headWidth]</c>.</returns>
    public static Tensor Apply(
        Tensor q, Tensor k, Tensor v, Tensor? mask, double scale, TokenPacking? packing = null, bool asksPacked = false)
    {
        using DisposeScope scope = NewDisposeScope();
        bool learns = is_grad_enabled() && (q.requires_grad || k.requires_grad || v.requires_grad);
        Setting setting = new((float)scale, packing, asksPacked);
        Tensor mixed = learns ? apply(q, k, v, mask!, setting) : Forward(q, k, v, mask, setting, keep: false).Result;
        return mixed.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor q = (Tensor)vars[0], k = (Tensor)vars[1], v = (Tensor)vars[2];
        (Tensor result, Tensor? weights) = Forward(q, k, v, (Tensor?)vars[3], (Setting)vars[4], keep: true);
        OwnGradient.Save(ctx, q, k, v, weights!.MoveToOuterDisposeScope());
        ctx.save_data(Settings, vars[4]);
        return result.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        Setting setting = (Setting)ctx.get_data(Settings);
        return OwnGradient.Run(ctx, [grad_output], 5, (saved, gradients) =>
            Backward(gradients[0], saved[0], saved[1], saved[2], saved[3], setting))!;
    }

    private static (Tensor Result, Tensor? Weights) Forward(Tensor q, Tensor k, Tensor v, Tensor? mask, Setting setting, bool keep)
    {
        Sizes s = new(q, k, setting);
        Tensor result = empty(q.shape[0], q.shape[2], s.Heads * s.Width);
        Tensor? weights = keep ? empty(s.Texts, s.Heads, s.MostQueries, s.Padded) : null;
        Place qs = new(q), ks = new(k), vs = new(v);
        Place? masks = mask is null ? null : new Place(mask);
        TensorMemory.InPieces(s.Texts * s.Groups, piece => ForwardGroup(
            s, qs, ks, vs, masks, TensorMemory.Floats(result), weights is null ? default : TensorMemory.Floats(weights),
            piece / s.Groups, piece % s.Groups));
        return (result, weights);
    }

    private static Tensor?[] Backward(Tensor gradient, Tensor q, Tensor k, Tensor v, Tensor weights, Setting setting)
    {
        Sizes s = new(q, k, setting);
        Tensor g = gradient.contiguous();
        Tensor Like(Tensor x) => empty(x.shape[0], x.shape[2], x.shape[1], x.shape[3]).transpose(1, 2);
        Tensor dq = Like(q), dk = Like(k), dv = Like(v);
        Place qs = new(q), ks = new(k), vs = new(v), dqs = new(dq), dks = new(dk), dvs = new(dv);
        TensorMemory.InPieces(s.Texts * s.Groups, piece => BackwardGroup(
            s, qs, ks, vs, TensorMemory.Floats(g), TensorMemory.Floats(weights), dqs, dks, dvs, piece / s.Groups, piece % s.Groups));
        return [dq, dk, dv, null, null];
    }

    private static void ForwardGroup(
        Sizes s, Place q, Place k, Place v, Place? mask, Span<float> result, Span<float> weights, int text, int group)
    {
        int queries = s.Queries(text), keys = s.Keys(text), area = s.MostQueries * s.Padded, outRow = s.Heads * s.Width;
        Span<float> scratch = Scratch((s.Width * s.Padded) + (2 * area));
        ref float turned = ref scratch[0], added = ref scratch[s.Width * s.Padded], own = ref Unsafe.Add(ref added, area);
        ref float values = ref s.Key(v, text, group);
        Transpose(ref s.Key(k, text, group), k.Column, keys, s.Width, ref turned, s.Padded);
        Span<int> ends = stackalloc int[(queries + SmallProduct.Rows - 1) / SmallProduct.Rows];
        FillMask(mask, text, queries, keys, s.Padded, ref added, ends);
        for (int head = group * s.Shared; head < (group + 1) * s.Shared; head++)
        {
            ref float p = ref weights.IsEmpty ? ref own : ref weights[((text * s.Heads) + head) * area];
            ref float asking = ref s.Query(q, text, head), to = ref result[(s.FirstQuery(text) * outRow) + (head * s.Width)];
            for (int block = 0; block < ends.Length; block++)
            {
                int row = block * SmallProduct.Rows, rows = Math.Min(SmallProduct.Rows, queries - row), end = ends[block];
                ref float scores = ref Unsafe.Add(ref p, row * s.Padded);
                SmallProduct.Multiply(
                    ref Unsafe.Add(ref asking, row * q.Column), q.Column, 1, ref turned, s.Padded, ref scores, s.Padded,
                    rows, s.Width, end);
                for (int i = 0; i < rows; i++)
                {
                    Softmax(
                        MemoryMarshal.CreateSpan(ref Unsafe.Add(ref scores, i * s.Padded), s.Padded),
                        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref added, (row + i) * s.Padded), s.Padded), end, s.Scale);
                }
                SmallProduct.Multiply(
                    ref scores, s.Padded, 1, ref values, v.Column, ref Unsafe.Add(ref to, row * outRow), outRow, rows,
                    Math.Min(end, keys), s.Width);
            }
        }
    }

    private static void BackwardGroup(
        Sizes s, Place q, Place k, Place v, Span<float> gradient, Span<float> weights, Place dq, Place dk, Place dv, int text, int group)
    {
        int queries = s.Queries(text), keys = s.Keys(text), area = s.MostQueries * s.Padded, outRow = s.Heads * s.Width;
        Span<float> scratch = Scratch((s.Width * s.Padded) + area);
        ref float turned = ref scratch[0], ds = ref scratch[s.Width * s.Padded];
        ref float seen = ref s.Key(k, text, group), ofKeys = ref s.Key(dk, text, group), ofValues = ref s.Key(dv, text, group);
        Transpose(ref s.Key(v, text, group), v.Column, keys, s.Width, ref turned, s.Padded);
        Span<int> ends = stackalloc int[(queries + SmallProduct.Rows - 1) / SmallProduct.Rows];
        for (int head = group * s.Shared; head < (group + 1) * s.Shared; head++)
        {
            ref float p = ref weights[((text * s.Heads) + head) * area];
            ref float g = ref gradient[(s.FirstQuery(text) * outRow) + (head * s.Width)];
            ref float asking = ref s.Query(q, text, head), ofAsking = ref s.Query(dq, text, head);
            for (int block = 0; block < ends.Length; block++)
            {
                int row = block * SmallProduct.Rows, rows = Math.Min(SmallProduct.Rows, queries - row);
                ref float scores = ref Unsafe.Add(ref ds, row * s.Padded), shares = ref Unsafe.Add(ref p, row * s.Padded);
                int end = ends[block] = End(ref shares, rows, s.Padded);
                SmallProduct.Multiply(
                    ref Unsafe.Add(ref g, row * outRow), outRow, 1, ref turned, s.Padded, ref scores, s.Padded, rows, s.Width, end);
                for (int i = 0; i < rows; i++)
                {
                    SoftmaxGradient(
                        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref shares, i * s.Padded), s.Padded),
                        MemoryMarshal.CreateSpan(ref Unsafe.Add(ref scores, i * s.Padded), s.Padded), end, s.Scale);
                }
                SmallProduct.Multiply(
                    ref scores, s.Padded, 1, ref seen, k.Column, ref Unsafe.Add(ref ofAsking, row * dq.Column), dq.Column, rows,
                    Math.Min(end, keys), s.Width);
            }
            bool add = head > group * s.Shared;
            for (int key = 0; key < keys; key += SmallProduct.Rows)
            {
                int first = 0, count = Math.Min(SmallProduct.Rows, keys - key);
                while (first < ends.Length && ends[first] <= key)
                {
                    first++;
                }
                int row = Math.Min(queries, first * SmallProduct.Rows), inner = queries - row;
                SmallProduct.Multiply(
                    ref Unsafe.Add(ref ds, (row * s.Padded) + key), 1, s.Padded, ref Unsafe.Add(ref asking, row * q.Column), q.Column,
                    ref Unsafe.Add(ref ofKeys, key * dk.Column), dk.Column, count, inner, s.Width, add);
                SmallProduct.Multiply(
                    ref Unsafe.Add(ref p, (row * s.Padded) + key), 1, s.Padded, ref Unsafe.Add(ref g, row * outRow), outRow,
                    ref Unsafe.Add(ref ofValues, key * dv.Column), dv.Column, count, inner, s.Width, add);
            }
        }
    }

    // [width, padded] of [keys, width]; the padding is 0.
    private static void Transpose(ref float from, nint column, int keys, int width, ref float to, int padded)
    {
        for (int i = 0; i < width; i++)
        {
            ref float row = ref Unsafe.Add(ref to, i * padded);
            for (int j = 0; j < keys; j++)
            {
                Unsafe.Add(ref row, j) = Unsafe.Add(ref from, (j * column) + i);
            }
            for (int j = keys; j < padded; j++)
            {
                Unsafe.Add(ref row, j) = 0;
            }
        }
    }

    // The mask's rows with hidden padding, and for each few rows how many columns, in whole vectors, one of them sees.
    private static void FillMask(Place? mask, int text, int queries, int keys, int padded, ref float added, Span<int> ends)
    {
        for (int row = 0; row < queries; row++)
        {
            Span<float> to = MemoryMarshal.CreateSpan(ref Unsafe.Add(ref added, row * padded), padded);
            if (mask is { } m)
            {
                MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref m.At(text, 0), row * m.Column), keys).CopyTo(to);
            }
            else
            {
                to[..keys].Clear();
            }
            to[keys..].Fill(float.NegativeInfinity);
            int seen = to.LastIndexOfAnyExcept(float.NegativeInfinity) + 1, block = row / SmallProduct.Rows;
            int end = Math.Max(1, (seen + SmallProduct.Columns - 1) / SmallProduct.Columns) * SmallProduct.Columns;
            ends[block] = row % SmallProduct.Rows == 0 ? end : Math.Max(ends[block], end);
        }
    }

    private static int End(ref float weights, int rows, int padded)
    {
        int most = 1;
        for (int i = 0; i < rows; i++)
        {
            most = Math.Max(
                most, MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref weights, i * padded), padded).LastIndexOfAnyExcept(0f) + 1);
        }
        return (most + SmallProduct.Columns - 1) / SmallProduct.Columns * SmallProduct.Columns;
    }

    private static void Softmax(Span<float> scores, ReadOnlySpan<float> mask, int end, float scale)
    {
        Span<Vector256<float>> all = MemoryMarshal.Cast<float, Vector256<float>>(scores[..end]);
        ReadOnlySpan<Vector256<float>> masks = MemoryMarshal.Cast<float, Vector256<float>>(mask[..end]);
        Vector256<float> most = Vector256.Create(float.NegativeInfinity), factor = Vector256.Create(scale), sum = default;
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = Vector256.FusedMultiplyAdd(all[i], factor, masks[i]);
            most = Vector256.Max(most, all[i]);
        }
        float highest = float.NegativeInfinity;
        for (int n = 0; n < Vector256<float>.Count; n++)
        {
            highest = MathF.Max(highest, most[n]);
        }
        // A row that sees nothing has no weights.
        Vector256<float> top = Vector256.Create(float.IsNegativeInfinity(highest) ? 0 : highest);
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = Vector256.Exp(all[i] - top);
            sum += all[i];
        }
        float total = Vector256.Sum(sum);
        Vector256<float> share = Vector256.Create(total == 0 ? 0 : 1 / total);
        for (int i = 0; i < all.Length; i++)
        {
            all[i] *= share;
        }
        scores[end..].Clear();
    }

    // dS = scale P (dP − Σ P dP), over dP.
    private static void SoftmaxGradient(ReadOnlySpan<float> weights, Span<float> gradient, int end, float scale)
    {
        ReadOnlySpan<Vector256<float>> p = MemoryMarshal.Cast<float, Vector256<float>>(weights[..end]);
        Span<Vector256<float>> g = MemoryMarshal.Cast<float, Vector256<float>>(gradient[..end]);
        Vector256<float> sum = default;
        for (int i = 0; i < g.Length; i++)
        {
            sum = Vector256.FusedMultiplyAdd(p[i], g[i], sum);
        }
        Vector256<float> mean = Vector256.Create(Vector256.Sum(sum)), factor = Vector256.Create(scale);
        for (int i = 0; i < g.Length; i++)
        {
            g[i] = (g[i] - mean) * p[i] * factor;
        }
        gradient[end..].Clear();
    }

    private static Span<float> Scratch(int length)
    {
        if (t_scratch is null || t_scratch.Length < length)
        {
            t_scratch = GC.AllocateUninitializedArray<float>(length);
        }
        return t_scratch;
    }

    private sealed record Setting(float Scale, TokenPacking? Packing, bool AsksPacked);

    private readonly struct Sizes(Tensor q, Tensor k, Setting setting)
    {
        private readonly TokenPacking? _packing = setting.Packing;
        private readonly bool _asksPacked = setting.AsksPacked;
        private readonly int _queries = (int)q.shape[2], _keys = (int)k.shape[2];

        public float Scale => setting.Scale;

        public int Texts { get; } = setting.Packing?.Count ?? (int)q.shape[0];

        public int Heads { get; } = (int)q.shape[1];

        public int Groups { get; } = (int)k.shape[1];

        public int Width { get; } = (int)q.shape[3];

        public int Shared => Heads / Groups;

        public int MostQueries => _asksPacked ? _packing!.Longest : _queries;

        // Columns of scores: whole vectors.
        public int Padded => ((_packing?.Longest ?? _keys) + SmallProduct.Columns - 1) / SmallProduct.Columns * SmallProduct.Columns;

        public int Queries(int text) => _asksPacked ? _packing!.Length(text) : _queries;

        public int Keys(int text) => _packing?.Length(text) ?? _keys;

        // Row of the result.
        public int FirstQuery(int text) => _asksPacked ? _packing!.Offset(text) : text * _queries;

        public ref float Query(Place place, int text, int head) =>
            ref _asksPacked ? ref place.At(0, head, _packing!.Offset(text)) : ref place.At(text, head);

        public ref float Key(Place place, int text, int group) =>
            ref _packing is null ? ref place.At(text, group) : ref place.At(0, group, _packing.Offset(text));
    }

    // The numbers of [batch, heads, tokens, width] wherever they are: a view of the storage from the first to the last of them.
    private readonly struct Place
    {
        private readonly Tensor _numbers;
        private readonly nint _batch, _head;

        public Place(Tensor x)
        {
            long[] sizes = x.shape, steps = x.stride();
            _batch = sizes[0] == 1 ? 0 : (nint)steps[0];
            _head = sizes[1] == 1 ? 0 : (nint)steps[1];
            Column = sizes[2] == 1 ? 0 : (nint)steps[2];
            long length = 1 + sizes.Zip(steps, (size, step) => (size - 1) * step).Sum();
            _numbers = x.as_strided([length], [1], x.storage_offset());
        }

        /// <summary>Distance of tokens.</summary>
        public nint Column { get; }

        public ref float At(int batch, int head, int token = 0) => ref Unsafe.Add(
            ref MemoryMarshal.GetReference(TensorMemory.Floats(_numbers)), (batch * _batch) + (head * _head) + (token * Column));
    }
}
