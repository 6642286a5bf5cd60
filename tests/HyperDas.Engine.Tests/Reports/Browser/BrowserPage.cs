using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HyperDas.Engine.Tests.Reports.Browser;

/// <summary>A page in Chromium, driven by its DevTools protocol: one command after the other, and the events that came meanwhile.</summary>
internal sealed class BrowserPage : IAsyncDisposable
{
    private readonly ClientWebSocket _socket;
    private readonly List<JsonNode> _events = [];
    private string? _session;
    private string _target = "";
    private int _lastId;

    private BrowserPage(ClientWebSocket socket) => _socket = socket;

    /// <summary>Addresses that the page asked for, its own first.</summary>
    internal IEnumerable<string> Requests => Events("Network.requestWillBeSent").Select(e => (string)e["request"]!["url"]!);

    /// <summary>What went wrong, as the console shows it: exceptions, errors, warnings and violations of the content policy.</summary>
    internal IEnumerable<string> Problems =>
    [
        .. Events("Runtime.exceptionThrown").Select(e => e["exceptionDetails"]!.ToJsonString()),
        .. Events("Runtime.consoleAPICalled").Where(e => (string)e["type"]! is "error" or "warning" or "assert")
            .Select(e => e.ToJsonString()),
        .. Events("Log.entryAdded").Select(e => e["entry"]!.ToJsonString()),
    ];

    internal static async Task<BrowserPage> Open(ClientWebSocket socket, string address, int width, bool dark)
    {
        BrowserPage page = new(socket);
        page._target = (string)(await page.Send("Target.createTarget", new { url = "about:blank" }))["targetId"]!;
        page._session = (string)(await page.Send("Target.attachToTarget", new { targetId = page._target, flatten = true }))["sessionId"]!;
        foreach (string domain in new[] { "Page", "Runtime", "Log", "Network" })
        {
            await page.Send($"{domain}.enable", new { });
        }
        await page.Send("Emulation.setDeviceMetricsOverride", new { width, height = 900, deviceScaleFactor = 1, mobile = width < 600 });
        await page.Send("Emulation.setEmulatedMedia",
            new { features = new[] { new { name = "prefers-color-scheme", value = dark ? "dark" : "light" } } });
        await page.Send("Page.navigate", new { url = address });
        while (!page.Events("Page.loadEventFired").Any())
        {
            await page.Receive();
        }
        return page;
    }

    /// <summary>The value of a JavaScript expression.</summary>
    internal async Task<T> Evaluate<T>(string expression)
    {
        JsonNode answer = await Send("Runtime.evaluate", new { expression, returnByValue = true });
        return answer["exceptionDetails"] is { } thrown
            ? throw new InvalidOperationException(thrown.ToJsonString())
            : answer["result"]!["value"]!.Deserialize<T>()!;
    }

    /// <summary>The whole page as a PNG file.</summary>
    internal async Task<byte[]> Screenshot() =>
        Convert.FromBase64String(
            (string)(await Send("Page.captureScreenshot", new { format = "png", captureBeyondViewport = true }))["data"]!);

    public async ValueTask DisposeAsync()
    {
        _session = null;
        await Send("Target.closeTarget", new { targetId = _target });
        _socket.Dispose();
    }

    private IEnumerable<JsonNode> Events(string method) => _events.Where(e => (string?)e["method"] == method).Select(e => e["params"]!);

    private async Task<JsonNode> Send(string method, object parameters)
    {
        int id = ++_lastId;
        byte[] message = JsonSerializer.SerializeToUtf8Bytes(_session is null
            ? new { id, method, @params = parameters }
            : (object)new { id, method, @params = parameters, sessionId = _session });
        await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        while (true)
        {
            if (await Receive() is { } answer && (int?)answer["id"] == id)
            {
                return answer["result"] ?? throw new InvalidOperationException($"{method}: {answer["error"]?.ToJsonString()}");
            }
        }
    }

    private async Task<JsonNode> Receive()
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        using MemoryStream text = new();
        byte[] buffer = new byte[1 << 16];
        WebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(buffer, limit.Token);
            text.Write(buffer, 0, part.Count);
        }
        while (!part.EndOfMessage);
        JsonNode message = JsonNode.Parse(text.ToArray())!;
        if (message["id"] is null)
        {
            _events.Add(message);
        }
        return message;
    }
}
