using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace HyperDas.Engine.Tests.Ravel.Downloads;

/// <summary>A web server on loopback that serves one archive and misbehaves on request.</summary>
internal sealed class ArchiveServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly byte[] _archive;

    private ArchiveServer(byte[] archive)
    {
        _archive = archive;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _application = builder.Build();
        _application.Map("/data.tgz", Serve);
        _application.Map("/{id}/{version}/{file}", Serve);
        _application.Map("/moved.tgz", context =>
        {
            context.Response.Redirect("/data.tgz");
            return Task.CompletedTask;
        });
    }

    /// <summary>The archive's address.</summary>
    internal Uri Uri => new(new Uri(_application.Urls.Single()), "data.tgz");

    /// <summary>The Range header of each request for the archive; empty for none.</summary>
    internal List<string> Ranges { get; } = [];

    /// <summary>Bytes after which the connection is cut, one for each request in turn; afterwards everything is sent.</summary>
    internal Queue<int> Cuts { get; } = [];

    /// <summary>Status codes to answer with, one for each request in turn; afterwards 200.</summary>
    internal Queue<int> Failures { get; } = [];

    /// <summary>Whether Range headers are ignored, as some servers do.</summary>
    internal bool IgnoresRanges { get; set; }

    /// <summary>Whether the server goes silent in the middle.</summary>
    internal bool GoesSilent { get; set; }

    internal static async Task<ArchiveServer> Start(byte[] archive)
    {
        ArchiveServer server = new(archive);
        await server._application.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new(TimeSpan.FromMilliseconds(100));
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
    }

    private async Task Serve(HttpContext context)
    {
        string range = context.Request.Headers.Range.ToString();
        Ranges.Add(range);
        if (Failures.TryDequeue(out int status))
        {
            context.Response.StatusCode = status;
            return;
        }
        int start = range.Length == 0 || IgnoresRanges ? 0 : int.Parse(range["bytes=".Length..^1]);
        if (start >= _archive.Length)
        {
            context.Response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            context.Response.Headers.ContentRange = $"bytes */{_archive.Length}";
            return;
        }
        if (start > 0)
        {
            context.Response.StatusCode = StatusCodes.Status206PartialContent;
            context.Response.Headers.ContentRange = $"bytes {start}-{_archive.Length - 1}/{_archive.Length}";
        }
        context.Response.ContentLength = _archive.Length - start;
        int end = Cuts.TryDequeue(out int cut) ? Math.Min(start + cut, _archive.Length) : _archive.Length;
        await context.Response.Body.WriteAsync(_archive.AsMemory(start, (GoesSilent ? (start + end) / 2 : end) - start));
        await context.Response.Body.FlushAsync();
        if (GoesSilent)
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        }
        if (end < _archive.Length)
        {
            context.Abort();
        }
    }
}
