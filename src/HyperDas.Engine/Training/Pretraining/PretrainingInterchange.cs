using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training.Pretraining;

/// <summary>
/// Interchange interventions as part of the pretraining (interchange intervention training, Geiger et al. 2022): for two texts of one
/// domain, the state of one entity's last token is replaced by the other's in the coordinates of one attribute, and the training answer is
/// the one that this patch should produce. Each attribute then has its own subspace at that place: a target model with a known correct
/// answer. The coordinates are rotated by a fixed random rotation, so they aren't aligned with any axis.
/// </summary>
internal sealed class PretrainingInterchange : IDisposable
{
    private readonly PretrainingTextEncoder _encoder;
    private readonly int _width;
    private readonly int _slot;
    private readonly Tensor _rotation;

    /// <summary>Divides the hidden width among attributes.</summary>
    /// <param name="encoder">Creates token ids.</param>
    /// <param name="domains">Domains; attributes with the same index share a slot.</param>
    /// <param name="options">Width and seed.</param>
    public PretrainingInterchange(PretrainingTextEncoder encoder, IReadOnlyList<RavelDomain> domains, PretrainingOptions options)
    {
        _encoder = encoder;
        _width = options.HiddenSize;
        // One more slot than attributes: anything else that identifies the entity has room outside the slots.
        _slot = Math.Max(1, _width / (domains.Max(d => d.Attributes.Count) + 1));
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new((ulong)options.Seed + 1, CPU);
        _rotation = linalg.qr(randn([_width, _width], generator: generator)).Q.DetachFromDisposeScope();
    }

    /// <summary>Pairs the texts of a batch among themselves.</summary>
    /// <param name="texts">Texts of the same padded length.</param>
    /// <param name="random">Source of randomness for partners and attributes.</param>
    /// <returns>The texts with the correct answers after the swap, and the swap.</returns>
    public (IReadOnlyList<PretrainingText> Texts, PretrainingSwap Swap) Pair(IReadOnlyList<PretrainingText> texts, SeededRandom random)
    {
        int length = PretrainingBatch.PaddedLength(texts[0]);
        PretrainingText[] answered = [.. texts];
        List<long> rows = [], partners = [];
        List<float> masks = [];
        for (int n = 0; n < texts.Count; n++)
        {
            Mention about = texts[n].Mention;
            int partner = random.Next(texts.Count);
            Mention other = texts[partner].Mention;
            // A text that ends with its entity has no input there: the last token is only predicted.
            bool readable = texts[partner].EntityEnd < length;
            if (about.Attribute < 0 || !readable || other.Domain != about.Domain || other.Entity == about.Entity)
            {
                continue;
            }
            int attributes = about.Domain.Attributes.Count;
            int patched = random.Next(2) == 0 ? about.Attribute : random.Next(attributes);
            if (patched == about.Attribute)
            {
                if (!other.Entity.Values.TryGetValue(about.Domain.Attributes[patched], out string? value) || value.Length == 0)
                {
                    continue;
                }
                PretrainingText changed = _encoder.WithValueOf(texts[n], other.Entity);
                if (changed.Ids.Length - 1 > length)
                {
                    continue;
                }
                answered[n] = changed;
            }
            rows.Add(((long)n * length) + texts[n].EntityEnd);
            partners.Add(((long)partner * length) + texts[partner].EntityEnd);
            for (int i = 0; i < _width; i++)
            {
                masks.Add(i / _slot == patched ? 1 : 0);
            }
        }
        using DisposeScope scope = NewDisposeScope();
        return (answered, new PretrainingSwap(
            tensor(rows.ToArray(), ScalarType.Int64).MoveToOuterDisposeScope(),
            tensor(partners.ToArray(), ScalarType.Int64).MoveToOuterDisposeScope(),
            tensor(masks.ToArray()).view(-1, _width).MoveToOuterDisposeScope(),
            _rotation,
            length));
    }

    /// <inheritdoc/>
    public void Dispose() => _rotation.Dispose();
}
