using System.Diagnostics;
using System.Net.WebSockets;
using Xunit;

namespace HyperDas.Engine.Tests.Reports.Browser;

/// <summary>A headless Chromium for the tests of a class; where none is installed they skip.</summary>
public sealed class Chromium : IDisposable
{
    private static readonly string[] s_names = ["chromium", "chromium-browser", "google-chrome"];

    private readonly TemporaryFolder _profile = new();
    private Process? _process;
    private string? _address;

    /// <summary>Opens a page; skips the running test when there is no Chromium.</summary>
    internal async Task<BrowserPage> Open(string file, int width, bool dark)
    {
        string? program = Find();
        Skip.If(program is null, "needs Chromium (Debian's package chromium, or its path in HYPERDAS_CHROMIUM)");
        _address ??= await Start(program!);
        ClientWebSocket socket = new();
        await socket.ConnectAsync(new Uri(_address), CancellationToken.None);
        return await BrowserPage.Open(socket, new Uri(Path.GetFullPath(file)).AbsoluteUri, width, dark);
    }

    public void Dispose()
    {
        if (_process is { } process)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }
        // Chromium's helpers may still write for a moment after they were killed.
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                _profile.Dispose();
                return;
            }
            catch (IOException) when (attempt < 20)
            {
                Thread.Sleep(100);
            }
        }
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("HYPERDAS_CHROMIUM") is { Length: > 0 } chosen)
        {
            return chosen;
        }
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return s_names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
    }

    private async Task<string> Start(string program)
    {
        string[] arguments =
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb",
            "--remote-debugging-port=0", $"--user-data-dir={_profile.Path}", "about:blank",
        ];
        _process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.ErrorDataReceived += (_, _) => { };
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        string portFile = Path.Combine(_profile.Path, "DevToolsActivePort");
        for (Stopwatch watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromMinutes(1); await Task.Delay(50))
        {
            if (File.Exists(portFile) && await File.ReadAllLinesAsync(portFile) is [string port, string path, ..])
            {
                return $"ws://127.0.0.1:{port}{path}";
            }
        }
        throw new TimeoutException($"{program} didn't open its debugging port within a minute.");
    }
}
