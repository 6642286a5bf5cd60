using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Features;

/// <summary>
/// Hidden vectors of a domain's entities at the intervention layer, with the entities' values (docs/methods.md#entity-vectors).
/// </summary>
/// <param name="Vectors"><c>[vectors, d]</c>, float32, on the processor.</param>
/// <param name="Entities">The entity of each vector.</param>
/// <param name="Values">Value by (entity, attribute).</param>
internal sealed record EntityVectors(
    Tensor Vectors, IReadOnlyList<string> Entities, IReadOnlyDictionary<(string Entity, string Attribute), string> Values)
{
    /// <summary>The vectors of entities with a known value of an attribute, with classes for a probe.</summary>
    /// <param name="attribute">Attribute.</param>
    /// <returns>
    /// Rows of <see cref="Vectors"/> and their classes, both <c>[known]</c>, int64, in the caller's dispose scope: a class is a value's
    /// index among all values in ordinal order.
    /// </returns>
    /// <exception cref="HyperDasException"><c>ValuesInsufficient</c>: fewer than two values occur.</exception>
    public (Tensor Rows, Tensor Classes, int ClassCount) Labelled(string attribute)
    {
        (int Row, string Value)[] known =
        [
            .. Entities.Select((entity, row) => (row, Values.GetValueOrDefault((entity, attribute), ""))).Where(k => k.Item2.Length > 0),
        ];
        Dictionary<string, long> classes = known.Select(k => k.Value).Distinct().Order(StringComparer.Ordinal)
            .Select((value, i) => (value, i)).ToDictionary(v => v.value, v => (long)v.i);
        if (classes.Count < 2)
        {
            throw new HyperDasException(
                "ValuesInsufficient",
                HyperDasErrorKind.InvalidArgument,
                $"The training examples have {classes.Count} different values of '{attribute}'; a probe needs at least two.",
                attribute);
        }
        return (
            tensor(known.Select(k => (long)k.Row).ToArray(), ScalarType.Int64),
            tensor(known.Select(k => classes[k.Value]).ToArray(), ScalarType.Int64),
            classes.Count);
    }
}
