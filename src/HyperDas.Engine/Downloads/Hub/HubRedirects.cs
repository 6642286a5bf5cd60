using System.Net;
using System.Net.Http.Headers;

namespace HyperDas.Engine.Downloads.Hub;

/// <summary>
/// Sends the token only to the model server. Large files are redirected to other hosts with signed addresses, which must not see it. .NET
/// would also drop it on redirects within the server, where renamed repositories need it.
/// </summary>
/// <param name="source">The server and the token.</param>
internal sealed class HubRedirects(HubSource source) : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
{
    private const int MostHops = 10;

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("HyperDas", "0.1"));
        for (int hop = 0; ; hop++)
        {
            Uri from = request.RequestUri!;
            request.Headers.Authorization = source.Token is not null && IsSource(from)
                ? new AuthenticationHeaderValue("Bearer", source.Token)
                : null;
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (!IsRedirect(response.StatusCode) || response.Headers.Location is not { } location)
            {
                return response;
            }
            response.Dispose();
            Uri to = location.IsAbsoluteUri ? location : new Uri(from, location);
            if (hop == MostHops || to.Scheme is not ("http" or "https") || (from.Scheme == "https" && to.Scheme == "http"))
            {
                // With a status, which prevents another attempt.
                throw new HttpRequestException(
                    hop == MostHops
                        ? $"the server redirects more than {MostHops} times."
                        : $"the server redirects to '{to}', which isn't safe.", null, response.StatusCode);
            }
            request.RequestUri = to;
        }
    }

    private static bool IsRedirect(HttpStatusCode status) => status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found
        or HttpStatusCode.SeeOther
        or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    private bool IsSource(Uri uri) => (uri.Scheme, uri.Host, uri.Port)
        == (source.Endpoint.Scheme, source.Endpoint.Host, source.Endpoint.Port);
}
