using System.Net;
using System.Net.Http.Headers;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Downloads;

/// <summary>
/// Downloads one file into a partial file that is kept when the connection breaks, so the next attempt or call requests only the rest (HTTP
/// range requests).
/// </summary>
/// <param name="what">What is downloaded, for progress reports.</param>
/// <param name="otherwise">A sentence with another remedy for failures.</param>
/// <param name="options">Retry settings.</param>
/// <param name="handler">Sends the requests; null for the default handler, which follows redirects.</param>
/// <param name="refusal">The error for a response that isn't worth another attempt; null if the response isn't a known refusal.</param>
internal sealed class ResumingDownload(
    string what, string otherwise, DownloadOptions options, Func<HttpMessageHandler>? handler = null,
    Func<HttpResponseMessage, HyperDasException?>? refusal = null)
{
    private const int BufferSize = 1 << 16;

    /// <summary>Downloads until the file is complete. The caller verifies the content.</summary>
    /// <param name="uri">Address, http or https.</param>
    /// <param name="part">The partial file; complete when this returns.</param>
    /// <param name="progress">Receives the number of bytes received.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="HyperDasException"><c>UriUnsupported</c>, <c>DownloadFailed</c>, and what refusals are.</exception>
    internal void Run(Uri uri, string part, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using HttpClient client = new(handler?.Invoke() ?? new HttpClientHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        new RetriedRequest(what, otherwise, options).Run(
            uri,
            async () =>
            {
                Directory.CreateDirectory(Path.GetDirectoryName(part)!);
                await Attempt(client, uri, part, progress, cancellation).ConfigureAwait(false);
                return true;
            },
            progress, cancellation);
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
            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, impatient.Token)
                .ConfigureAwait(false);
            if (have > 0 && response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                // Complete already, or of another file, which the length shows.
                if (response.Content.Headers.ContentRange?.Length == have)
                {
                    return;
                }
                file.SetLength(0);
                throw new IOException("the server's file is shorter than the part downloaded earlier");
            }
            if (!response.IsSuccessStatusCode)
            {
                throw BusyServerException.Of(response) ?? refusal?.Invoke(response)
                    ?? (Exception)new HttpRequestException(
                        $"the server answered {(int)response.StatusCode} ({response.ReasonPhrase}).", null, response.StatusCode);
            }
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
                await Append(file, buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
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

    // A full disk isn't a broken connection.
    private static async Task Append(FileStream file, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            await file.WriteAsync(bytes, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (AtomicFile.IsWriteFailure(e))
        {
            throw new HyperDasException(
                "WriteFailed", HyperDasErrorKind.WriteError, $"'{file.Name}' couldn't be written: {e.Message}", file.Name, e);
        }
    }
}
