using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace HyperDas;

/// <summary>Parts of a method's interpreter. Part of an interpreter's file.</summary>
public abstract record MethodOptions
{
    /// <summary>
    /// Stands for a layer that is yet to be found: <c>layer: auto</c> in a document. No training accepts it; a search replaces it with the
    /// layer.
    /// </summary>
    public const int AutoLayer = -1;

    private static readonly Dictionary<InterpreterMethod, Type> s_types = typeof(MethodOptions).Assembly.GetTypes()
        .Where(type => !type.IsAbstract && type.IsAssignableTo(typeof(MethodOptions)))
        .ToDictionary(type => ((MethodOptions)Activator.CreateInstance(type)!).Method);

    /// <summary>
    /// Intervention layer ℓ: Hugging Face <c>hidden_states[ℓ]</c>, 0 to L. RAVEL's and the original MDAS's "layer l" is ℓ = l + 1 here.
    /// </summary>
    [Range(0, int.MaxValue)]
    public required int Layer { get; init; }

    /// <summary>The method.</summary>
    [JsonIgnore]
    public abstract InterpreterMethod Method { get; }

    /// <summary>Default training options of interpreters of this kind.</summary>
    public virtual TrainingOptions DefaultTraining() => new();

    /// <summary>Default training options of a method, see <see cref="DefaultTraining"/>.</summary>
    /// <param name="method">The method.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such method.</exception>
    public static TrainingOptions TrainingOf(InterpreterMethod method) =>
        ((MethodOptions)Activator.CreateInstance(TypeOf(method))!).DefaultTraining();

    /// <summary>The record type of a method's options.</summary>
    /// <param name="method">The method.</param>
    /// <returns>A type with a parameterless constructor.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such method.</exception>
    public static Type TypeOf(InterpreterMethod method) =>
        s_types.GetValueOrDefault(method) ?? throw new ArgumentOutOfRangeException(nameof(method), method, "Unknown method.");
}
