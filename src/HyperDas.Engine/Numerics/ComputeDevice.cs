using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Numerics;

/// <summary>Parses device names.</summary>
public static class ComputeDevice
{
    private const string UnavailableErrorId = "CudaUnavailable";

    /// <summary>Parses one device, or several of one kind separated by commas, e.g. <c>cuda:0,cuda:1</c>.</summary>
    /// <param name="names">Names of the devices; not case-sensitive.</param>
    /// <exception cref="HyperDasException"><c>DeviceUnknown</c>; <c>CudaUnavailable</c>.</exception>
    public static IReadOnlyList<Device> ParseAll(string names)
    {
        string[] each = names.Split(',');
        return each.Select(name => name.Trim().StartsWith("cuda", StringComparison.OrdinalIgnoreCase)).Distinct().Count() == 1
            ? [.. each.Select(Parse)]
            : throw new HyperDasException(
                "DeviceUnknown", HyperDasErrorKind.InvalidArgument,
                $"'{names}' mixes processor and cards; a model can be only on one kind of device.", names);
    }

    /// <summary>Whether this machine has devices.</summary>
    /// <param name="names">As for <see cref="ParseAll"/>.</param>
    /// <exception cref="HyperDasException"><c>DeviceUnknown</c>.</exception>
    public static bool AreHere(string names)
    {
        try
        {
            return ParseAll(names).Count > 0;
        }
        catch (HyperDasException e) when (e.ErrorId == UnavailableErrorId)
        {
            return false;
        }
    }

    /// <summary>Parses <c>cpu</c>, <c>cuda</c> (the first card) or <c>cuda:N</c>.</summary>
    /// <param name="name">Name of the device; not case-sensitive.</param>
    /// <exception cref="HyperDasException"><c>DeviceUnknown</c>; <c>CudaUnavailable</c>.</exception>
    public static Device Parse(string name)
    {
        TorchRuntime.EnsureLoaded();
        string lower = name.Trim().ToLowerInvariant();
        if (lower == "cpu")
        {
            return CPU;
        }
        int index = 0;
        bool cuda = lower == "cuda"
            || (lower.StartsWith("cuda:", StringComparison.Ordinal)
                && int.TryParse(lower["cuda:".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out index));
        if (!cuda)
        {
            throw new HyperDasException("DeviceUnknown", HyperDasErrorKind.InvalidArgument,
                $"'{name}' isn't a device; use cpu, cuda or cuda:N, e.g. cuda:0, or several cards separated by commas.", name);
        }
        int count = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        return index < count
            ? new Device(DeviceType.CUDA, index)
            : throw new HyperDasException(
                UnavailableErrorId,
                HyperDasErrorKind.ResourceUnavailable,
                count == 0
                    ? $"'{name}' was requested, but this build of libtorch finds no CUDA device; use cpu, or a build with TorchBackend=cuda-windows or cuda-linux on a machine with a CUDA driver."
                    : $"'{name}' was requested, but the only CUDA devices are 0 to {count - 1}.",
                name);
    }
}
