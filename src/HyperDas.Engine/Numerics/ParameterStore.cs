using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Numerics;

/// <summary>
/// All trainable state of an interpreter. Sealing moves every parameter of a group into one flat buffer, so that an optimiser step is one
/// pass over memory however many parameters there are. Gradients stay where backward makes them: none are held,
/// zeroed or copied between steps.
/// </summary>
public sealed class ParameterStore(Device device) : IDisposable
{
    private readonly List<TrainableTensor> _parameters = [];
    private readonly List<KeyValuePair<string, Tensor>> _buffers = [];
    private readonly Dictionary<ParameterGroup, FlatGroup> _groups = [];
    private Tensor? _sums;
    private bool _sealed;

    /// <summary>Where the parameters live.</summary>
    public Device Device { get; } = device;

    /// <summary>All parameters in the order they were added.</summary>
    public IReadOnlyList<TrainableTensor> Parameters => _parameters;

    /// <summary>The flat buffers by group; empty until <see cref="Seal"/>.</summary>
    public IReadOnlyDictionary<ParameterGroup, FlatGroup> Groups => _groups;

    /// <summary>Number of trainable weights.</summary>
    public long ParameterCount => _parameters.Sum(p => p.Value.numel());

    /// <summary>Adds a parameter under one name.</summary>
    /// <param name="name">Name on disk.</param>
    /// <param name="group">Optimiser settings.</param>
    /// <param name="initial">Initial values; taken over and disposed.</param>
    public TrainableTensor Add(string name, ParameterGroup group, Tensor initial) =>
        Add(group, [(name, initial)]);

    /// <summary>Adds matrices that are always applied together as one parameter, stacked along their rows.</summary>
    /// <param name="group">Optimiser settings.</param>
    /// <param name="parts">Names on disk with initial values; taken over and disposed.</param>
    public TrainableTensor Add(ParameterGroup group, IReadOnlyList<(string Name, Tensor Initial)> parts)
    {
        if (_sealed)
        {
            throw new InvalidOperationException("Parameters can't be added to a sealed store.");
        }
        using DisposeScope scope = NewDisposeScope();
        Tensor joined = parts.Count == 1 ? parts[0].Initial.clone() : cat(parts.Select(p => p.Initial).ToList(), 0);
        Tensor value = joined.detach().to(ScalarType.Float32).to(Device).contiguous().requires_grad_().DetachFromDisposeScope();
        long Rows(Tensor t) => t.dim() == 0 ? 1 : t.shape[0];
        TrainableTensor parameter = new(group, value, [.. parts.Select(p => new NamedRows(p.Name, Rows(p.Initial)))]);
        foreach ((_, Tensor initial) in parts)
        {
            initial.Dispose();
        }
        _parameters.Add(parameter);
        return parameter;
    }

    /// <summary>Adds state that is stored but not trained.</summary>
    /// <param name="name">Name on disk.</param>
    /// <param name="value">Values; taken over.</param>
    /// <returns>The stored tensor.</returns>
    public Tensor AddBuffer(string name, Tensor value)
    {
        Tensor kept = value.detach().to(Device).DetachFromDisposeScope();
        _buffers.Add(new(name, kept));
        return kept;
    }

