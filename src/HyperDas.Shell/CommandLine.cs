namespace HyperDas.Shell;

/// <summary>What the program was asked to do.</summary>
internal enum ShellAction
{
    Interactive,
    File,
    Command,
    StandardInput,
    Help,
    Version,
}

/// <summary>The program's arguments, understood.</summary>
/// <param name="Action">What to do.</param>
/// <param name="Text">The script's path or the command's text.</param>
/// <param name="Arguments">What follows the script's path: arguments of the script.</param>
internal sealed record CommandLine(ShellAction Action, string Text, IReadOnlyList<string> Arguments)
{
    /// <exception cref="ArgumentException">An option is unknown, or its value is missing.</exception>
    public static CommandLine Parse(string[] args, bool inputIsRedirected)
    {
        if (args.Length == 0)
        {
            return Simple(inputIsRedirected ? ShellAction.StandardInput : ShellAction.Interactive);
        }
        switch (args[0].ToLowerInvariant())
        {
            case "-help" or "--help" or "-h" or "-?" or "/?":
                return Simple(ShellAction.Help);
            case "-version" or "--version" or "-v":
                return Simple(ShellAction.Version);
            case "-":
                return Simple(ShellAction.StandardInput);
            case "-command" or "-c":
                return new CommandLine(ShellAction.Command, string.Join(' ', Rest(args, "-Command needs the text to run.")), []);
            case "-file" or "-f":
                string[] rest = Rest(args, "-File needs the path of a script.");
                return new CommandLine(ShellAction.File, rest[0], rest[1..]);
            case ['-', ..]:
                throw new ArgumentException($"Unknown option '{args[0]}'. 'hyperdas -Help' lists the options.");
            default:
                return new CommandLine(ShellAction.File, args[0], args[1..]);
        }
    }

    private static CommandLine Simple(ShellAction action) => new(action, "", []);

    private static string[] Rest(string[] args, string complaint) => args.Length > 1 ? args[1..] : throw new ArgumentException(complaint);
}
