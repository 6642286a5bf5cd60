namespace HyperDas.Engine.Tokenization.Reading;

/// <summary>One of the files that a tokenizer comes in, for messages.</summary>
/// <param name="Path">The file.</param>
internal sealed record TokenizerFile(string Path)
{
    /// <summary>An error: the file isn't what it should be.</summary>
    internal HyperDasException Corrupt(string why, Exception? inner = null) => new(
        "TokenizerCorrupt", HyperDasErrorKind.InvalidData, $"The tokenizer file '{Path}' can't be read: {why}.", Path, inner);

    /// <summary>An error: the file asks for something that isn't understood, and token ids would be others without it.</summary>
    internal HyperDasException Unsupported(string why, Exception? inner = null) => new(
        "TokenizerUnsupported", HyperDasErrorKind.InvalidData, $"The tokenizer '{Path}' can't be used: {why}.", Path, inner);
}
