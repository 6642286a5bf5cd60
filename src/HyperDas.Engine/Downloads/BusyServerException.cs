using System.Net;
using System.Net.Http.Headers;

namespace HyperDas.Engine.Downloads;

/// <summary>A server that asks to retry later, and states the time.</summary>
/// <param name="status">Its status.</param>
/// <param name="wait">Requested waiting time.</param>
internal sealed class BusyServerException(HttpStatusCode status, TimeSpan wait)
    : HttpRequestException(
        $"the server is busy ({(int)status}) and asks for a wait of {Math.Ceiling(wait.TotalSeconds):F0} seconds.", null, status)
{
    /// <summary>Requested waiting time.</summary>
    public TimeSpan Wait { get; } = wait;

    /// <summary>The exception for a response with <c>Retry-After</c>; null for any other.</summary>
    /// <param name="response">The response.</param>
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
