using System.Runtime.InteropServices;

namespace HyperDas.Engine.Numerics;

/// <summary>Where a user's libtorch for this machine belongs, and which one.</summary>
public static class TorchPlace
{
    /// <summary>Version of TorchSharp that the engine was built with; its native half and libtorch must be of the same pair.</summary>
    public const string TorchSharpVersion = "0.107.0";

    /// <summary>This machine's platform, e.g. <c>linux-x64</c>.</summary>
    public static string Platform =>
        (OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux") + "-"
            + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    /// <summary>
    /// The folder that <c>Install-HyperDasBackend</c> fills, whether it exists or not; null for a user without a home. Its name has the
    /// version, so that two versions of the module never share one.
    /// </summary>
    public static string? UserFolder
    {
        get
        {
            // Without DoNotVerify the result is empty for a new user, whose folder doesn't exist yet.
            string data = Environment.GetFolderPath(
                Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
            return data.Length == 0
                ? null
                : Path.Combine(Path.GetFullPath(data), "HyperDas", "backends", $"torchsharp-{TorchSharpVersion}", $"{Platform}-cpu");
        }
    }
}
