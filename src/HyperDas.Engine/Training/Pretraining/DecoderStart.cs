using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Numerics;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training.Pretraining;

/// <summary>The random initial weights of a pretraining.</summary>
/// <param name="config">The model's shape.</param>
/// <param name="generator">Source of randomness.</param>
internal sealed class DecoderStart(ModelConfig config, Generator generator)
{
    private const double EmbeddingDeviation = 0.05, PositionDeviation = 0.02;

    /// <summary>Initial values of a weight.</summary>
    /// <param name="role">The role.</param>
    public Tensor Of(WeightRole role)
    {
        long[] shape = WeightShapes.Of(config, role);
        // Half the usual 1/√inputs; contributions to the residual stream decrease with the depth, as in GPT-2.
        double shrink = 1 / Math.Sqrt(2.0 * config.BlockCount);
        return role switch
        {
            WeightRole.Embedding => Draw(EmbeddingDeviation),
            WeightRole.Positions => Draw(PositionDeviation),
            WeightRole.Output or WeightRole.Down => Draw(shrink * 0.5 / Math.Sqrt(shape[1])),
            WeightRole.Query or WeightRole.Key or WeightRole.Value or WeightRole.Gate or WeightRole.Up => Draw(0.5 / Math.Sqrt(shape[1])),
            _ => role.ToString().EndsWith("Bias", StringComparison.Ordinal) || config.Block.Norm == NormKind.RmsPlusOne
                ? zeros(shape)
                : ones(shape),
        };

        Tensor Draw(double deviation) => Initialise.Normal(shape[0], shape[1], deviation, generator);
    }
}
