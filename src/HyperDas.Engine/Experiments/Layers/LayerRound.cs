using HyperDas.Engine.Methods;
using HyperDas.Engine.Training;

namespace HyperDas.Engine.Experiments.Layers;

/// <summary>One round of short trainings: every layer that is left gets one, and the better half goes on.</summary>
/// <param name="Field">How many layers take part.</param>
/// <param name="Steps">Training steps for each; null where a method can't be trained for less than the whole.</param>
internal readonly record struct LayerRound(int Field, int? Steps)
{
    // What the last two layers are trained for, of a whole training; each round before takes half of the next one's. A round then costs
    // about as much as any other whatever the field, so that trainings grow with the logarithm of the number of layers.
    private const double LastShare = 0.25;
    private const int LeastSteps = 10;

    /// <summary>The rounds of a search.</summary>
    /// <param name="field">How many layers take part in the first.</param>
    /// <param name="whole">Steps of a whole training; null where it has none to be cut short.</param>
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
        // Another round of as many steps would find out nothing more.
        return
        [
            .. fields.Select((size, i) => new LayerRound(
                size, Math.Min(steps, Math.Max(LeastSteps, (int)(steps * LastShare / (1L << Math.Min(30, fields.Count - 1 - i)))))))
                .DistinctBy(round => round.Steps),
        ];
    }

    /// <summary>Steps that a whole training takes, as far as a limit on them has a meaning.</summary>
    /// <param name="settings">Method and training.</param>
    /// <param name="dataset">The examples.</param>
    /// <returns>Of methods that train concept by concept, those of the largest; null where there is no such limit.</returns>
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
