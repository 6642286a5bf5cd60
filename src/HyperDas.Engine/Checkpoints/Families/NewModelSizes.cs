namespace HyperDas.Engine.Checkpoints.Families;

/// <summary>Sizes of a model to train from scratch.</summary>
/// <param name="Vocabulary">Number of tokens.</param>
/// <param name="Hidden">Width of the residual stream.</param>
/// <param name="Blocks">Number of blocks.</param>
/// <param name="Heads">Number of query heads.</param>
/// <param name="Groups">Number of key/value heads.</param>
/// <param name="Inner">Inner width of the feed-forward layers.</param>
/// <param name="Positions">Longest text, in tokens.</param>
/// <param name="Bos">Token that starts a text.</param>
/// <param name="Eos">Token that ends a text.</param>
internal sealed record NewModelSizes(
    int Vocabulary, int Hidden, int Blocks, int Heads, int Groups, int Inner, int Positions, int Bos, int Eos);
