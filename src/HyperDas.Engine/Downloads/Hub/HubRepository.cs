using System.Text.Json;
using System.Text.RegularExpressions;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Downloads.Hub;

/// <summary>
/// A repository at one commit, as listed by the server: the files in its root. Addresses contain the commit, so nothing changes between two
/// requests.
/// </summary>
internal sealed partial class HubRepository
{
    private const string Otherwise = "Use HF_ENDPOINT or -Uri to specify another server.";
    private const long MostBytes = 64 << 20;

    private readonly HubSource _source;
    private readonly HubRefusal _refusal;

    private HubRepository(HubSource source, string id, HubRefusal refusal, string commit, IReadOnlyList<HubFile> files)
    {
        _source = source;
        _refusal = refusal;
        Id = id;
        Commit = commit;
        Files = files;
    }

    /// <summary>Its name, <c>owner/model</c>.</summary>
    public string Id { get; }

    /// <summary>The commit of the revision.</summary>
    public string Commit { get; }

    /// <summary>The files in its root.</summary>
    public IReadOnlyList<HubFile> Files { get; }

    /// <summary>Queries a server.</summary>
    /// <param name="source">The server and the token.</param>
    /// <param name="id">The repository.</param>
    /// <param name="revision">Branch, tag or commit.</param>
    /// <param name="progress">Receives interruptions.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="HyperDasException"><c>RepositoryDenied</c>, <c>RepositoryNotFound</c>, <c>RepositoryInvalid</c>,
    /// <c>DownloadFailed</c>.</exception>
    public static HubRepository Ask(
        HubSource source, string id, string revision, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        HubRefusal refusal = new(source, id, revision);
        Uri uri = Address(source, $"api/models/{id}/revision/{Uri.EscapeDataString(revision)}?blobs=true");
        using HttpClient client = new(
            new HubRedirects(source)) { Timeout = source.Download.Patience, MaxResponseContentBufferSize = MostBytes };
        byte[] answer = new RetriedRequest(id, Otherwise, source.Download)
            .Run(uri, () => Get(client, uri, refusal, source.Download, cancellation), progress, cancellation);
        try
        {
            using JsonDocument document = StrictJson.Parse(answer);
            return Read(source, id, refusal, document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new HyperDasException(
                "RepositoryInvalid", HyperDasErrorKind.InvalidData,
                $"'{uri}' doesn't answer like a model server: {e.Message} {Otherwise}", uri, e);
        }
    }

    /// <summary>Downloads one file, resuming a partial one.</summary>
    /// <param name="file">The file.</param>
    /// <param name="part">The partial file; complete but not verified when this returns.</param>
    /// <param name="progress">Receives the number of bytes received.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="HyperDasException"><c>RepositoryDenied</c>, <c>RepositoryNotFound</c>, <c>DownloadFailed</c>.</exception>
    public void Download(HubFile file, string part, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        new ResumingDownload($"{Id}", Otherwise, _source.Download, () => new HubRedirects(_source), _refusal.Of).Run(
            Address(_source, $"{Id}/resolve/{Commit}/{Uri.EscapeDataString(file.Name)}"), part, progress, cancellation);

    private static async Task<byte[]> Get(
        HttpClient client, Uri uri, HubRefusal refusal, DownloadOptions options, CancellationToken cancellation)
    {
        try
        {
            using HttpResponseMessage response = await client.GetAsync(uri, cancellation).ConfigureAwait(false);
            return response.IsSuccessStatusCode
                ? await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false)
                : throw BusyServerException.Of(response) ?? refusal.Of(response)
                    ?? (Exception)new HttpRequestException(
                        $"the server answered {(int)response.StatusCode} ({response.ReasonPhrase}).", null, response.StatusCode);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"the server didn't answer for {options.Patience.TotalSeconds:F0} seconds.");
        }
    }

    private static HubRepository Read(HubSource source, string id, HubRefusal refusal, JsonElement root)
    {
        string commit = root.GetProperty("sha").GetString() ?? "";
        if (!Sha1().IsMatch(commit))
        {
            throw new FormatException($"'sha' is '{commit}', which isn't a commit.");
        }
        List<HubFile> files = [];
        foreach (JsonElement entry in root.GetProperty("siblings").EnumerateArray())
        {
            string name = entry.GetProperty("rfilename").GetString() ?? "";
            // Subfolders contain the same in other formats. A name made up by a server must not lead out of the folder either.
            if (!Names().IsMatch(name))
            {
                continue;
            }
            string? sha256 = entry.TryGetProperty("lfs", out JsonElement large) && large.ValueKind == JsonValueKind.Object
                ? large.GetProperty("sha256").GetString()
                : null;
            string git = entry.GetProperty("blobId").GetString() ?? "";
            long length = entry.GetProperty("size").GetInt64();
            if (length < 0 || !Sha1().IsMatch(git) || (sha256 is not null && !Sha256().IsMatch(sha256)))
            {
                throw new FormatException($"size or hash of '{name}' is invalid.");
            }
            files.Add(new HubFile(name, length, sha256, git));
        }
        return new HubRepository(source, id, refusal, commit, files);
    }

    private static Uri Address(HubSource source, string path) => new($"{source.Endpoint.AbsoluteUri.TrimEnd('/')}/{path}");

    [GeneratedRegex(@"^[0-9a-f]{40}\z")]
    private static partial Regex Sha1();

    [GeneratedRegex(@"^[0-9a-f]{64}\z")]
    private static partial Regex Sha256();

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.-]*\z")]
    private static partial Regex Names();
}
