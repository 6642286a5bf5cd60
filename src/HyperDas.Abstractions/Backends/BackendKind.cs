namespace HyperDas;

/// <summary>The kind of device that libtorch computes on.</summary>
public enum BackendKind
{
    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>CUDA cards.</summary>
    Cuda,
}
