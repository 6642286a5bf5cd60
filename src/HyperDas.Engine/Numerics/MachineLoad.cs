using System.Globalization;

namespace HyperDas.Engine.Numerics;

/// <summary>Whether the machine's processors are free or busy with other work.</summary>
internal static class MachineLoad
{
    private const string LoadFile = "/proc/loadavg";

    // Short-lived work must not count: a busy process is seen in every sample.
    private const int Looks = 5;

    /// <summary>
    /// Whether threads of ours would each find a processor of their own now. False where the system doesn't say (other than Linux).
    /// </summary>
    /// <param name="threads">Threads that are to run at the same time, this one among them.</param>
    public static bool HasRoomFor(int threads)
    {
        for (int look = 0; look < Looks; look++)
        {
            if (look > 0)
            {
                Thread.Sleep(1);
            }
            if (Others() <= Environment.ProcessorCount - threads)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Number of threads of the whole machine that run or wait for a processor.</summary>
    /// <param name="text">Contents of <c>/proc/loadavg</c>, e.g. <c>0.20 0.18 0.12 1/80 11206</c>.</param>
    /// <returns>Null when it isn't such a text.</returns>
    internal static int? Running(string text)
    {
        string[] parts = text.Split(' ');
        return parts.Length >= 4 && int.TryParse(parts[3].Split('/')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int running)
            ? running
            : null;
    }

    // Threads other than the sampling one.
    private static int Others()
    {
        try
        {
            return File.Exists(LoadFile) && Running(File.ReadAllText(LoadFile)) is int running ? running - 1 : int.MaxValue;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return int.MaxValue;
        }
    }
}
