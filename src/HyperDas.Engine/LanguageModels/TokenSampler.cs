using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>Chooses next tokens from logits, with its own random number generator.</summary>
internal sealed class TokenSampler : IDisposable
{
    // Below it float32 can't represent the quotient, and the most likely token has all the probability.
    private const double Coldest = 1e-6;

    private readonly GenerationOptions _options;
    private readonly Generator _random;

    public TokenSampler(GenerationOptions options)
    {
        _options = options;
        _random = new Generator((ulong)options.Seed, CPU);
    }

    /// <summary>Chooses one token per row.</summary>
    /// <param name="logits"><c>[batch, vocabulary]</c>, float32.</param>
    /// <exception cref="HyperDasException"><c>LogitsNotFinite</c>.</exception>
    public long[] Choose(Tensor logits)
    {
        using DisposeScope scope = NewDisposeScope();
        // On the CPU: a seed gives the same text on every device up to rounding.
        Tensor scores = logits.cpu();
        if (!scores.isfinite().all().item<bool>())
        {
            throw new HyperDasException("LogitsNotFinite", HyperDasErrorKind.OperationStopped,
                "The model's logits aren't finite: its weights are damaged, or an edit caused it.");
        }
        if (_options.Temperature < Coldest)
        {
            return scores.argmax(-1).data<long>().ToArray();
        }
        scores = KeepLikeliest(scores / _options.Temperature);
        return scores.softmax(-1).multinomial(1, false, _random).view(-1).data<long>().ToArray();
    }

    public void Dispose() => _random.Dispose();

    private Tensor KeepLikeliest(Tensor scores)
    {
        if (_options.TopK is { } k && k < scores.shape[^1])
        {
            Tensor least = scores.topk(k, -1).values.narrow(-1, k - 1, 1);
            scores = scores.masked_fill(scores.lt(least), float.NegativeInfinity);
        }
        if (_options.TopP < 1)
        {
            (Tensor sorted, Tensor order) = scores.sort(-1, descending: true, stable: true);
            Tensor share = sorted.softmax(-1);
            // The sum before a token decides: the one that crosses the threshold is kept.
            Tensor surplus = (share.cumsum(-1) - share).ge(_options.TopP);
            scores = scores.masked_fill(surplus.scatter(-1, order, surplus), float.NegativeInfinity);
        }
        return scores;
    }
}
