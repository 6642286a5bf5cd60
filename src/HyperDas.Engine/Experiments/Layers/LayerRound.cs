using HyperDas.Engine.Methods;
using HyperDas.Engine.Training;

namespace HyperDas.Engine.Experiments.Layers;

/// <summary>One round of short trainings: every remaining layer gets one, and the better half advances.</summary>
/// <param name="Field">Number of layers.</param>
/// <param name="Steps">Number of training steps for each; null where a method has no shorter training.</param>
internal readonly record struct LayerRound(int Field, int? Steps)
{
    // Fraction of a whole training for the last two layers: neighbors have overtaken each other after a third of it.
    private const double LastShare = 0.45;

    // The same for the previous round; each earlier round has half the steps of the next one. These rounds then cost about the same, and
    // the total grows with the logarithm of the number of layers.
    private const double EarlierShare = 0.18;
    private const int LeastSteps = 10;

    /// <summary>The rounds of a search.</summary>
    /// <param name="field">Number of layers in the first round.</param>
    /// <param name="whole">Number of steps of a whole training; null where it can't be shortened.</param>
    public static IReadOnlyList<LayerRound> Of(int field, int? whole)
    {
        if (field < 2 || whole == 0)
        {
            return [];
        }
        if (whole is not { } steps)
        {
            return [new LayerRound(field, null)];
        }
        List<int> fields = [field];
        while (fields[^1] > 2)
        {
            fields.Add((fields[^1] + 1) / 2);
        }
        // Another round with the same number of steps would give no new information.
        return
        [
            .. fields.Select((size, i) => new LayerRound(
                size, Math.Min(steps, Math.Max(LeastSteps, (int)(steps * Share(fields.Count - 1 - i))))))
                .DistinctBy(round => round.Steps),
        ];
    }

    // By the number of later rounds.
    private static double Share(int after) => after == 0 ? LastShare : EarlierShare / (1L << Math.Min(30, after - 1));

    /// <summary>Number of steps of a whole training, where a limit on them has a meaning.</summary>
    /// <param name="settings">Method and training.</param>
    /// <param name="dataset">The examples.</param>
    /// <returns>For methods that train each concept separately, those of the largest; null where there is no such limit.</returns>
    public static int? WholeSteps(Experiment settings, RavelDataset dataset)
    {
        MethodDescription method = MethodCatalog.Of(settings.Method.Options!);
        if (!method.TrainingSettings.Contains(nameof(TrainingOptions.MaxSteps)))
        {
            return null;
        }
        IEnumerable<RavelExample> learned = method.LearnsFromIsolate(settings.Method.Options!)
            ? dataset.Train
            : dataset.Train.Where(example => example.Kind == RavelExampleKind.Cause);
        int examples = method.Learning == Learning.Together
            ? learned.Count()
            : learned.GroupBy(example => (example.Domain, example.Attribute)).Select(group => group.Count()).DefaultIfEmpty().Max();
        return Trainer.TotalSteps(examples, settings.Training);
    }
}
