using HyperDas.Engine.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <content>Data shared by all blocks of one pass: positions, and which tokens a token attends to.</content>
public sealed partial class LanguageModel
{
    /// <summary>Creates the data shared by all blocks of one pass.</summary>
    /// <param name="mask"><c>[batch, columns]</c>, 1 = real token, 0 = padding on either side; cached columns come first, followed by the
    /// new ones.</param>
    /// <param name="positions"><c>[batch, new]</c>, or null: 0, 1, 2, … on real tokens.</param>
    /// <param name="cache">The cache that the pass will extend, or null.</param>
    /// <param name="visible">Additional restriction, bool <c>[batch, new, columns]</c>: which columns a query may attend to; null for all
    /// before it.</param>
    /// <returns>The context; a padding query attends to itself, so nothing is undefined.</returns>
    /// <exception cref="HyperDasException"><c>ModelDisposed</c>; <c>PromptTooLong</c>: a position that the model
    /// has no vector for.</exception>
    public BlockContext CreateContext(Tensor mask, Tensor? positions = null, KeyValueCache? cache = null, Tensor? visible = null)
    {
        ThrowIfDisposed();
        using DisposeScope scope = NewDisposeScope();
        long past = cache?.Length ?? 0, columns = mask.shape[1], fresh = columns - past;
        Tensor real = mask.to(_device).to_type(ScalarType.Bool);
        positions ??= (real.to_type(ScalarType.Int64).cumsum(1) - 1).clamp_(min: 0).narrow(1, past, fresh);
        positions = positions.to(_device);
        if (Config.LearnedPositions)
        {
            ThrowIfOutsidePositions(positions);
        }
        Tensor seen = Visible(real, past, fresh, columns, visible);
        return BlockContext.Create(
            _rotary?.Of(positions, _dtype), _localRotary?.Of(positions, _dtype), Config.LearnedPositions ? positions.alias() : null, seen,
            Windows(seen, real, past, fresh), _dtype, Config.HeadCount / Config.KeyValueHeadCount,
            Config.AnyBlock(b => b.ScoreCap is not null)).CopyTo(Places.Others).MoveToOuterDisposeScope();
    }

    /// <summary>Whether the rotation of a token depends on how long the text is by now.</summary>
    internal bool RotatesByLength => _rotary is not null && Config.RopeScaling is DynamicRopeScaling or LongRopeScaling;

    /// <summary>
    /// Whether keys rotated in a shorter text become invalid when the text has grown to a length, because the scaling of the rotary
    /// embedding depends on it. A cache must then be refilled.
    /// </summary>
    /// <param name="length">The new length, in tokens; the text was one shorter.</param>
    internal bool ForgetsAt(int length) => _rotary is not null && Config.RopeScaling switch
    {
        DynamicRopeScaling dynamic => length > dynamic.OriginalLength,
        LongRopeScaling stretched => length == stretched.OriginalLength + 1,
        _ => false,
    };

    // [batch, new, columns]: causal, padding hidden. Every token sees itself: a softmax over nothing would be NaN.
    private Tensor Visible(Tensor real, long past, long fresh, long columns, Tensor? restriction)
    {
        Tensor causal = ones([fresh, columns], dtype: ScalarType.Bool, device: _device).tril(past);
        Tensor allowed = causal.logical_and(real.unsqueeze(1));
        if (restriction is not null)
        {
            allowed = allowed.logical_and(restriction.to(_device));
        }
        return allowed.logical_or(causal.triu(past));
    }

    // For each window width that hides anything: tokens are counted, not columns, because padding may be between them.
    private Dictionary<int, Tensor> Windows(Tensor seen, Tensor real, long past, long fresh)
    {
        Dictionary<int, Tensor> windows = [];
        int[] widths =
        [
            .. Enumerable.Range(0, BlockCount).Select(i => Config.BlockAt(i).Window).OfType<int>().Distinct()
                .Where(width => width < seen.shape[2])
        ];
        if (widths.Length == 0)
        {
            return windows;
        }
        Tensor count = real.to_type(ScalarType.Int64).cumsum(1);
        Tensor distance = count.narrow(1, past, fresh).unsqueeze(2) - count.unsqueeze(1);
        foreach (int width in widths)
        {
            windows.Add(width, seen.logical_and(distance.lt(width)));
        }
        return windows;
    }

    private void ThrowIfOutsidePositions(Tensor positions)
    {
        long highest = positions.max().item<long>();
        if (highest >= Config.MaxPositions)
        {
            throw new HyperDasException(
                "PromptTooLong", HyperDasErrorKind.InvalidArgument,
                $"A text has {highest + 1} tokens; '{Name}' has only {Config.MaxPositions} positions.", highest + 1);
        }
    }
}
