namespace HyperDas.Engine.Ravel;

/// <summary>Tells which facts a target model knows: examples about facts that it doesn't know could never come out right.</summary>
public interface IFactOracle
{
    /// <summary>Asks about many facts at once.</summary>
    /// <param name="facts">The facts.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>For each fact, whether it is known.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public bool[] Knows(IReadOnlyList<Fact> facts, CancellationToken cancellationToken = default);
}
