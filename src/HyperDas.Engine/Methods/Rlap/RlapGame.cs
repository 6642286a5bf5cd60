using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Rlap;

/// <summary>
/// The game of R-LACE (docs/methods.md#rlap): a soft rank-k projection P and a linear classifier; the classifier minimises, P maximises the
/// cross entropy of the classifier on (I − P) x. Gradients are explicit: they are three matrix products.
/// </summary>
internal sealed class RlapGame
{
    private const int Halvings = 25;
    private const double StartScale = 0.1;
    private const double CloseToMajority = 0.0015;
    private const int RefitRows = 2000;
    private const int RefitSteps = 150;
    private const double RefitRate = 0.05;

    private readonly Tensor _vectors, _classes;
    private readonly int _classCount;
    private readonly RlapOptions _options;
    private readonly SeededRandom _order;
    private readonly Generator _generator;

    private RlapGame(Tensor vectors, Tensor classes, int classCount, RlapOptions options, long seed, Generator generator)
    {
        _vectors = vectors / vectors.square().mean().sqrt().clamp_min(1e-12);
        (_classes, _classCount, _options, _generator) = (classes, classCount, options, generator);
        _order = new SeededRandom(seed, "rlap/order");
    }

    /// <summary>Plays the game.</summary>
    /// <param name="vectors"><c>[vectors, d]</c>, float32, on the processor.</param>
    /// <param name="classes"><c>[vectors]</c>, int64.</param>
    /// <param name="classCount">Number of classes.</param>
    /// <param name="options">Rank and rounds.</param>
    /// <param name="seed">Seed of initialisation and order.</param>
    /// <param name="log">Called after every round.</param>
    /// <param name="cancellation">Checked before every round.</param>
    /// <returns>W, the subspace whose removal left the highest loss, <c>[k, d]</c>, in the caller's dispose scope.</returns>
    public static Tensor Play(
        Tensor vectors, Tensor classes, int classCount, RlapOptions options, long seed, Action<TrainingStep> log,
        CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using Generator generator = new(new SeededRandom(seed, "rlap/start").NextBits(), CPU);
        return new RlapGame(vectors, classes, classCount, options, seed, generator).Play(log, cancellation).MoveToOuterDisposeScope();
    }

    /// <summary>Projects eigenvalues onto { 0 ≤ λ ≤ 1, Σ λ = k }: clip(λ − θ, 0, 1) with θ found by bisection.</summary>
    /// <param name="values">Eigenvalues.</param>
    /// <param name="sum">k.</param>
    internal static double[] OntoSimplex(double[] values, double sum)
    {
        double low = values.Min() - 1, high = values.Max();
        for (int i = 0; i < Halvings; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = values.Sum(v => Math.Clamp(v - middle, 0, 1)) > sum ? (middle, high) : (low, middle);
        }
        return [.. values.Select(v => Math.Clamp(v - ((low + high) / 2), 0, 1))];
    }

    private Tensor Play(Action<TrainingStep> log, CancellationToken cancellation)
    {
        long d = _vectors.shape[1];
        Tensor p = Projected(StartScale * randn([d, d], generator: _generator));
        Tensor w = randn([_classCount, d], generator: _generator) / Math.Sqrt(d), bias = zeros(_classCount);
        Tensor best = TopRows(p);
        double bestLoss = double.NegativeInfinity, keep = 1 - (_options.LearningRate * _options.WeightDecay);
        double majority = nn.functional.one_hot(_classes, _classCount).sum([0L]).max().item<long>() / (double)_classes.shape[0];
        for (int step = 1; step <= _options.Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            (Tensor x, Tensor y) = Batch();
            (Tensor error, _) = Error(x - x.matmul(p), y, w, bias);
            Tensor ascent = error.matmul(w).transpose(0, 1).matmul(x).neg();
            Tensor moved = (p * keep) + (_options.LearningRate * ascent);
            ThrowUnlessFinite(step, [new("classifier", w), new("projection", moved)]);
            p.copy_(Projected(moved));

            (x, y) = Batch();
            Tensor removed = x - x.matmul(p);
            (error, Tensor loss) = Error(removed, y, w, bias);
            w.mul_(keep).sub_(error.transpose(0, 1).matmul(removed) * _options.LearningRate);
            bias.sub_(error.sum([0L]) * _options.LearningRate);
            ThrowUnlessFinite(step, [new("classifier's loss", loss)]);
            double figure = loss.item<float>();
            log(new TrainingStep(step, 0, figure, figure, 0, ascent.norm().item<float>(), _options.LearningRate));

            if (step % _options.EvaluateEvery == 0 || step == _options.Steps)
            {
                Tensor rows = TopRows(p);
                (double left, double accuracy) = Refit(rows);
                if (left > bestLoss)
                {
                    bestLoss = left;
                    best.copy_(rows);
                }
                if (Math.Abs(accuracy - majority) < CloseToMajority)
                {
                    break;
                }
            }
        }
        return best;
    }

