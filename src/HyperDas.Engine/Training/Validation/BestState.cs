using HyperDas.Engine.Methods;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training.Validation;

/// <summary>The best parameters of a training so far, according to validation.</summary>
/// <param name="interpreter">The interpreter; it belongs to the caller.</param>
internal sealed class BestState(Interpreter interpreter) : IDisposable
{
    private readonly Dictionary<string, Tensor> _values = [];

    /// <summary>Number of steps of their training; 0 if there are none, or for the initial ones.</summary>
    public int Step { get; private set; }

    /// <summary>Copies the interpreter's current parameters.</summary>
    /// <param name="step">Number of steps taken.</param>
    public void Take(int step)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Step = step;
        foreach ((string name, Tensor value) in interpreter.Parameters.State())
        {
            Keep(name, value);
        }
    }

    /// <summary>Restores the best parameters in the interpreter, if there are any.</summary>
    public void GiveBack()
    {
        if (_values.Count > 0)
        {
            interpreter.Parameters.Restore((name, _) => _values[name].alias());
        }
    }

    /// <summary>The parameters by name, for a state. They belong to this object.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> State() => _values;

    /// <summary>Restores the parameters from a state.</summary>
    /// <param name="step">Number of steps of their training; 0 for none, or for those that exist already.</param>
    /// <param name="read">Returns the tensor with a name and shape, or throws.</param>
    public void Restore(int step, Func<string, long[], Tensor> read)
    {
        using DisposeScope scope = NewDisposeScope();
        Step = step;
        foreach ((string name, Tensor value) in step > 0 ? interpreter.Parameters.State() : [])
        {
            Keep(name, read(name, value.shape));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor value in _values.Values)
        {
            value.Dispose();
        }
    }

    private void Keep(string name, Tensor value)
    {
        if (_values.TryGetValue(name, out Tensor? kept))
        {
            kept.copy_(value);
        }
        else
        {
            _values[name] = value.detach().clone().DetachFromDisposeScope();
        }
    }
}
