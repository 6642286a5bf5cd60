using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Sae;

/// <summary>
/// Trains a sparse autoencoder: mean squared error + λ · mean |z|, AdamW, a cosine from the learning rate to half of it
/// (docs/methods.md#sparse-autoencoder).
/// </summary>
internal static class SaeTrainer
{
    private const double FinalShare = 0.5;

    /// <summary>Trains an autoencoder and passes on its state.</summary>
    /// <param name="vectors"><c>[vectors, d]</c>, float32.</param>
    /// <param name="options">Size and training.</param>
    /// <param name="seed">Seed of initialisation and order.</param>
    /// <param name="log">Called after every step: step, epoch, error, size, rate.</param>
    /// <param name="take">Receives the trained values by name, without a prefix.</param>
    /// <param name="cancellation">Checked before every step.</param>
    public static void Train(
        Tensor vectors, SaeOptions options, long seed, Action<TrainingStep> log, Action<string, Tensor> take,
        CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        SeededRandom order = new(seed, "sae/order");
        using Generator generator = new(new SeededRandom(seed, "sae/start").NextBits(), CPU);
        using ParameterStore store = new(vectors.device);
        SparseAutoencoder autoencoder = new(store, "", vectors.shape[1], options.LatentMultiple * vectors.shape[1], generator);
        store.Seal();
        autoencoder.Scale(vectors);
        using FlatAdamW optimiser = new(store);
        long[] rows = [.. Enumerable.Range(0, (int)vectors.shape[0]).Select(i => (long)i)];
        int perEpoch = ((rows.Length - 1) / options.BatchSize) + 1;
        long total = (long)perEpoch * options.Epochs;
        for (int epoch = 0; epoch < options.Epochs; epoch++)
        {
            order.Shuffle<long>(rows);
            foreach (long[] batch in rows.Chunk(options.BatchSize))
            {
                cancellation.ThrowIfCancellationRequested();
                using DisposeScope step = NewDisposeScope();
                store.ClearGradients();
                (Tensor error, Tensor size) = autoencoder.Losses(vectors.index_select(0, tensor(batch, ScalarType.Int64, vectors.device)));
                Tensor loss = error + (size * options.Sparsity);
                loss.backward();
                float[] figures = stack([loss.detach(), error.detach(), size.detach(), store.GradientNorm()]).cpu().data<float>().ToArray();
                if (!figures.All(float.IsFinite))
                {
                    throw new HyperDasException(
                        "TrainingDiverged", HyperDasErrorKind.OperationStopped,
                        FormattableString.Invariant(
                            $"The autoencoder's training stopped at step {optimiser.Steps + 1}: loss {figures[0]}, gradient norm {figures[3]}.") +
                        FiniteCheck.Culprit(store, new("error", error), new("latents' size", size)) +
                        FormattableString.Invariant($" Lower the learning rate (now {options.LearningRate})."),
                        options.LearningRate);
                }
                double cosine = (1 + Math.Cos(Math.PI * optimiser.Steps / total)) / 2;
                double rate = options.LearningRate * (FinalShare + ((1 - FinalShare) * cosine));
                optimiser.Step(_ => new GroupRate(rate, options.WeightDecay));
                log(new TrainingStep(
                    optimiser.Steps, (double)(optimiser.Steps - 1) / perEpoch, figures[0], figures[1], figures[2], figures[3], rate));
            }
        }
        FiniteCheck.ThrowIfDamaged(store, optimiser.Steps, options.LearningRate);
        foreach ((string name, Tensor value) in store.State())
        {
            take(name, value);
        }
    }
}
