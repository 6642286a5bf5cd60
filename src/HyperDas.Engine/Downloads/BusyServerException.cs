using System.Net;
using System.Net.Http.Headers;

namespace HyperDas.Engine.Downloads;

/// <summary>A server asks to come again later, and says when.</summary>
/// <param name="status">Its status.</param>
/// <param name="wait">How long it wants to be left alone.</param>
internal sealed class BusyServerException(HttpStatusCode status, TimeSpan wait)
    : HttpRequestException(
        $"the server is busy ({(int)status}) and asks to wait {Math.Ceiling(wait.TotalSeconds):F0} seconds.", null, status)
{
    /// <summary>How long it wants to be left alone.</summary>
    public TimeSpan Wait { get; } = wait;

    /// <summary>The exception of an answer that has <c>Retry-After</c>; null for any other.</summary>
    /// <param name="response">The answer.</param>
    public static BusyServerException? Of(HttpResponseMessage response)
    {
        RetryConditionHeaderValue? after = response.Headers.RetryAfter;
        if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable) || after is null)
        {
            return null;
        }
        TimeSpan wait = after.Delta ?? after.Date - DateTimeOffset.UtcNow ?? TimeSpan.Zero;
        return new BusyServerException(response.StatusCode, wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
    }
}
