namespace HyperDas.Engine.Tokenization;

/// <summary>A token and the characters of the text that it covers.</summary>
/// <param name="Id">Token id.</param>
/// <param name="Start">First UTF-16 character that the token overlaps.</param>
/// <param name="End">One past the last UTF-16 character that it overlaps. A token with only some bytes of a character overlaps that whole
/// character; adjacent spans may share one.</param>
public readonly record struct TokenSpan(int Id, int Start, int End);
