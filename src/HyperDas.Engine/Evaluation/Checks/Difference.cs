using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Evaluation.Checks;

/// <summary>
/// The largest difference between two computations of the same vectors, relative to each vector's largest element: hidden states of one
/// model differ by orders of magnitude between layers and tokens, which makes absolute differences meaningless.
/// </summary>
internal struct Difference
{
    private double _largest;
    private string? _place;

    /// <summary>The largest difference so far; NaN if one of the computations gave NaN.</summary>
    public readonly double Largest => _largest;

    /// <summary>Adds a pair.</summary>
    /// <param name="expected"><c>[..., width]</c>.</param>
    /// <param name="actual">The same shape.</param>
    /// <param name="place">Its position, for display.</param>
    public void Add(Tensor expected, Tensor actual, string place)
    {
        using DisposeScope scope = NewDisposeScope();
        if (!expected.shape.AsSpan().SequenceEqual(actual.shape))
        {
            Add(double.PositiveInfinity,
                $"{place}, which have the shapes [{string.Join(", ", expected.shape)}] and [{string.Join(", ", actual.shape)}]");
            return;
        }
        Tensor whole = expected.to_type(ScalarType.Float32);
        Tensor scale = whole.abs().amax([-1], keepdim: true).clamp_(min: float.Epsilon);
        Add(((whole - actual.to_type(ScalarType.Float32)).abs() / scale).max().item<float>(), place);
    }

    /// <summary>Adds a known difference.</summary>
    /// <param name="difference">The difference.</param>
    /// <param name="place">Its position, for display.</param>
    public void Add(double difference, string place)
    {
        if (!double.IsNaN(_largest) && (difference > _largest || double.IsNaN(difference)))
        {
            (_largest, _place) = (difference, place);
        }
    }

    /// <summary>The result as a check.</summary>
    /// <param name="name">Name of the check.</param>
    /// <param name="model">The checked model.</param>
    /// <param name="tolerance">The largest difference that passes.</param>
    /// <param name="compares">The compared computations.</param>
    public readonly ModelCheck ToCheck(string name, string model, double tolerance, string compares) => new()
    {
        Name = name,
        Model = model,
        Passed = _largest <= tolerance,
        Required = true,
        LargestDifference = _largest,
        Tolerance = tolerance,
        Compares = compares,
        Detail = _place is null
            ? "No difference."
            : string.Create(CultureInfo.InvariantCulture,
                $"Largest difference {(double.IsNaN(_largest) ? "not a number" : _largest.ToString("G3", CultureInfo.InvariantCulture))}: {_place}."),
    };
}
