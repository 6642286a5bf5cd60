using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods;

/// <summary>Assembles batches from tokenised examples and cached hidden states.</summary>
public sealed class InterchangeBatchBuilder
{
    private readonly LanguageModel _model;
    private readonly ActivationCache _cache;
    private readonly int _layer;
    private readonly bool _normedLastLayerSource;
    private readonly int _multiple;

    /// <summary>Creates a builder.</summary>
    /// <param name="model">The target model.</param>
    /// <param name="cache">Its hidden states at the same layer.</param>
    /// <param name="layer">Intervention layer ℓ.</param>
    /// <param name="normedLastLayerSource">Whether the source is read after the final norm at ℓ = L, as in the original
    /// (docs/methods.md#hidden-states-and-layers).</param>
    /// <param name="multiple">Lengths are rounded up to a multiple of this, which limits the number of shapes.</param>
    public InterchangeBatchBuilder(
        LanguageModel model, ActivationCache cache, int layer, bool normedLastLayerSource = false, int multiple = 1)
    {
        _model = model;
        _cache = cache;
        _layer = layer;
        _normedLastLayerSource = normedLastLayerSource;
        _multiple = multiple;
    }

    /// <summary>Builds one batch.</summary>
    /// <param name="examples">At least one example.</param>
    /// <returns>The batch, in the caller's dispose scope.</returns>
    public InterchangeBatch Build(IReadOnlyList<TokenizedExample> examples) => Build(examples, examples);

    /// <summary>
    /// Builds a part of a batch. Where an example depends on the rest of its batch, as in the original, the rest is that of the whole
    /// batch.
    /// </summary>
    /// <param name="examples">The part, at least one example.</param>
    /// <param name="whole">The batch that it is a part of.</param>
    /// <returns>The part, in the caller's dispose scope.</returns>
    internal InterchangeBatch Build(IReadOnlyList<TokenizedExample> examples, IReadOnlyList<TokenizedExample> whole)
    {
        Device device = _model.TorchDevice;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        int tokens = Round(examples.Max(e => e.BaseIds.Length));
        (TokenStack source, Tensor sourceStates) = Stack([.. examples.Select(e => e.SourceIds[..e.SourceVisible])]);
        (TokenStack @base, _) = Stack([.. examples.Select(e => e.BaseShown)]);
        @base = HideSurroundings(@base, examples, device);
        int[][] sequences = [.. examples.Select(e => e.BaseIds)];
        (_, Tensor mask) = PaddedSequences.Right(sequences, device, tokens);
        BlockContext context = _model.CreateContext(mask);
        TokenPacking packing = new(sequences.Select(s => s.Length));
        int longest = whole.Max(e => e.BaseIds.Length);

        int mostLabels = Math.Max(1, examples.Max(e => e.LabelLength));
        long[] columns = new long[examples.Count * mostLabels];
        List<long> rows = [], labels = [];
        List<int> owners = [];
        for (int n = 0; n < examples.Count; n++)
        {
            for (int t = examples[n].PromptLength; t < examples[n].BaseIds.Length; t++)
            {
                int row = (n * mostLabels) + t - examples[n].PromptLength;
                columns[row] = t - 1;
                rows.Add(row);
                labels.Add(examples[n].BaseIds[t]);
                owners.Add(n);
            }
        }

        InterchangeBatch batch = new()
        {
            Count = examples.Count,
            Instructions = Instructions(examples, whole, device),
            Concepts = [.. examples.Select(e => e.Concept)],
            IsAbsent = [.. examples.Select(e => e.IsAbsent)],
            Source = source,
            Base = @base,
            SourceHidden = SourceHidden(sourceStates.select(2, _cache.StackLevels - 1)),
            BaseHidden = _cache.Layers(sequences, tokens),
            Context = context,
            PackedContext = context.CanPack(packing, _model.Config.HeadWidth) ? context.Pack(packing) : null,
            LeftPadding = Longs(examples.Select(e => (long)longest - e.BaseIds.Length), device),
            SourceEntity = Longs(examples.Select(e => (long)e.SourceEntityIndex), device),
            BaseEntity = Longs(examples.Select(e => (long)e.BaseEntityIndex), device),
            FirstEntity = examples.Min(e => e.BaseEntityIndex),
            LabelColumns = Longs(columns, device).view(examples.Count, mostLabels),
            LabelRows = Longs(rows, device),
            Labels = Longs(labels, device),
            LabelExamples = owners,
            Editable = Editable(examples, @base.Visible.shape[1], device),
            IsCause = [.. examples.Select(e => e.IsCause)],
            Weights = [.. examples.Select(e => e.Weight)],
        };
        return batch.MoveToOuterDisposeScope();
    }

