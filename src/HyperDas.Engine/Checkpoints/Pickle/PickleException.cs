namespace HyperDas.Engine.Checkpoints.Pickle;

/// <summary>A pickle that is broken or contains more than tensors.</summary>
/// <param name="message">What is wrong, to follow the name of the file and a colon.</param>
/// <param name="refused">The disallowed name that the pickle asks for; null where the pickle is broken.</param>
internal sealed class PickleException(string message, string? refused = null) : Exception(message)
{
    /// <summary>The disallowed name, or null.</summary>
    public string? Refused => refused;
}
