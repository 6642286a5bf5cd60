using System.Net;
using System.Net.Http.Headers;

namespace HyperDas.Engine.Downloads;

/// <summary>
/// Downloads one file into a partial one that stays when the connection breaks, so that the next attempt, or the next call, asks only for
/// the rest (HTTP range requests).
/// </summary>
/// <param name="what">What is downloaded, for progress.</param>
/// <param name="otherwise">What else the user can do when it fails, a sentence.</param>
/// <param name="options">Attempts and patience.</param>
internal sealed class ResumingDownload(string what, string otherwise, DownloadOptions options)
{
    private const int BufferSize = 1 << 16;

    /// <summary>Downloads until the file is complete. Whether it's the right one is for the caller to check.</summary>
    /// <param name="uri">Address, http or https.</param>
    /// <param name="part">The partial file; complete when this returns.</param>
    /// <param name="progress">Told how many bytes are there.</param>
    /// <param name="cancellation">Stops the download.</param>
    /// <exception cref="HyperDasException"><c>UriUnsupported</c>, <c>DownloadFailed</c>.</exception>
    internal void Run(Uri uri, string part, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (!uri.IsAbsoluteUri || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps))
        {
            throw new HyperDasException("UriUnsupported", HyperDasErrorKind.InvalidArgument, $"'{uri}' can't be downloaded; an http or https address is needed.", uri);
        }
        Directory.CreateDirectory(Path.GetDirectoryName(part)!);
        using HttpClient client = new() { Timeout = Timeout.InfiniteTimeSpan };
        TimeSpan pause = options.Pause;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                Attempt(client, uri, part, progress, cancellation).GetAwaiter().GetResult();
                return;
            }
            catch (Exception error) when (IsTemporary(error, cancellation) && attempt < options.Attempts)
            {
                progress?.Report(new WorkProgress($"Downloading {what}", $"interrupted, trying again ({attempt + 1} of {options.Attempts})", 0, 0));
                cancellation.WaitHandle.WaitOne(pause);
                cancellation.ThrowIfCancellationRequested();
                pause *= 2;
            }
            catch (Exception error) when (error is HttpRequestException or TimeoutException || IsTemporary(error, cancellation))
            {
                throw Failed(uri, error);
            }
        }
    }

    private async Task Attempt(HttpClient client, Uri uri, string part, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using CancellationTokenSource impatient = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using FileStream file = new(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        long have = file.Length;
        using HttpRequestMessage request = new(HttpMethod.Get, uri);
        if (have > 0)
        {
            request.Headers.Range = new RangeHeaderValue(have, null);
        }
        try
        {
            impatient.CancelAfter(options.Patience);
            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, impatient.Token).ConfigureAwait(false);
            if (have > 0 && response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                // Complete already, or of something else; the length tells.
                if (response.Content.Headers.ContentRange?.Length == have)
                {
                    return;
                }
                file.SetLength(0);
                throw new IOException("the server has less than was downloaded before");
            }
            response.EnsureSuccessStatusCode();
            bool continued = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == have;
            if (!continued)
            {
                file.SetLength(0);
            }
            file.Seek(0, SeekOrigin.End);
            long total = response.Content.Headers.ContentLength is long rest ? file.Length + rest : 0;
            using Stream body = await response.Content.ReadAsStreamAsync(impatient.Token).ConfigureAwait(false);
            byte[] buffer = new byte[BufferSize];
            while (true)
            {
                impatient.CancelAfter(options.Patience);
                int read = await body.ReadAsync(buffer, impatient.Token).ConfigureAwait(false);
                if (read == 0)
                {
                    break;
                }
                await file.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
                progress?.Report(new WorkProgress($"Downloading {what}", $"{file.Length / 1024} KiB", file.Length, total));
            }
            if (total > 0 && file.Length < total)
            {
                throw new IOException($"the connection ended after {file.Length} of {total} bytes");
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"the server sent nothing for {options.Patience.TotalSeconds:F0} seconds");
        }
    }

    private static bool IsTemporary(Exception error, CancellationToken cancellation) => !cancellation.IsCancellationRequested && error switch
    {
        HttpRequestException { StatusCode: { } status } => (int)status >= 500 || status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests,
        HttpRequestException or IOException or TimeoutException => true,
        _ => false,
    };

    private HyperDasException Failed(Uri uri, Exception error) => new(
        "DownloadFailed",
        error is HttpRequestException { StatusCode: HttpStatusCode.NotFound } ? HyperDasErrorKind.NotFound : HyperDasErrorKind.ResourceUnavailable,
        $"'{uri}' couldn't be downloaded: {error.Message} Check the address and the connection and call again: what is there already is kept. "
        + otherwise, uri, error);
}
