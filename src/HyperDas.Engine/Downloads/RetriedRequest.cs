using System.Net;

namespace HyperDas.Engine.Downloads;

/// <summary>Repeats a request if the connection breaks or the server is busy, and reports a single error if it can't succeed.</summary>
/// <param name="what">What is downloaded, for progress.</param>
/// <param name="otherwise">What else the user can do when it fails, a sentence.</param>
/// <param name="options">Attempts and patience.</param>
internal sealed class RetriedRequest(string what, string otherwise, DownloadOptions options)
{
    /// <summary>Runs attempts until one succeeds.</summary>
    /// <param name="uri">Address, http or https.</param>
    /// <param name="attempt">One attempt. It throws <see cref="HttpRequestException"/>, <see cref="IOException"/> or
    /// <see cref="TimeoutException"/>.</param>
    /// <param name="progress">Receives interruptions.</param>
    /// <param name="cancellation">Stops it, also between two attempts.</param>
    /// <exception cref="HyperDasException"><c>UriUnsupported</c>, <c>DownloadFailed</c>, <c>OptionInvalid</c>, and what the attempt
    /// throws of this kind.</exception>
    internal T Run<T>(Uri uri, Func<Task<T>> attempt, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (!uri.IsAbsoluteUri || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
        {
            throw new HyperDasException("UriUnsupported", HyperDasErrorKind.InvalidArgument,
                $"'{uri}' can't be downloaded; use an http or https address.", uri);
        }
        OptionLaw.ThrowIfBroken(options);
        TimeSpan pause = options.Pause;
        for (int number = 1; ; number++)
        {
            try
            {
                return attempt().GetAwaiter().GetResult();
            }
            catch (Exception error) when (IsTemporary(error, cancellation) && number < options.Attempts
                && WaitAfter(error, pause) <= options.LongestWait)
            {
                TimeSpan wait = WaitAfter(error, pause);
                string why = error is BusyServerException
                    ? $"the server asks for a wait of {Math.Ceiling(wait.TotalSeconds):F0} s"
                    : "interrupted";
                progress?.Report(new WorkProgress(
                    $"Downloading {what}", $"{why}, trying again ({number + 1} of {options.Attempts})", 0, 0));
                cancellation.WaitHandle.WaitOne(wait);
                cancellation.ThrowIfCancellationRequested();
                pause *= 2;
            }
            catch (Exception error) when (error is HttpRequestException or TimeoutException || IsTemporary(error, cancellation))
            {
                throw Failed(uri, error);
            }
        }
    }

    private static TimeSpan WaitAfter(Exception error, TimeSpan pause) => error is BusyServerException busy && busy.Wait > pause
        ? busy.Wait
        : pause;

    private static bool IsTemporary(Exception error, CancellationToken cancellation) => !cancellation.IsCancellationRequested
        && error switch
    {
        HttpRequestException { StatusCode: { } status } => (int)status >= 500
            || status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests,
        HttpRequestException or IOException or TimeoutException => true,
        _ => false,
    };

    private HyperDasException Failed(Uri uri, Exception error) => new(
        "DownloadFailed",
        error is HttpRequestException { StatusCode: HttpStatusCode.NotFound }
            ? HyperDasErrorKind.NotFound
            : HyperDasErrorKind.ResourceUnavailable,
        $"'{uri}' couldn't be downloaded: {error.Message} Check the address and the connection and run the command again; the partial download is kept. "
        + otherwise, uri, error);
}
