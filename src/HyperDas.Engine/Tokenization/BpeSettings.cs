namespace HyperDas.Engine.Tokenization;

/// <summary>Behaviour of a BPE model where merges don't apply.</summary>
/// <param name="IgnoresMerges">Whether a piece that is itself in the vocabulary is one token, regardless of the merges.</param>
/// <param name="FallsBackToBytes">Whether a character outside the vocabulary is encoded as its UTF-8 bytes, <c>&lt;0xE2&gt;</c> and so
/// on.</param>
/// <param name="UnknownToken">The token for characters that can't be encoded, or null.</param>
/// <param name="FusesUnknown">Whether adjacent unknown characters are one token.</param>
internal sealed record BpeSettings(
    bool IgnoresMerges = false, bool FallsBackToBytes = false, string? UnknownToken = null, bool FusesUnknown = false);
