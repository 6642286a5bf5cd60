namespace HyperDas.Engine.Tokenization.Chat.Jinja;

/// <summary>A template can't be parsed, uses an unsupported construct, or rejects its input.</summary>
/// <param name="message">What is wrong, to follow a colon.</param>
internal sealed class JinjaException(string message) : Exception(message);
