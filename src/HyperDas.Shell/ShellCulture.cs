using System.Globalization;

namespace HyperDas.Shell;

/// <summary>
/// The invariant culture, which formats numbers and dates identically on every machine, with English as its language: PowerShell breaks
/// lines between words only in languages that it knows.
/// </summary>
internal sealed class ShellCulture() : CultureInfo("")
{
    public override string TwoLetterISOLanguageName => "en";
}