    // Nonfinite values would cause an error in the native library's eigendecomposition.
    private void ThrowUnlessFinite(int step, IReadOnlyList<KeyValuePair<string, Tensor>> tensors)
    {
        if (FiniteCheck.FirstNonFinite(tensors) is string name)
        {
            throw new HyperDasException(
                "TrainingDiverged", HyperDasErrorKind.OperationStopped,
                FormattableString.Invariant(
                    $"The RLAP game stopped at step {step}. The first tensor that isn't finite: {name}. Lower the learning rate (now {_options.LearningRate})."),
                _options.LearningRate);
        }
    }

    /// <summary>d loss / d logits of the mean cross entropy, and the loss.</summary>
    private static (Tensor Error, Tensor Loss) Error(Tensor x, Tensor classes, Tensor weights, Tensor bias)
    {
        Tensor logits = x.matmul(weights.transpose(0, 1)) + bias;
        Tensor wanted = nn.functional.one_hot(classes, weights.shape[0]).to_type(ScalarType.Float32);
        return ((logits.softmax(-1) - wanted) / x.shape[0], nn.functional.cross_entropy(logits, classes));
    }

    private (Tensor X, Tensor Y) Batch()
    {
        int rows = (int)_vectors.shape[0];
        Tensor index = tensor(
            Enumerable.Range(0, Math.Min(_options.BatchSize, rows)).Select(_ => (long)_order.Next(rows)).ToArray(), ScalarType.Int64);
        return (_vectors.index_select(0, index), _classes.index_select(0, index));
    }

    private Tensor Projected(Tensor p)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor values, Tensor vectors) = linalg.eigh((p + p.transpose(0, 1)) / 2);
        double[] onto = OntoSimplex([.. values.data<float>().ToArray().Select(v => (double)v)], _options.FeatureDimension);
        Tensor diagonal = tensor(onto.Select(v => (float)v).ToArray());
        return (vectors * diagonal).matmul(vectors.transpose(0, 1)).MoveToOuterDisposeScope();
    }

    /// <summary>W: the eigenvectors with the largest eigenvalues as rows.</summary>
    private Tensor TopRows(Tensor p)
    {
        using DisposeScope scope = NewDisposeScope();
        (_, Tensor vectors) = linalg.eigh((p + p.transpose(0, 1)) / 2);
        return vectors.narrow(1, vectors.shape[1] - _options.FeatureDimension, _options.FeatureDimension).transpose(0, 1).contiguous()
            .MoveToOuterDisposeScope();
    }

    /// <summary>Loss and accuracy of a new classifier after the hard removal of W.</summary>
    private (double Loss, double Accuracy) Refit(Tensor rows)
    {
        using DisposeScope scope = NewDisposeScope();
        using ParameterStore store = new(CPU);
        long some = Math.Min(RefitRows, _vectors.shape[0]);
        Tensor x = _vectors.narrow(0, 0, some), y = _classes.narrow(0, 0, some);
        x = x - x.matmul(rows.transpose(0, 1)).matmul(rows);
        TrainableTensor weights = store.Add("weights", ParameterGroup.Main, zeros(_classCount, x.shape[1])),
            bias = store.Add("bias", ParameterGroup.Main, zeros(_classCount));
        store.Seal();
        using FlatAdamW optimiser = new(store);
        for (int i = 0; i < RefitSteps; i++)
        {
            using DisposeScope step = NewDisposeScope();
            (Tensor error, _) = Error(x, y, weights.Value.detach(), bias.Value.detach());
            weights.Value.grad = error.transpose(0, 1).matmul(x);
            bias.Value.grad = error.sum([0L]);
            optimiser.Step(_ => new GroupRate(RefitRate, 0));
        }
        Tensor logits = x.matmul(weights.Value.detach().transpose(0, 1)) + bias.Value.detach();
        double accuracy = (logits.argmax(-1) == y).to_type(ScalarType.Float32).mean().item<float>();
        return (nn.functional.cross_entropy(logits, y).item<float>(), accuracy);
    }
}