    /// <summary>The source's vectors to patch in: <c>hidden_states[ℓ]</c> differs from the residual stream at ℓ = L only.</summary>
    private Tensor SourceHidden(Tensor residual) =>
        _normedLastLayerSource && _layer == _model.BlockCount ? _model.FinalNorm(residual) : residual;

    /// <summary>The base columns that can be patched, or null when all visible ones can.</summary>
    private static Tensor? Editable(IReadOnlyList<TokenizedExample> examples, long columns, Device device)
    {
        if (examples.All(e => e.BaseDecoyIds is null))
        {
            return null;
        }
        Tensor ends = Longs(examples.Select(e => e.BaseDecoyIds is null ? columns : e.BaseEntityIndex + 1L), device);
        return arange(columns, ScalarType.Int64, device).unsqueeze(0) < ends.unsqueeze(1);
    }

    /// <summary>Replaces the surroundings of the entity by zeros for examples that require it; positions and masks don't change.</summary>
    private static TokenStack HideSurroundings(TokenStack stack, IReadOnlyList<TokenizedExample> examples, Device device)
    {
        if (!examples.Any(e => e.BaseEntityOnly))
        {
            return stack;
        }
        Tensor entity = Longs(examples.Select(e => (long)e.BaseEntityIndex), device).unsqueeze(1);
        Tensor whole = tensor(examples.Select(e => !e.BaseEntityOnly).ToArray(), device: device).unsqueeze(1);
        Tensor shown = (arange(stack.Visible.shape[1], ScalarType.Int64, device).unsqueeze(0) == entity) | whole;
        return stack with { Unit = stack.Unit * shown.unsqueeze(2).unsqueeze(3).to_type(stack.Unit.dtype) };
    }

    private InstructionBatch Instructions(IReadOnlyList<TokenizedExample> examples, IReadOnlyList<TokenizedExample> whole, Device device)
    {
        int[][] instructions = [.. examples.Select(e => e.InstructionIds)];
        int longest = instructions.Max(i => i.Length);
        bool padded = whole.Any(e => e.InstructionIds.Length != whole[0].InstructionIds.Length);
        // Instructions of equal length may see themselves whole (docs/methods.md#blocks): rounding up would add visible padding.
        (Tensor ids, _) = PaddedSequences.Right(instructions, device, padded ? Round(longest) : longest);
        return new InstructionBatch(ids, Longs(instructions.Select(i => (long)i.Length), device), padded);
    }

    private (TokenStack Stack, Tensor States) Stack(int[][] prefixes)
    {
        Device device = _model.TorchDevice;
        int length = Round(prefixes.Max(p => p.Length));
        Tensor states = _cache.Stacks(prefixes, length);
        Tensor wide = states.narrow(2, 0, Math.Max(1, _cache.StackLevels - 1)).to_type(ScalarType.Float32);
        Tensor counts = Longs(prefixes.Select(p => (long)p.Length), device);
        Tensor visible = arange(length, ScalarType.Int64, device).unsqueeze(0) < counts.unsqueeze(1);
        // Padding rows are zero and would divide by zero.
        Tensor norm = wide.norm(-1, keepdim: true);
        Tensor unit = wide / norm.masked_fill(norm == 0, 1);
        return (new TokenStack(unit, visible, counts), states);
    }

    /// <summary>
    /// Requests a batch's hidden states from the cache, in the order of <see cref="Build(IReadOnlyList{TokenizedExample})"/>, without
    /// building the batch.
    /// </summary>
    /// <param name="examples">At least one example.</param>
    internal void Touch(IReadOnlyList<TokenizedExample> examples)
    {
        _cache.TouchStacks([.. examples.Select(e => e.SourceIds[..e.SourceVisible])]);
        _cache.TouchStacks([.. examples.Select(e => e.BaseShown)]);
        _cache.TouchLayers([.. examples.Select(e => e.BaseIds)]);
    }

    private int Round(int length) => ShapeRounding.Round(length, _multiple);

    private static Tensor Longs(IEnumerable<long> values, Device device) => tensor(values.ToArray(), ScalarType.Int64, device);
}
