using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Methods;

/// <summary>
/// Interpreters whose parameters lie where training might have brought them. Fresh ones sit in special places (unit norms, X = −I, one
/// copy for three attentions, selection scores near 0) in which a mistake may not show.
/// </summary>
internal static class TinyInterpreter
{
    internal static HyperDasInterpreter Create(LanguageModel target, HypernetworkOptions? options = null)
    {
        HyperDasInterpreter interpreter = new(target, (options ?? Options()) with { SubspaceInner = 20, FeatureDimension = 6 }, seed: 3);
        using IDisposable frozen = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(9, CPU);
        foreach ((string name, Tensor value) in interpreter.Parameters.State())
        {
            // The fixed part of a rotation must stay orthogonal, and the diagonal of X counts as whole numbers.
            if (value.dim() > 0 && !name.EndsWith(".base", StringComparison.Ordinal))
            {
                Tensor noise = randn(value.shape, generator: random) * (name.Contains("lm_head", StringComparison.Ordinal) ? 0.6 : 0.1);
                value.add_(name.Contains("rotate_layer", StringComparison.Ordinal) ? noise.tril(-1) : noise);
            }
        }
        interpreter.SetTemperature(0.7);
        return interpreter;
    }

    internal static HypernetworkOptions Options(SubspaceKind kind = SubspaceKind.Householder, int reflections = 3, int layer = 2) =>
        new() { Layer = layer, Subspace = kind, Reflections = reflections };

    /// <summary>All stored numbers of an interpreter, to compare bit for bit.</summary>
    internal static byte[] Bits(Interpreter interpreter)
    {
        using DisposeScope scope = NewDisposeScope();
        return [.. interpreter.Parameters.State().SelectMany(p => p.Value.contiguous().bytes.ToArray())];
    }
}
