using System.Globalization;

namespace HyperDas.Shell;

/// <summary>
/// The invariant culture, so that numbers and dates are the same on every machine, whose language is English: PowerShell breaks lines
/// between words only in languages that it knows.
/// </summary>
internal sealed class ShellCulture() : CultureInfo("")
{
    public override string TwoLetterISOLanguageName => "en";
}
