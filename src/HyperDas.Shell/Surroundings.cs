using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace HyperDas.Shell;

/// <summary>Prepares the environment before PowerShell's host starts, which reads it only once.</summary>
internal static class Surroundings
{
    /// <param name="manifest">The module's manifest.</param>
    public static void Prepare(string manifest)
    {
        CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = new ShellCulture();
        SpeakUtf8();
        if (Console.IsOutputRedirected || Console.IsErrorRedirected)
        {
            // Logs aren't read by terminals only.
            PSStyle.Instance.OutputRendering = OutputRendering.PlainText;
        }
        // Runspaces and jobs started by a script find the module by its name.
        Prepend("PSModulePath", Path.GetDirectoryName(Path.GetDirectoryName(manifest))!);
        // Update notifications and telemetry would concern another program.
        Default("POWERSHELL_TELEMETRY_OPTOUT", "1");
        Default("POWERSHELL_UPDATECHECK", "Off");
    }

    // On Windows the console's code page depends on the country, elsewhere on LANG; prompts and answers are in any language.
    private static void SpeakUtf8()
    {
        UTF8Encoding utf8 = new(encoderShouldEmitUTF8Identifier: false);
        if (Console.OutputEncoding.CodePage != utf8.CodePage)
        {
            Console.OutputEncoding = utf8;
        }
        if (Console.InputEncoding.CodePage != utf8.CodePage)
        {
            Console.InputEncoding = utf8;
        }
    }

    private static void Default(string variable, string value)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable)))
        {
            Environment.SetEnvironmentVariable(variable, value);
        }
    }

    private static void Prepend(string variable, string folder)
    {
        string before = Environment.GetEnvironmentVariable(variable) ?? "";
        if (!before.Split(Path.PathSeparator).Contains(folder))
        {
            Environment.SetEnvironmentVariable(variable, before.Length == 0 ? folder : folder + Path.PathSeparator + before);
        }
    }
}
