using HyperDas.Engine.Methods;
using static TorchSharp.torch;

namespace HyperDas.Reference;

/// <summary>
/// An interpreter's parameters as the original holds them: a separate leaf for every name on disk. Copies: training them leaves the
/// interpreter as it is.
/// </summary>
public sealed class ReferenceParameters : IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors = [];
    private readonly string[] _trained;

    /// <summary>Copies an interpreter's state.</summary>
    /// <param name="interpreter">Where it comes from.</param>
    public ReferenceParameters(Interpreter interpreter)
    {
        _trained = [.. interpreter.Parameters.Gradients().Select(p => p.Key)];
        foreach ((string name, Tensor value) in interpreter.Parameters.State())
        {
            _tensors[name] = value.clone().requires_grad_(_trained.Contains(name)).DetachFromDisposeScope();
        }
    }

    /// <summary>Names of the trained ones, in the interpreter's order.</summary>
    public IReadOnlyList<string> Trained => _trained;

    /// <summary>A tensor by its name on disk.</summary>
    public Tensor this[string name] => _tensors[name];

    /// <summary>A tensor by its name on disk; null when the interpreter has none of that name.</summary>
    /// <param name="name">Name.</param>
    public Tensor? Find(string name) => _tensors.GetValueOrDefault(name);

    /// <summary>Forgets all gradients.</summary>
    public void ClearGradients()
    {
        foreach (string name in _trained)
        {
            Tensor? old = _tensors[name].grad;
            _tensors[name].grad = null;
            old?.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ClearGradients();
        foreach (Tensor tensor in _tensors.Values)
        {
            tensor.Dispose();
        }
    }
}
