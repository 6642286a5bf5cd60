using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Tests.Ravel;

/// <summary>A target model that knows what a rule says, and counts how often it was asked.</summary>
internal sealed class FakeOracle(Func<Fact, bool>? knows = null) : IFactOracle
{
    internal List<Fact> Asked { get; } = [];

    public bool[] Knows(IReadOnlyList<Fact> facts, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Asked.AddRange(facts);
        return [.. facts.Select(fact => knows?.Invoke(fact) ?? true)];
    }
}
