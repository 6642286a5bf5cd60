using HyperDas.Engine.Checkpoints;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>
/// Weights of one decoder block. Projections that read the same input are stored as one matrix, because on small batches the number of
/// operations costs more than the arithmetic; the parts by role are views of it.
/// </summary>
public sealed class DecoderBlockWeights : IDisposable
{
    private static readonly WeightRole[][] s_joined =
    [
        [WeightRole.Query, WeightRole.Key, WeightRole.Value], [WeightRole.QueryBias, WeightRole.KeyBias, WeightRole.ValueBias],
        [WeightRole.Gate, WeightRole.Up], [WeightRole.GateBias, WeightRole.UpBias],
    ];

    private readonly Dictionary<WeightRole, Tensor> _parts = [];
    private readonly List<(WeightRole[] Roles, Tensor Whole)> _wholes = [];
    private readonly List<Tensor> _views = [];

    internal DecoderBlockWeights(ModelConfig config, BlockSpec spec, ScalarType dtype, Device device)
    {
        foreach (WeightRole[] joined in Joined(spec))
        {
            if (joined.Length == 1)
            {
                _parts.Add(joined[0], Allocate(WeightShapes.Of(config, joined[0])));
                continue;
            }
            long[][] shapes = [.. joined.Select(role => WeightShapes.Of(config, role))];
            Tensor whole = Allocate([shapes.Sum(s => s[0]), .. shapes[0][1..]]);
            _wholes.Add((joined, whole));
            long start = 0;
            for (int i = 0; i < joined.Length; i++)
            {
                _parts.Add(joined[i], View(whole, start, shapes[i][0]));
                start += shapes[i][0];
            }
        }
        Tensors = new BlockTensors(spec, role => _parts[role], Whole);
        Tensors.Split(View);

        Tensor Allocate(long[] shape) => empty(shape, dtype: dtype, device: device).DetachFromDisposeScope();
        Tensor View(Tensor whole, long start, long length)
        {
            Tensor view = whole.narrow(0, start, length).DetachFromDisposeScope();
            _views.Add(view);
            return view;
        }
    }

    /// <summary>A part by its role; it belongs to the block.</summary>
    /// <param name="role">The role.</param>
    /// <exception cref="KeyNotFoundException">The block has no such part.</exception>
    public Tensor this[WeightRole role] => _parts[role];

    /// <summary>The tensors in the form used by the computation.</summary>
    internal BlockTensors Tensors { get; }

    /// <summary>The roles of a block in order, grouped by the matrix that contains them.</summary>
    /// <param name="spec">Spec of the block.</param>
    internal static IEnumerable<WeightRole[]> Joined(BlockSpec spec)
    {
        WeightRole[] roles = [.. WeightShapes.OfBlock(spec)];
        WeightRole[][] joined = [.. s_joined.Where(j => j.All(roles.Contains))];
        return roles.Select(
            role => joined.FirstOrDefault(j => j.Contains(role)) is not { } together ? [role] : together[0] == role ? together : [])
            .Where(together => together.Length > 0);
    }

    /// <summary>The parts by role.</summary>
    internal IReadOnlyDictionary<WeightRole, Tensor> Parts => _parts;

    /// <summary>The matrix that contains several roles, if there is one, or the part itself for a single role.</summary>
    /// <param name="roles">The roles in order.</param>
    internal Tensor? Find(WeightRole[] roles) => roles.Length == 1
        ? _parts.GetValueOrDefault(roles[0])
        : _wholes.Find(w => w.Roles.AsSpan().SequenceEqual(roles)).Whole;

    /// <summary>Releases the native memory.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in _views.Concat(_parts.Values).Concat(_wholes.Select(w => w.Whole)))
        {
            tensor.Dispose();
        }
    }

    private Tensor Whole(WeightRole[] roles) => Find(roles)!;
}
