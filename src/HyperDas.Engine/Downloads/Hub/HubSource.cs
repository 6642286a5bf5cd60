using HyperDas.Engine.Checkpoints;

namespace HyperDas.Engine.Downloads.Hub;

/// <summary>A server with Hugging Face's interface, and the access token.</summary>
public sealed record HubSource
{
    /// <summary>The public server.</summary>
    public static Uri HuggingFace { get; } = new("https://huggingface.co");

    /// <summary>The server's address.</summary>
    public Uri Endpoint { get; init; } = HuggingFace;

    /// <summary>Access token; null for anonymous access. It is sent only to <see cref="Endpoint"/>.</summary>
    public string? Token { get; init; }

    /// <summary>Retry settings.</summary>
    public DownloadOptions Download { get; init; } = new();

    /// <summary>
    /// The server and the token from the environment, as for Hugging Face's library: <c>HF_ENDPOINT</c>; <c>HF_TOKEN</c>,
    /// <c>HUGGING_FACE_HUB_TOKEN</c>, otherwise the file <c>HF_TOKEN_PATH</c>, otherwise <c>token</c> in Hugging Face's home, which
    /// <c>hf auth login</c> writes.
    /// </summary>
    /// <param name="endpoint">Another server; null for the environment's.</param>
    /// <param name="token">Another token; null for the environment's, which is sent only to the environment's server.</param>
    /// <param name="variable">Value of an environment variable; null for the process's environment.</param>
    /// <exception cref="HyperDasException"><c>UriUnsupported</c>, <c>OptionInvalid</c>: no address, no token; <c>FileUnreadable</c>;
    /// <c>DownloadFailed</c>: <c>HF_HUB_OFFLINE</c> is set.</exception>
    public static HubSource OfEnvironment(Uri? endpoint = null, string? token = null, Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        if (variable("HF_HUB_OFFLINE")?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE")
        {
            throw new HyperDasException(
                "DownloadFailed", HyperDasErrorKind.InvalidOperation,
                "HF_HUB_OFFLINE is set, so nothing is downloaded from Hugging Face. Remove the variable to download.", "HF_HUB_OFFLINE");
        }
        Uri own = Checked(Set("HF_ENDPOINT") is string named
            ? Uri.TryCreate(named.TrimEnd('/'), UriKind.Absolute, out Uri? uri) ? uri : throw Unsupported(named)
            : HuggingFace);
        Uri asked = endpoint is null ? own : Checked(endpoint);
        // A token for one server must not be sent to another.
        token ??= asked == own ? Set("HF_TOKEN") ?? Set("HUGGING_FACE_HUB_TOKEN") ?? OfFile(Set("HF_TOKEN_PATH")
            ?? Path.Combine(HubCache.Home(variable), "token")) : null;
        token = token?.Trim();
        if (token is not null && !token.All(c => c is > ' ' and < '\u007f'))
        {
            throw new HyperDasException(
                "OptionInvalid", HyperDasErrorKind.InvalidArgument,
                "The access token contains invalid characters. Set it with -Token, HF_TOKEN or 'hf auth login'.");
        }
        return new HubSource { Endpoint = asked, Token = token is { Length: > 0 } ? token : null };

        string? Set(string name) => variable(name) is { Length: > 0 } value ? value : null;
    }

    private static string? OfFile(string path) => File.Exists(path)
        ? System.Text.Encoding.UTF8.GetString(Files.WholeFile.Read(path, 4096, "FileUnreadable"))
        : null;

    private static Uri Checked(Uri uri) => uri.IsAbsoluteUri && (uri.Scheme == Uri.UriSchemeHttp
        || uri.Scheme == Uri.UriSchemeHttps) ? uri : throw Unsupported(uri.ToString());

    private static HyperDasException Unsupported(string address) => new(
        "UriUnsupported", HyperDasErrorKind.InvalidArgument,
        $"'{address}' isn't a valid server address; use http or https, e.g. {HuggingFace}.", address);
}
