namespace HyperDas.Engine.Tokenization;

/// <summary>What <c>tokenizer.json</c> says, checked: the parts that a byte-level BPE tokenizer is made of.</summary>
/// <param name="Vocabulary">Spelled token → id, in file order.</param>
/// <param name="Merges">Pairs as <c>left right</c>, best first.</param>
/// <param name="AddedTokens">Tokens beside the vocabulary; the flag tells special ones, which decoding leaves out.</param>
/// <param name="Splitter">The pre-tokenizer.</param>
/// <param name="Composes">Whether text is brought into composed form (NFC) first.</param>
/// <param name="IgnoresMerges">Whether a piece that is itself in the vocabulary is one token, whatever the merges say.</param>
/// <param name="TemplateBos">The special token that the post-processor puts first, or null.</param>
internal sealed record TokenizerDefinition(
    IReadOnlyDictionary<string, int> Vocabulary,
    IReadOnlyList<string> Merges,
    IReadOnlyList<(int Id, string Text, bool Special)> AddedTokens,
    TextSplitter Splitter,
    bool Composes,
    bool IgnoresMerges,
    string? TemplateBos);
