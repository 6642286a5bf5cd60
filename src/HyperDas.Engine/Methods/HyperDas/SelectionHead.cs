using HyperDas.Engine.LanguageModels.Layers;
using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.HyperDas;

/// <summary>
/// Scores every (source token, base token) pair and, for each base token, "no intervention" (docs/methods.md#selection-score). The original
/// expands all pairs; here the key W_k W_c [b; s] is split into a base and a source part and the pair's rotary position r_s n_b + r_b + 1
/// into a rotation of each part, which reduces the scores to two batched matrix products.
/// </summary>
internal sealed class SelectionHead
{
    private const double Deviation = 0.02;

    // The last distance represents all larger ones. Adam changes a parameter by at most its learning rate per step: without the scale,
    // a thousand steps wouldn't bring a bias to the magnitude of a score.
    private const int EndDistances = 8;

    /// <summary>Number of values of an end bias.</summary>
    internal const int EndBiasCount = 2 * EndDistances;

    private const double EndScale = 64;

    private readonly HypernetworkShape _shape;
    private readonly TrainableTensor _query, _key, _combine;
    private readonly TrainableTensor? _pairBase, _pairSource, _pairConcept, _endBias;

    public SelectionHead(ParameterStore store, HypernetworkShape shape, SelectionScore score, bool endBias, Generator generator)
    {
        _shape = shape;
        Tensor Normal(long rows, long columns) => Initialise.Normal(rows, columns, Deviation, generator);
        _query = store.Add("hypernetwork.lm_head.q_proj.weight", ParameterGroup.Main, Normal(shape.QueryWidth, shape.Hidden));
        _key = store.Add("hypernetwork.lm_head.k_proj.weight", ParameterGroup.Main, Normal(shape.KeyWidth, shape.Hidden));
        _combine = store.Add("hypernetwork.lm_head.q_combine.weight", ParameterGroup.Main, Normal(shape.Hidden, 2L * shape.Hidden));
        if (score == SelectionScore.Bilinear)
        {
            _pairBase = store.Add("hypernetwork.lm_head.pair_base_proj.weight", ParameterGroup.Main,
                Initialise.Linear(shape.Hidden, shape.Hidden, generator));
            _pairSource = store.Add("hypernetwork.lm_head.pair_source_proj.weight", ParameterGroup.Main,
                Initialise.Linear(shape.Hidden, shape.Hidden, generator));
            _pairConcept = store.Add(
                "hypernetwork.lm_head.pair_concept_proj.weight", ParameterGroup.Main, Normal(shape.Hidden, shape.Hidden));
        }
        if (endBias)
        {
            _endBias = store.Add("hypernetwork.lm_head.end_bias.weight", ParameterGroup.Main, zeros(2, EndDistances));
        }
    }

    /// <summary>Selection weights w.</summary>
    /// <param name="concept">e, <c>[batch, d]</c>.</param>
    /// <param name="instructionLengths">n_e, <c>[batch]</c>.</param>
    /// <param name="source">Source states at the intervention layer and their visibility.</param>
    /// <param name="base">Base states at the intervention layer and their visibility.</param>
    /// <param name="layer">ℓ.</param>
    /// <param name="selfOffset">Added to the base column in the position of "no intervention": 0, or the left padding of the
    /// original, <c>[batch]</c>.</param>
    /// <param name="inverseFrequencies">Rotary speeds.</param>
    /// <param name="sourceFirst">Swap the halves of the pair (symmetric HyperDAS with the coin at 1).</param>
    /// <returns><c>[batch, source + 1, base]</c>; columns sum to 1; a hidden base column has 1 in its last row.</returns>
    public Tensor Forward(
        Tensor concept, Tensor instructionLengths, TokenStack source, TokenStack @base, int layer, Tensor? selfOffset,
        Tensor inverseFrequencies, bool sourceFirst)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor s = source.Layer(layer), b = @base.Layer(layer);
        long batch = s.shape[0], sources = s.shape[1], columns = b.shape[1];
        Device device = s.device;

        // Averaging over heads that share a key head leaves only the sum of their queries.
        Tensor q = nn.functional.linear(concept, _query)
            .view(batch, _shape.Groups, _shape.Heads / _shape.Groups, _shape.HeadWidth).sum([2L])
            .mul(1 / (_shape.Heads * Math.Sqrt(_shape.HeadWidth)));