    /// <summary>Moves the parameters into flat buffers. Nothing can be added afterwards.</summary>
    public void Seal()
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (IGrouping<ParameterGroup, TrainableTensor> group in _parameters.GroupBy(p => p.Group))
        {
            long total = group.Sum(p => p.Value.numel());
            FlatGroup flat = new(empty(total, ScalarType.Float32, Device).DetachFromDisposeScope(), [.. group]);
            long offset = 0;
            foreach (TrainableTensor parameter in group)
            {
                long count = parameter.Value.numel();
                Tensor old = parameter.Value;
                Tensor view = flat.Values.narrow(0, offset, count).view(old.shape);
                using (no_grad())
                {
                    view.copy_(old);
                }
                // A detached view is a leaf over the shared memory.
                parameter.Value = view.detach().requires_grad_().DetachFromDisposeScope();
                old.Dispose();
                offset += count;
            }
            _groups[group.Key] = flat;
        }
        _sealed = true;
    }

    /// <summary>Releases all gradients: the next backward pass leaves its own in their place, instead of adding to zeros.</summary>
    public void ClearGradients()
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (TrainableTensor parameter in _parameters)
        {
            parameter.Value.grad = null;
        }
        _sums?.Dispose();
        _sums = null;
    }

    /// <summary>
    /// Sets all gradients to zero, in one block of memory that several backward passes add to. Gradients that the first of them left behind
    /// would lie between what it has freed, and the others couldn't use that memory again.
    /// </summary>
    public void SumGradients()
    {
        using DisposeScope scope = NewDisposeScope();
        if (_sums is null)
        {
            ClearGradients();
            _sums = zeros(ParameterCount, ScalarType.Float32, Device).DetachFromDisposeScope();
            long offset = 0;
            foreach (TrainableTensor parameter in _parameters)
            {
                long count = parameter.Value.numel();
                parameter.Value.grad = _sums.narrow(0, offset, count).view(parameter.Value.shape);
                offset += count;
            }
        }
        else
        {
            _sums.zero_();
        }
    }

    /// <summary>L2 norm over the gradients of all parameters.</summary>
    /// <returns>A scalar tensor; no synchronisation with the host happens here.</returns>
    public Tensor GradientNorm()
    {
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> flat = [.. _parameters.Select(p => p.Value.grad?.reshape(-1)).OfType<Tensor>()];
        return (flat.Count == 0 ? zeros([], ScalarType.Float32, Device) : stack(flat.Select(g => g.dot(g))).sum().sqrt())
            .MoveToOuterDisposeScope();
    }

    /// <summary>Named tensors for a file: parameters by their parts, then buffers. Views, valid while the store lives.</summary>
    public IReadOnlyList<KeyValuePair<string, Tensor>> State() =>
        [.. Parts(p => p.Value.detach()), .. _buffers.Select(b => new KeyValuePair<string, Tensor>(b.Key, b.Value.alias()))];

    /// <summary>
    /// Gradients under the names of <see cref="State"/>, zero where nothing depended on a parameter; in the caller's dispose scope.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, Tensor>> Gradients() => Parts(p => p.Value.grad ?? zeros_like(p.Value));

    /// <summary>Copies values from a file over the present ones; every name must be there with its shape.</summary>
    /// <param name="read">Gives the tensor of a name and shape, or throws. The result is disposed here.</param>
    public void Restore(Func<string, long[], Tensor> read)
    {
        using DisposeScope scope = NewDisposeScope();
        using (no_grad())
        {
            foreach ((string name, Tensor present) in State())
            {
                present.copy_(read(name, present.shape));
            }
        }
    }

    private List<KeyValuePair<string, Tensor>> Parts(Func<TrainableTensor, Tensor> tensorOf)
    {
        List<KeyValuePair<string, Tensor>> parts = [];
        foreach (TrainableTensor parameter in _parameters)
        {
            Tensor whole = tensorOf(parameter);
            long row = 0;
            foreach (NamedRows part in parameter.Parts)
            {
                parts.Add(new(part.Name, parameter.Parts.Count == 1 ? whole : whole.narrow(0, row, part.Rows)));
                row += part.Rows;
            }
        }
        return parts;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sums?.Dispose();
        foreach (TrainableTensor parameter in _parameters)
        {
            parameter.Value.Dispose();
        }
        foreach ((_, Tensor buffer) in _buffers)
        {
            buffer.Dispose();
        }
        foreach (FlatGroup group in _groups.Values)
        {
            group.Values.Dispose();
        }
    }
}

/// <summary>One group's parameters as a flat float32 vector <c>[weights of the group]</c>.</summary>
/// <param name="Values">All values.</param>
/// <param name="Parameters">The parameters whose values follow each other in it.</param>
public sealed record FlatGroup(Tensor Values, IReadOnlyList<TrainableTensor> Parameters);
