namespace HyperDas.Engine.Ravel;

/// <summary>Determines which facts a target model knows: examples about unknown facts can't succeed.</summary>
public interface IFactOracle
{
    /// <summary>Tests many facts at once.</summary>
    /// <param name="facts">The facts.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>For each fact, whether it is known.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public bool[] Knows(IReadOnlyList<Fact> facts, CancellationToken cancellationToken = default);
}
