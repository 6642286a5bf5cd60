namespace HyperDas.Shell;

/// <summary>Handles the host's arguments where its own behaviour isn't sufficient.</summary>
internal static class HostArguments
{
    /// <summary>The host's exit code when the session can't be opened, e.g. because files of the module are missing.</summary>
    public const int NotStarted = 70;

    // The shortest forms of pwsh's options that take a value.
    private static readonly string[] s_withValue =
        ["config", "cus", "ea", "encodeda", "ep", "ex", "if", "inp", "o", "settings", "to", "utc", "w"];

    // Options that specify the script or the command. An argument without a dash is a script.
    private static readonly string[] s_work = ["c", "e", "f"];

    /// <summary>
    /// Converts a script from a pipe, alone or as <c>-</c>, to a command. The host would read it line by line, as if typed: it waits for an
    /// empty line after a block, and silently drops an incomplete block at the end.
    /// </summary>
    public static string[] WithWholeInput(string[] arguments) =>
        arguments is [] or ["-"] && Console.IsInputRedirected && Console.In.ReadToEnd() is { Length: > 0 } text
            ? ["-Command", text]
            : arguments;

    /// <summary>Whether the host reads lines until <c>exit</c>: without a script or command, or with -NoExit.</summary>
    public static bool ReadLines(IReadOnlyList<string> arguments)
    {
        for (int i = 0; i < arguments.Count; i++)
        {
            string option = arguments[i].TrimStart('-', '/').ToLowerInvariant();
            bool isOption = option.Length > 0 && arguments[i].StartsWith('-');
            if (isOption && option.StartsWith("noe", StringComparison.Ordinal))
            {
                return true;
            }
            if (isOption && s_withValue.Any(name => option.StartsWith(name, StringComparison.Ordinal)))
            {
                i++;
            }
            else if (!isOption || s_work.Any(name => option.StartsWith(name, StringComparison.Ordinal)))
            {
                return false;
            }
        }
        return !Console.IsInputRedirected;
    }
}
