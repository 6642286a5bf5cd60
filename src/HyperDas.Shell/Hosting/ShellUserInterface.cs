using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace HyperDas.Shell.Hosting;

/// <summary>Writes results to standard output and everything else (errors, warnings, progress) to standard error.</summary>
internal sealed class ShellUserInterface : PSHostUserInterface
{
    private readonly IProgressDisplay _progress =
        Terminal.HasColour ? new TerminalProgress() : new ProgressLines(Console.Error, TimeProvider.System);

    public override PSHostRawUserInterface RawUI { get; } = new ShellRawUserInterface();

    public int ErrorsShown { get; private set; }

    public override bool SupportsVirtualTerminal => Terminal.HasColour;

    public void ClearProgress() => _progress.Clear();

    public override void Write(string value)
    {
        _progress.Clear();
        Console.Out.Write(WithoutColourWhereNone(value));
    }

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

    public override void WriteLine(string value) => Write(value + Environment.NewLine);

    public override void WriteErrorLine(string value)
    {
        ErrorsShown++;
        WriteDiagnostic(value, PSStyle.Instance.Formatting.Error);
    }

    public override void WriteWarningLine(string message) => WriteDiagnostic("WARNING: " + message, PSStyle.Instance.Formatting.Warning);

    public override void WriteVerboseLine(string message) => WriteDiagnostic("VERBOSE: " + message, PSStyle.Instance.Formatting.Verbose);

    public override void WriteDebugLine(string message) => WriteDiagnostic("DEBUG: " + message, PSStyle.Instance.Formatting.Debug);

    public override void WriteProgress(long sourceId, ProgressRecord record) => _progress.Show(record);

    public override string ReadLine()
    {
        ThrowIfNobodyCanAnswer();
        return Console.ReadLine() ?? "";
    }

    public override SecureString ReadLineAsSecureString() => throw new NotSupportedException("This shell can't read secrets.");

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
    {
        ThrowIfNobodyCanAnswer();
        WriteLine(caption);
        WriteLine(message);
        Dictionary<string, PSObject> answers = [];
        foreach (FieldDescription field in descriptions)
        {
            Write(field.Name + ": ");
            answers[field.Name] = PSObject.AsPSObject(ReadLine());
        }
        return answers;
    }

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        ThrowIfNobodyCanAnswer();
        WriteLine(caption);
        WriteLine(message);
        string[] labels = [.. choices.Select(c => c.Label.Replace("&", "", StringComparison.Ordinal))];
        Write($"[{string.Join(", ", labels)}] (default {labels[Math.Max(defaultChoice, 0)]}): ");
        string answer = ReadLine();
        int chosen = Array.FindIndex(labels, l => answer.Length > 0 && l.StartsWith(answer, StringComparison.OrdinalIgnoreCase));
        return chosen >= 0 ? chosen : Math.Max(defaultChoice, 0);
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        throw new NotSupportedException("This shell can't ask for credentials.");

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
        throw new NotSupportedException("This shell can't ask for credentials.");

    private void WriteDiagnostic(string text, string colour)
    {
        _progress.Clear();
        Console.Error.WriteLine(WithoutColourWhereNone(colour + text + PSStyle.Instance.Reset));
    }

    private static string WithoutColourWhereNone(string text) => GetOutputString(text, Terminal.HasColour);

    private static void ThrowIfNobodyCanAnswer()
    {
        if (Console.IsInputRedirected)
        {
            throw new HostException("The command asks for an answer, but standard input isn't a keyboard.");
        }
    }
}
