using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace HyperDas.Engine.Tests.Downloads;

/// <summary>
/// A server on loopback that offers one repository as huggingface.co does: what is in it as JSON, large files behind a redirect to another
/// host, which knows ranges, small ones behind a redirect within the server.
/// </summary>
internal sealed class HubServer : IAsyncDisposable
{
    internal const string Id = "maker/tiny-model";

    private readonly WebApplication _hub;
    private readonly WebApplication _store;
    private int _commit = 1;

    private HubServer()
    {
        (_hub, _store) = (Application(), Application());
        _hub.Map("/api/models/{owner}/{name}/revision/{revision}", Describe);
        _hub.Map("/{owner}/{name}/resolve/{commit}/{file}", Resolve);
        _hub.Map("/api/resolve-cache/{file}", context => Send(context, Files[(string)context.Request.RouteValues["file"]!]));
        _store.Map("/blobs/{file}", context => Send(context, Sent.TryGetValue((string)context.Request.RouteValues["file"]!,
            out byte[]? sent) ? sent : Files[(string)context.Request.RouteValues["file"]!]));
    }

    /// <summary>Address of the server.</summary>
    internal Uri Uri => new(_hub.Urls.Single());

    /// <summary>What the repository has; names that end in <c>.safetensors</c> or <c>.bin</c> are in large file storage.</summary>
    internal Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>What is sent in place of a large file.</summary>
    internal Dictionary<string, byte[]> Sent { get; } = [];

    /// <summary>Every request: host and path, Authorization, Range.</summary>
    internal List<(string Path, string Token, string Range)> Requests { get; } = [];

    /// <summary>The token that is asked for; null: none.</summary>
    internal string? Token { get; set; }

    /// <summary>Answers to the next requests for a file in large storage: bytes after which the connection is cut.</summary>
    internal Queue<int> Cuts { get; } = [];

    /// <summary>Answers to the next requests for a description: status, error code and Retry-After.</summary>
    internal Queue<(int Status, string? Code, string? RetryAfter)> Refusals { get; } = [];

    /// <summary>The same for the next requests for files.</summary>
    internal Queue<(int Status, string? Code, string? RetryAfter)> FileRefusals { get; } = [];

    /// <summary>Changes the description.</summary>
    internal Action<JsonObject>? Misdescribe { get; set; }

    /// <summary>Whether the redirects of files never end.</summary>
    internal bool RedirectsForever { get; set; }

    internal string Commit => _commit.ToString("x40");

    internal static async Task<HubServer> Start()
    {
        HubServer server = new();
        await server._hub.StartAsync();
        await server._store.StartAsync();
        return server;
    }

    /// <summary>A new commit, with other content.</summary>
    internal void Change(string file, byte[] content)
    {
        Files[file] = content;
        _commit++;
    }

    internal static bool IsLarge(string file) => file.EndsWith(".safetensors", StringComparison.Ordinal)
        || file.EndsWith(".bin", StringComparison.Ordinal);

    public async ValueTask DisposeAsync()
    {
        foreach (WebApplication application in (WebApplication[])[_hub, _store])
        {
            using CancellationTokenSource now = new(TimeSpan.FromMilliseconds(100));
            await application.StopAsync(now.Token);
            await application.DisposeAsync();
        }
    }

    private static WebApplication Application()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        return builder.Build();
    }

    private Task Describe(HttpContext context)
    {
        Log(context);
        if (Refused(context, Refusals))
        {
            return Task.CompletedTask;
        }
        JsonArray siblings = [];
        foreach ((string name, byte[] content) in Files)
        {
            JsonObject entry = new() { ["rfilename"] = name, ["size"] = content.Length, ["blobId"] = GitHash(content) };
            if (IsLarge(name))
            {
                entry["lfs"] = new JsonObject
                {
                    ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(content)), ["size"] = content.Length, ["pointerSize"] = 134
                };
            }
            siblings.Add(entry);
        }
        JsonObject answer = new() { ["id"] = Id, ["sha"] = Commit, ["gated"] = false, ["siblings"] = siblings };
        Misdescribe?.Invoke(answer);
        return context.Response.WriteAsync(JsonSerializer.Serialize(answer));
    }

    private Task Resolve(HttpContext context)
    {
        Log(context);
        string file = (string)context.Request.RouteValues["file"]!;
        if (!Refused(context, FileRefusals))
        {
            context.Response.StatusCode = IsLarge(file) ? 302 : 307;
            context.Response.Headers.Location = RedirectsForever ? context.Request.Path.Value
                : IsLarge(file)
                    ? new Uri(new Uri(_store.Urls.Single()), $"blobs/{file}?signature=1").ToString()
                    : $"/api/resolve-cache/{file}";
        }
        return Task.CompletedTask;
    }

    private async Task Send(HttpContext context, byte[] content)
    {
        Log(context);
        string range = context.Request.Headers.Range.ToString();
        int start = range.Length == 0 ? 0 : int.Parse(range["bytes=".Length..^1]);
        if (start >= content.Length && range.Length > 0)
        {
            context.Response.StatusCode = 416;
            context.Response.Headers.ContentRange = $"bytes */{content.Length}";
            return;
        }
        if (range.Length > 0)
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {start}-{content.Length - 1}/{content.Length}";
        }
        context.Response.ContentLength = content.Length - start;
        int end = context.Request.Path.StartsWithSegments("/blobs") && Cuts.TryDequeue(out int cut)
            ? Math.Min(start + cut, content.Length)
            : content.Length;
        await context.Response.Body.WriteAsync(content.AsMemory(start, end - start));
        await context.Response.Body.FlushAsync();
        if (end < content.Length)
        {
            // What hasn't been read when a connection is reset is lost.
            await Task.Delay(100);
            context.Abort();
        }
    }

    private bool Refused(HttpContext context, Queue<(int, string?, string?)> refusals)
    {
        (int status, string? code, string? after) = refusals.TryDequeue(out (int, string?, string?) next) ? next
            : Token is not null && context.Request.Headers.Authorization != $"Bearer {Token}"
                ? (401, "RepoNotFound", null)
                : (0, null, null);
        if (status == 0)
        {
            return false;
        }
        context.Response.StatusCode = status;
        if (code is not null)
        {
            context.Response.Headers["X-Error-Code"] = code;
        }
        if (after is not null)
        {
            context.Response.Headers.RetryAfter = after;
        }
        return true;
    }

    private void Log(HttpContext context)
    {
        lock (Requests)
        {
            Requests.Add(($"{(context.Request.Host.Port == Uri.Port ? "hub" : "store")}{context.Request.Path}",
                context.Request.Headers.Authorization.ToString(), context.Request.Headers.Range.ToString()));
        }
    }

    private static string GitHash(byte[] content) =>
        Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));
}
