namespace HyperDas.Engine.Tokenization;

/// <summary>What a BPE model does where merges don't say.</summary>
/// <param name="IgnoresMerges">Whether a piece that is itself in the vocabulary is one token, whatever the merges say.</param>
/// <param name="FallsBackToBytes">Whether a character that the vocabulary lacks is read as its UTF-8 bytes,
/// <c>&lt;0xE2&gt;</c> and so on.</param>
/// <param name="UnknownToken">The token for characters that can't be read at all, or null.</param>
/// <param name="FusesUnknown">Whether neighbouring such characters are one token.</param>
internal sealed record BpeSettings(
    bool IgnoresMerges = false, bool FallsBackToBytes = false, string? UnknownToken = null, bool FusesUnknown = false);
