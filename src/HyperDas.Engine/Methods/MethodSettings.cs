namespace HyperDas.Engine.Methods;

/// <summary>
/// The parts of an interpreter and the options of its training, in increasing precedence: defaults, the original's values if requested, a
/// document or option objects, individual settings.
/// </summary>
/// <param name="Method">The parts.</param>
/// <param name="Training">Options of the training.</param>
public sealed record MethodSettings(MethodOptions Method, TrainingOptions Training)
{
    /// <summary>The default settings of a method.</summary>
    /// <param name="method">The method.</param>
    /// <param name="layer">Intervention layer ℓ.</param>
    /// <param name="faithful">Whether to use the original's values.</param>
    public static MethodSettings Of(InterpreterMethod method, int layer, bool faithful = false)
    {
        MethodDescription description = MethodCatalog.Of(method);
        return new MethodSettings(description.Defaults(layer, faithful), description.DefaultTraining(faithful));
    }

    /// <summary>The same settings with an individual one changed.</summary>
    /// <param name="name">A setting of the method, see <see cref="MethodDescription.Setting"/>.</param>
    /// <param name="value">Its value, of the property's type.</param>
    /// <exception cref="ArgumentException">The method has no such setting.</exception>
    public MethodSettings With(string name, object? value)
    {
        (string property, bool isTraining) = MethodCatalog.Of(Method).Setting(name)
            ?? throw new ArgumentException($"{Method.Method} has no '{name}'.", nameof(name));
        MethodSettings changed = isTraining ? this with { Training = Training with { } } : this with { Method = Method with { } };
        object record = isTraining ? changed.Training : changed.Method;
        record.GetType().GetProperty(property)!.SetValue(record, value);
        return changed;
    }
}
