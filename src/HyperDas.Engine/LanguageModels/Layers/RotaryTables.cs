using HyperDas.Engine.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels.Layers;

/// <summary>
/// Computes the rotary tables of one base θ. Scalings that depend on the length of a text use each row's own length, so a prompt gives the
/// same numbers alone and in a batch; Hugging Face uses that of the longest row (docs/families.md).
/// </summary>
internal sealed class RotaryTables : IDisposable
{
    private readonly RopeScaling? _scaling;
    private readonly int _width;
    private readonly double _theta, _tableScale;
    private readonly Tensor _frequencies;
    private readonly Tensor? _longFrequencies;

    /// <summary>Prepares the frequencies.</summary>
    /// <param name="width">Number of dimensions of a head that rotate; even.</param>
    /// <param name="theta">Base θ.</param>
    /// <param name="scaling">The scaling, or null.</param>
    /// <param name="device">Device of the tables.</param>
    public RotaryTables(int width, double theta, RopeScaling? scaling, Device device)
    {
        (_width, _theta, _scaling) = (width, theta, scaling);
        _frequencies = tensor(RotaryEmbedding.InverseFrequencies(width, theta, scaling), device: device).DetachFromDisposeScope();
        if (scaling is LongRopeScaling longrope)
        {
            _longFrequencies = tensor(RotaryEmbedding.Divided(width, theta, longrope.LongFactors), device: device).DetachFromDisposeScope();
        }
        _tableScale = scaling switch { YarnRopeScaling yarn => yarn.TableScale, LongRopeScaling stretched => stretched.TableScale, _ => 1 };
    }

    /// <summary>Cosines and sines.</summary>
    /// <param name="positions"><c>[batch, tokens]</c>, int64.</param>
    /// <param name="dtype">Type of the tables.</param>
    /// <returns>Tables of shape <c>[batch, tokens, 1, width]</c>.</returns>
    public RotaryTable Of(Tensor positions, ScalarType dtype)
    {
        using DisposeScope scope = NewDisposeScope();
        RotaryTable table = RotaryEmbedding.Table(positions.unsqueeze(-1), Frequencies(positions), dtype, _tableScale);
        return new RotaryTable(table.Cos.MoveToOuterDisposeScope(), table.Sin.MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _frequencies.Dispose();
        _longFrequencies?.Dispose();
    }

    private Tensor Frequencies(Tensor positions)
    {
        if (_scaling is not (LongRopeScaling or DynamicRopeScaling))
        {
            return _frequencies;
        }
        // [batch, 1, 1, 1].
        Tensor lengths = (positions.amax([1], keepdim: true) + 1).view(-1, 1, 1, 1);
        if (_scaling is LongRopeScaling longrope)
        {
            return where(lengths.gt(longrope.OriginalLength), _longFrequencies!, _frequencies);
        }
        DynamicRopeScaling dynamic = (DynamicRopeScaling)_scaling;
        double original = dynamic.OriginalLength;
        Tensor stretch = (lengths.clamp(min: original).to_type(ScalarType.Float64) * (dynamic.Factor / original)) - (dynamic.Factor - 1);
        Tensor bases = stretch.pow(_width / (_width - 2.0)) * _theta;
        Tensor exponents = (arange(0, _width, 2, ScalarType.Float32, positions.device) / -_width).to_type(ScalarType.Float64);
        return bases.pow(exponents).to_type(ScalarType.Float32);
    }
}
