using System.Net;

namespace HyperDas.Engine.Downloads.Hub;

/// <summary>Translates a model server's refusals into errors with a remedy.</summary>
/// <param name="source">The server and the token.</param>
/// <param name="id">The repository.</param>
/// <param name="revision">The requested branch, tag or commit.</param>
internal sealed class HubRefusal(HubSource source, string id, string revision)
{
    /// <summary>The error for a response; null if the response isn't a known refusal.</summary>
    /// <param name="response">The response.</param>
    public HyperDasException? Of(HttpResponseMessage response)
    {
        string code = Header(response, "X-Error-Code");
        string page = $"{source.Endpoint.AbsoluteUri.TrimEnd('/')}/{id}";
        switch (response.StatusCode)
        {
            case HttpStatusCode.Unauthorized when code == "GatedRepo":
            case HttpStatusCode.Forbidden when code == "GatedRepo":
                return Denied(source.Token is null
                    ? $"'{id}' is gated: accept its terms at {page}, then set an access token of that account with -Token, HF_TOKEN or 'hf auth login'."
                    : $"'{id}' is gated, and the access token's account has no access: accept its terms at {page}, and wait until access is granted.");
            case HttpStatusCode.Unauthorized when source.Token is null:
                return Denied(
                    $"The repository '{id}' doesn't exist or is private. Check the name; for a private repository, set an access token with -Token, HF_TOKEN or 'hf auth login'.");
            case HttpStatusCode.Unauthorized:
                return Denied(
                    $"The server refused the access token, or the repository '{id}' doesn't exist. Check the name and the token, which may have expired.");
            case HttpStatusCode.Forbidden:
                return Denied(
                    $"{(source.Token is null ? "Without an access token" : "With this access token")}, the server refuses access to '{id}'{Said(response)}. Ask its owner, or use another token.");
            case HttpStatusCode.NotFound when code == "RevisionNotFound":
                return Missing($"'{id}' has no branch, tag or commit '{revision}'; {page} lists them.");
            case HttpStatusCode.NotFound when code == "EntryNotFound":
                return Missing($"'{response.RequestMessage?.RequestUri}' isn't in '{id}', although the server lists it.");
            case HttpStatusCode.NotFound:
                return Missing(
                    $"The repository '{id}' doesn't exist at {source.Endpoint.AbsoluteUri}. Check its name, owner/model.");
            default:
                return null;
        }
    }

    private static string Said(HttpResponseMessage response) => Header(response, "X-Error-Message") is { Length: > 0 } said
        ? $" (its message: {said})"
        : "";

    private static string Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(' ', values) : "";

    private HyperDasException Denied(string message) => new("RepositoryDenied", HyperDasErrorKind.InvalidOperation, message, id);

    private HyperDasException Missing(string message) => new("RepositoryNotFound", HyperDasErrorKind.NotFound, message, id);
}
