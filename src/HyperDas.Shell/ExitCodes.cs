namespace HyperDas.Shell;

/// <summary>What the program returns beside the number that a script's own <c>exit</c> asks for.</summary>
internal static class ExitCodes
{
    public const int Success = 0;
    public const int UnhandledError = 1;
    public const int BadUsage = 64;
    public const int Stopped = 130;
}
