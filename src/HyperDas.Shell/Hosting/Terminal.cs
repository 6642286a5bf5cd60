namespace HyperDas.Shell.Hosting;

/// <summary>What the program's output goes to.</summary>
internal static class Terminal
{
    private const int WidthWithoutTerminal = 120;

    public static bool HasColour =>
        !Console.IsOutputRedirected && !Console.IsErrorRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    public static int Width => Console.IsOutputRedirected || Console.WindowWidth <= 0 ? WidthWithoutTerminal : Console.WindowWidth;

    public static int Height => Console.IsOutputRedirected || Console.WindowHeight <= 0 ? 50 : Console.WindowHeight;
}
