namespace HyperDas.Engine.Checkpoints.Pickle;

/// <summary>A pickle that isn't one of tensors.</summary>
/// <param name="message">What is wrong, to follow the name of the file and a colon.</param>
/// <param name="refused">The name that the pickle asks for and that isn't allowed; null where the pickle is broken.</param>
internal sealed class PickleException(string message, string? refused = null) : Exception(message)
{
    /// <summary>The name that isn't allowed, or null.</summary>
    public string? Refused => refused;
}
