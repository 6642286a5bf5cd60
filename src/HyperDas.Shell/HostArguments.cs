namespace HyperDas.Shell;

/// <summary>What must be known about the host's arguments. The host itself understands them all.</summary>
internal static class HostArguments
{
    // The shortest forms of the options that take a value, as pwsh has them.
    private static readonly string[] s_withValue =
        ["config", "cus", "ea", "encodeda", "ep", "ex", "if", "inp", "o", "settings", "to", "utc", "w"];

    // Those that name the script or the command. A word without a dash is a script.
    private static readonly string[] s_work = ["c", "e", "f"];

    /// <summary>
    /// A script from a pipe, alone or as <c>-</c>, becomes a command. The host reads it line by line, as if typed: it waits for an empty
    /// line after a block, and drops in silence what is unfinished at the end.
    /// </summary>
    public static string[] WithWholeInput(string[] arguments) =>
        arguments is [] or ["-"] && Console.IsInputRedirected && Console.In.ReadToEnd() is { Length: > 0 } text
            ? ["-Command", text]
            : arguments;

    /// <summary>Whether the host reads lines until <c>exit</c>: no script or command is given, or it shall stay afterwards.</summary>
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
