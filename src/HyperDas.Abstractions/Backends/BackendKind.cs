namespace HyperDas;

/// <summary>What libtorch computes on.</summary>
public enum BackendKind
{
    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>CUDA cards.</summary>
    Cuda,
}
