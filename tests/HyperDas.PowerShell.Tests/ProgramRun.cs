using System.Diagnostics;
using System.Text;

namespace HyperDas.PowerShell.Tests;

/// <summary>What a program did when it was run as a process: mostly <c>hyperdas</c>.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
internal sealed record ProgramRun(int ExitCode, string Output, string Error)
{
    public IEnumerable<string> Lines => Output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    public static ProgramRun Shell(params string[] arguments) => ShellWithInput("", arguments);

    public static ProgramRun ShellWithInput(string input, params string[] arguments)
    {
        using Process process = Start(arguments);
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return Finish(process);
    }

    public static Process Start(params string[] arguments) => Process.Start(Redirected("dotnet", [Repository.ShellProgram, .. arguments]))!;

    /// <summary>How to start a program whose streams, all UTF-8, are ours.</summary>
    public static ProcessStartInfo Redirected(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        // The PowerShell engine of the test process sets it to its own module folders.
        start.Environment.Remove("PSModulePath");
        return start;
    }

    /// <summary>Runs a program in a folder, away from the tester's own libtorch.</summary>
    /// <param name="folder">Where it runs.</param>
    /// <param name="arguments">Of <c>dotnet</c>.</param>
    /// <param name="variables">Its environment, beside the tester's.</param>
    public static ProgramRun In(string folder, string[] arguments, params (string Name, string Value)[] variables) =>
        In(folder, arguments, "", variables);

    /// <summary>As above, with text for its standard input.</summary>
    public static ProgramRun In(string folder, string[] arguments, string input, params (string Name, string Value)[] variables)
    {
        ProcessStartInfo start = Redirected("dotnet", arguments);
        start.WorkingDirectory = folder;
        start.Environment.Remove("HYPERDAS_TORCH_HOME");
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }
        using Process process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return Finish(process);
    }

    public static ProgramRun Finish(Process process)
    {
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new ProgramRun(process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
