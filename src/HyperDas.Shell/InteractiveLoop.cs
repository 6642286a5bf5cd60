using System.Management.Automation.Language;

namespace HyperDas.Shell;

/// <summary>Reads lines until <c>exit</c> or the end of input; goes on reading while a statement is incomplete.</summary>
internal sealed class InteractiveLoop(ShellSession session)
{
    private const string Prompt = "HyperDas> ";
    private const string Continuation = "       >> ";

    public int Run()
    {
        Console.WriteLine(About.Banner(session));
        int code = ExitCodes.Success;
        while (session.ExitCode is null && ReadStatement() is { } statement)
        {
            code = session.RunScript(statement);
        }
        return session.ExitCode ?? code;
    }

    private static string? ReadStatement()
    {
        Console.Write(Prompt);
        string? text = Console.ReadLine();
        while (text is not null && IsIncomplete(text))
        {
            Console.Write(Continuation);
            if (Console.ReadLine() is not { } next)
            {
                break;
            }
            text += Environment.NewLine + next;
        }
        return text;
    }

    private static bool IsIncomplete(string text)
    {
        Parser.ParseInput(text, out _, out ParseError[] errors);
        return errors.Any(e => e.IncompleteInput);
    }
}
