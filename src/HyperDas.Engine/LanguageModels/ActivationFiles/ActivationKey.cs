using System.Security.Cryptography;
using System.Text;

namespace HyperDas.Engine.LanguageModels.ActivationFiles;

/// <summary>
/// Identifies hidden states in a file: the model, number format and kind of device, the layer, and the number of values per token. Caches
/// with the same key may share them. Within a key, the token ids, which stand for text and tokenizer, identify each sequence.
/// </summary>
/// <param name="Model">The model's fingerprint.</param>
/// <param name="Computed">Number format and device, e.g. <c>BFloat16/cpu</c>.</param>
/// <param name="Layer">Intervention layer ℓ.</param>
/// <param name="Content">What is stored for each token, e.g. <c>layer</c> or <c>all layers</c>.</param>
/// <param name="BytesPerToken">Size of a token's states.</param>
internal sealed record ActivationKey(string Model, string Computed, int Layer, string Content, long BytesPerToken)
{
    /// <summary>Length of <see cref="Digest"/> in bytes.</summary>
    public const int DigestLength = 32;

    /// <summary>SHA-256 of all of it: stands at the head of every file.</summary>
    public byte[] Digest { get; } = SHA256.HashData(
        Encoding.UTF8.GetBytes(FormattableString.Invariant($"{Model}|{Computed}|{Layer}|{Content}|{BytesPerToken}")));

    /// <summary>Folder of its files, e.g. <c>4ab3…/3-layer-9c01d2e3</c>: to be told apart by people, and by the digest.</summary>
    public string Folder => System.IO.Path.Combine(Model[..Math.Min(16, Model.Length)],
        FormattableString.Invariant($"{Layer}-{Content.Replace(' ', '-')}-{Convert.ToHexStringLower(Digest)[..8]}"));
}
