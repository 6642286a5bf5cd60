namespace HyperDas.Engine.Tokenization.Chat.Jinja;

/// <summary>A template can't be read, uses something that isn't understood, or refuses what it was given.</summary>
/// <param name="message">What, to follow a colon.</param>
internal sealed class JinjaException(string message) : Exception(message);
