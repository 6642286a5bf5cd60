namespace HyperDas.Engine.Methods;

/// <summary>
/// What an interpreter consists of and how it is trained, decided step by step: defaults, then the original's values where they are asked
/// for, then a document or option objects, then what is named one by one. The last word counts.
/// </summary>
/// <param name="Method">What it consists of.</param>
/// <param name="Training">How it is trained.</param>
public sealed record MethodSettings(MethodOptions Method, TrainingOptions Training)
{
    /// <summary>The settings of a method where nothing else is said.</summary>
    /// <param name="method">The method.</param>
    /// <param name="layer">Intervention layer ℓ.</param>
    /// <param name="faithful">Take the original's values.</param>
    public static MethodSettings Of(InterpreterMethod method, int layer, bool faithful = false)
    {
        MethodDescription description = MethodCatalog.Of(method);
        return new MethodSettings(description.Defaults(layer, faithful), description.DefaultTraining(faithful));
    }

    /// <summary>The same with one setting that is named by itself.</summary>
    /// <param name="name">A setting that the method has, see <see cref="MethodDescription.Setting"/>.</param>
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
