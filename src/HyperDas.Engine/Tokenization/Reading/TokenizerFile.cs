namespace HyperDas.Engine.Tokenization.Reading;

/// <summary>One of a tokenizer's files, for messages.</summary>
/// <param name="Path">The file.</param>
internal sealed record TokenizerFile(string Path)
{
    /// <summary>An error about a damaged file.</summary>
    internal HyperDasException Corrupt(string why, Exception? inner = null) => new(
        "TokenizerCorrupt", HyperDasErrorKind.InvalidData, $"The tokenizer file '{Path}' can't be read: {why}.", Path, inner);

    /// <summary>An error about an unsupported setting that would change token ids.</summary>
    internal HyperDasException Unsupported(string why, Exception? inner = null) => new(
        "TokenizerUnsupported", HyperDasErrorKind.InvalidData, $"The tokenizer '{Path}' can't be used: {why}.", Path, inner);
}
