using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Evaluation.Checks;

/// <summary>
/// The largest difference between two ways of computing the same vectors, as a share of each vector's largest number: hidden states of
/// one model differ by orders of magnitude between layers and tokens, so absolute differences would say little.
/// </summary>
internal struct Difference
{
    private double _largest;
    private string? _place;

    /// <summary>The largest so far; not a number where one of the ways gave one.</summary>
    public readonly double Largest => _largest;

    /// <summary>Takes in one more pair.</summary>
    /// <param name="expected"><c>[..., width]</c>.</param>
    /// <param name="actual">The same shape.</param>
    /// <param name="place">What they are, for a person.</param>
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

    /// <summary>Takes in a difference that is known.</summary>
    /// <param name="difference">The difference.</param>
    /// <param name="place">Where, for a person.</param>
    public void Add(double difference, string place)
    {
        if (!double.IsNaN(_largest) && (difference > _largest || double.IsNaN(difference)))
        {
            (_largest, _place) = (difference, place);
        }
    }

    /// <summary>The result as a check.</summary>
    /// <param name="name">Name of the check.</param>
    /// <param name="model">What was checked.</param>
    /// <param name="tolerance">What passes.</param>
    /// <param name="compares">What is compared.</param>
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