        Tensor[] halves = _combine.Value.chunk(2, 1);
        (Tensor baseHalf, Tensor sourceHalf) = sourceFirst ? (halves[1], halves[0]) : (halves[0], halves[1]);
        Tensor baseKey = Heads(nn.functional.linear(nn.functional.linear(b, baseHalf), _key));
        Tensor sourceKey = Heads(nn.functional.linear(nn.functional.linear(s, sourceHalf), _key));
        Tensor selfKey = Heads(nn.functional.linear(b, _key));

        // Ranks among visible tokens are column indices here: visible tokens are packed to the front.
        Tensor sourceRank = arange(sources, ScalarType.Float32, device).unsqueeze(0),
            baseRank = arange(columns, ScalarType.Float32, device).unsqueeze(0);
        Tensor visibleBase = @base.Counts.to_type(ScalarType.Float32).unsqueeze(1),
            visibleSource = source.Counts.to_type(ScalarType.Float32).unsqueeze(1);
        Tensor start = instructionLengths.to_type(ScalarType.Float32).unsqueeze(1) - 1;
        Tensor sourceTurn = sourceRank * visibleBase;

        RotaryTable Turn(Tensor positions)
        {
            RotaryTable table = RotaryEmbedding.Table(positions, inverseFrequencies, ScalarType.Float32);
            return new RotaryTable(table.Cos.unsqueeze(2), table.Sin.unsqueeze(2));
        }

        // Score(i, j) = R(n_e) q · R(r_s n_b + r_b + 1) k; either summand of p may rotate the query back instead of the key forward.
        Tensor everyQuery = q.unsqueeze(1);
        Tensor bySource = RotaryEmbedding.Apply(everyQuery, Turn(start - sourceTurn));
        Tensor byBase = RotaryEmbedding.Apply(everyQuery, Turn(start - baseRank));
        Tensor turnedBase = RotaryEmbedding.Apply(baseKey, Turn(baseRank));
        Tensor turnedSource = RotaryEmbedding.Apply(sourceKey, Turn(sourceTurn));
        Tensor pairs = Flat(bySource).bmm(Flat(turnedBase).transpose(1, 2)) + Flat(turnedSource).bmm(Flat(byBase).transpose(1, 2));
        if (_pairBase is not null && _pairSource is not null && _pairConcept is not null)
        {
            pairs = pairs + Bilinear(concept, s, b, _pairConcept, _pairSource, _pairBase);
        }
        if (_endBias is not null)
        {
            pairs = pairs + EndBias(_endBias.Value[0], visibleBase - 1 - baseRank).unsqueeze(1)
                + EndBias(_endBias.Value[1], visibleSource - 1 - sourceRank).unsqueeze(2);
        }
        Tensor hidden = source.Visible.unsqueeze(2).logical_and(@base.Visible.unsqueeze(1)).logical_not();
        pairs = pairs.masked_fill(hidden, PromptProjection.HiddenScore);

        Tensor selfPosition = start - visibleSource * visibleBase - baseRank;
        if (selfOffset is not null)
        {
            selfPosition = selfPosition - selfOffset.to_type(ScalarType.Float32).unsqueeze(1);
        }
        Tensor self = (RotaryEmbedding.Apply(everyQuery, Turn(selfPosition)) * selfKey).sum([2L, 3L]).unsqueeze(1);
        return cat([pairs, self], 1).softmax(1).MoveToOuterDisposeScope();

        Tensor Heads(Tensor k) => k.view(batch, -1, _shape.Groups, _shape.HeadWidth);
        Tensor Flat(Tensor k) => k.reshape(batch, -1, _shape.KeyWidth);
    }

    // [batch, tokens]: the bias for each token's distance from the end of the visible tokens.
    private static Tensor EndBias(Tensor learned, Tensor distance)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor bucket = distance.clamp(0, EndDistances - 1).to_type(ScalarType.Int64);
        return (learned * EndScale).index_select(0, bucket.flatten()).view(bucket.shape).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// (A s_i)ᵀ diag(C e) (B b_j) / √d with vectors of norm √d: the only term in which the source selection depends on the base token. The
    /// d coordinates are d heads of width 1 whose weights depend on the concept, where the original averages its heads
    /// (docs/methods.md#selection-score).
    /// </summary>
    private Tensor Bilinear(Tensor concept, Tensor source, Tensor @base, Tensor fromConcept, Tensor fromSource, Tensor fromBase)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor heads = nn.functional.linear(concept, fromConcept).unsqueeze(1) * Math.Sqrt(_shape.Hidden);
        Tensor left = nn.functional.linear(source, fromSource) * heads;
        return left.bmm(nn.functional.linear(@base, fromBase).transpose(1, 2)).MoveToOuterDisposeScope();
    }
}
