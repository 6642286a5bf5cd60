using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Features;

/// <summary>
/// Feature selection by an L1-penalised linear support vector machine with squared hinge loss, one class against the rest
/// (docs/methods.md#feature-selection): for each class, min ‖w‖₁ + C Σᵢ max(0, 1 − yᵢ (w·xᵢ + b))². All classes are solved at once by
/// accelerated proximal gradient steps (FISTA), whose soft threshold makes unused weights exactly 0; matrix products for many classes beat
/// the usual coordinate descent class by class, and no package is needed.
/// </summary>
internal static class SparseProbe
{
    private const int CheckEvery = 10;
    private const double Used = 1e-5;

    /// <summary>The features that the probe uses: Σ over classes |w| ≥ 1e-5.</summary>
    /// <param name="features"><c>[rows, features]</c>, float32.</param>
    /// <param name="classes"><c>[rows]</c>, int64.</param>
    /// <param name="classCount">Number of classes, at least 2.</param>
    /// <param name="strength">C.</param>
    /// <param name="cancellation">Checked every few iterations.</param>
    /// <returns><c>[features]</c>, 1 = used, float32, in the caller's dispose scope.</returns>
    public static Tensor Select(Tensor features, Tensor classes, int classCount, double strength, CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weights = Fit(features, classes, classCount, strength, cancellation);
        return (weights.abs().sum([1L]) >= Used).to_type(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>Computes the weights.</summary>
    /// <param name="features"><c>[rows, features]</c>, float32.</param>
    /// <param name="classes"><c>[rows]</c>, int64.</param>
    /// <param name="classCount">Number of classes.</param>
    /// <param name="strength">C.</param>
    /// <param name="cancellation">Checked every few iterations.</param>
    /// <param name="iterations">Maximum number of iterations.</param>
    /// <param name="tolerance">Relative change between two checks below which it stops.</param>
    /// <returns><c>[features, classes]</c>, without the biases, in the caller's dispose scope.</returns>
    public static Tensor Fit(
        Tensor features, Tensor classes, int classCount, double strength, CancellationToken cancellation, int iterations = 1000,
        double tolerance = 0.01)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        // The bias is an additional, unpenalised weight of a feature that is always 1.
        Tensor x = cat([features, ones(features.shape[0], 1)], 1), transposed = x.transpose(0, 1).contiguous();
        Tensor signs = (nn.functional.one_hot(classes, classCount).to_type(ScalarType.Float32) * 2) - 1;
        double step = 1 / (2 * strength * LargestEigenvalue(transposed.matmul(x)));
        Tensor threshold = full([x.shape[1], 1], step);
        threshold[-1] = 0f;
        Tensor w = zeros(x.shape[1], classCount), ahead = w.clone(), checkedWeights = w.clone();
        double momentum = 1;
        for (int i = 1; i <= iterations; i++)
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor slack = (1 - (signs * x.matmul(ahead))).clamp_min(0);
            Tensor moved = ahead + (transposed.matmul(signs * slack) * (2 * strength * step));
            Tensor next = moved.sign() * (moved.abs() - threshold).clamp_min(0);
            double following = (1 + Math.Sqrt(1 + (4 * momentum * momentum))) / 2;
            ahead.copy_(next + ((next - w) * ((momentum - 1) / following)));
            w.copy_(next);
            momentum = following;
            if (i % CheckEvery == 0)
            {
                cancellation.ThrowIfCancellationRequested();
                double change = (w - checkedWeights).norm().item<float>(), size = w.norm().item<float>();
                checkedWeights.copy_(w);
                if (change <= tolerance * size)
                {
                    break;
                }
            }
        }
        return w.narrow(0, 0, features.shape[1]).clone().MoveToOuterDisposeScope();
    }

    private static double LargestEigenvalue(Tensor gram)
    {
        using DisposeScope scope = NewDisposeScope();
        // Nonfinite values would cause an error in the native library's eigendecomposition.
        if (!gram.isfinite().all().item<bool>())
        {
            throw new HyperDasException(
                "TrainingDiverged", HyperDasErrorKind.OperationStopped,
                "The first tensor that isn't finite: products of the probe's features. The training that computed the features has diverged; lower its learning rate.");
        }
        return linalg.eigvalsh(gram.to_type(ScalarType.Float64)).max().item<double>();
    }
}
