using HyperDas.Engine.Methods;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training.Validation;

/// <summary>The best parameters of a training so far, as validation judged them.</summary>
/// <param name="interpreter">What is trained; it belongs to the caller.</param>
internal sealed class BestState(Interpreter interpreter) : IDisposable
{
    private readonly Dictionary<string, Tensor> _values = [];

    /// <summary>Steps that they were trained for; 0 without any, or for those that the training started from.</summary>
    public int Step { get; private set; }

    /// <summary>Takes the interpreter's present parameters.</summary>
    /// <param name="step">Steps taken.</param>
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

    /// <summary>Gives the interpreter the best parameters back, if there are any.</summary>
    public void GiveBack()
    {
        if (_values.Count > 0)
        {
            interpreter.Parameters.Restore((name, _) => _values[name].alias());
        }
    }

    /// <summary>The parameters by name, for a state. They belong to this object.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> State() => _values;

    /// <summary>Takes what a state holds.</summary>
    /// <param name="step">Steps that they were trained for; 0 for none, or for those that are here already.</param>
    /// <param name="read">Gives the tensor of a name and shape, or throws.</param>
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
