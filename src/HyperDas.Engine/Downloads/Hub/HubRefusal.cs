using System.Net;

namespace HyperDas.Engine.Downloads.Hub;

/// <summary>What a server of models means when it says no, and what to do about it.</summary>
/// <param name="source">The server and the token.</param>
/// <param name="id">The repository.</param>
/// <param name="revision">The branch, tag or commit that was asked for.</param>
internal sealed class HubRefusal(HubSource source, string id, string revision)
{
    /// <summary>The error of an answer; null where nothing is known of it.</summary>
    /// <param name="response">The answer.</param>
    public HyperDasException? Of(HttpResponseMessage response)
    {
        string code = Header(response, "X-Error-Code");
        string page = $"{source.Endpoint.AbsoluteUri.TrimEnd('/')}/{id}";
        switch (response.StatusCode)
        {
            case HttpStatusCode.Unauthorized when code == "GatedRepo":
            case HttpStatusCode.Forbidden when code == "GatedRepo":
                return Denied(source.Token is null
                    ? $"'{id}' is gated: accept its terms at {page} with your account there, then give an access token of it by -Token, HF_TOKEN or 'hf auth login'."
                    : $"'{id}' is gated, and the account of the access token has no access to it: accept its terms at {page}, and wait until access is granted.");
            case HttpStatusCode.Unauthorized when source.Token is null:
                return Denied(
                    $"There is no repository '{id}', or it is private. Check the name; for a private one give an access token by -Token, HF_TOKEN or 'hf auth login'.");
            case HttpStatusCode.Unauthorized:
                return Denied(
                    $"The server refused the access token, or there is no repository '{id}' that it may read. Check the name and the token, which may have expired.");
            case HttpStatusCode.Forbidden:
                return Denied(
                    $"The server doesn't let {(source.Token is null ? "anybody without an access token" : "the account of the access token")} read '{id}'{Said(response)}. Ask its owner, or use another token.");
            case HttpStatusCode.NotFound when code == "RevisionNotFound":
                return Missing($"'{id}' has no branch, tag or commit '{revision}'; -Revision takes one that {page} shows.");
            case HttpStatusCode.NotFound when code == "EntryNotFound":
                return Missing($"'{response.RequestMessage?.RequestUri}' isn't in '{id}', though the server lists it.");
            case HttpStatusCode.NotFound:
                return Missing(
                    $"There is no repository '{id}' at {source.Endpoint.AbsoluteUri}. Check its name, owner and model with a slash between them.");
            default:
                return null;
        }
    }

    private static string Said(HttpResponseMessage response) => Header(response, "X-Error-Message") is { Length: > 0 } said
        ? $" (it says: {said})"
        : "";

    private static string Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(' ', values) : "";

    private HyperDasException Denied(string message) => new("RepositoryDenied", HyperDasErrorKind.InvalidOperation, message, id);

    private HyperDasException Missing(string message) => new("RepositoryNotFound", HyperDasErrorKind.NotFound, message, id);
}
