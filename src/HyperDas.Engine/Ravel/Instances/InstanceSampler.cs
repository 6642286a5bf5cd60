using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Ravel.Instances;

/// <summary>
/// Draws pairs of prompts from the benchmark's distribution (docs/methods.md#ravels-instances) with this project's own generator: the pairs
/// themselves differ.
/// </summary>
/// <param name="domain">Name of the domain; part of the seed.</param>
/// <param name="knowledge">The target model's answers.</param>
/// <param name="options">Seed and counts.</param>
internal sealed class InstanceSampler(string domain, InstanceKnowledge knowledge, RavelInstanceOptions options)
{
    private const int FewestCandidates = 5;
    private const int SourcesPerTemplate = 100;
    private const int TrainTemplatesPerEntity = 10;
    private const int TrainSourcesPerTemplate = 10;
    private const double ContextSmoothing = 20;
    private const double EntitySmoothing = 10;

    private static readonly SourceKind[] s_kinds = [SourceKind.Output, SourceKind.Causal, SourceKind.Other];

    /// <summary>Context test: templates of a split with all kept training entities.</summary>
    internal IEnumerable<InstanceDraw> Context(RavelSplit split)
    {
        RavelEntity[] entities = Entities(RavelSplit.Train);
        return knowledge.Templates.Where(template => template.Attribute is not null && template.Split == split)
            .SelectMany(template => Test(template, entities, entities, split, ContextSmoothing, $"context-{split}"));
    }

    /// <summary>Entity test: training templates with entities of a split.</summary>
    internal IEnumerable<InstanceDraw> Entity(RavelSplit split)
    {
        RavelEntity[] entities = Entities(split);
        return knowledge.Templates.Where(template => template.Attribute is not null && template.Split == RavelSplit.Train)
            .SelectMany(template =>
        {
            RavelEntity[] bases = Sample(entities, options.TestDraws, Random($"entity-{split}/{template.Text}/bases"));
            return Test(template, bases, entities, RavelSplit.Train, EntitySmoothing, $"entity-{split}");
        });
    }

    /// <summary>
    /// Training set of one attribute. Base templates keep their own file's attribute, even where the Wikipedia file repeats them.
    /// </summary>
    internal IEnumerable<InstanceDraw> Train(string attribute)
    {
        SeededRandom random = Random($"train/{attribute}");
        RavelEntity[] entities = Entities(RavelSplit.Train);
        InstanceTemplate[] asking =
            [.. knowledge.Asking.Where(template => template.Attribute == attribute && template.Split == RavelSplit.Train)];
        (InstanceTemplate Template, string Entity)[] bases =
            [.. entities.SelectMany(entity => Sample(asking, TrainTemplatesPerEntity, random).Select(template => (template, entity.Name)))];
        (InstanceTemplate Template, string Entity)[] sources =
            [.. knowledge.Templates.Where(template => template.Split == RavelSplit.Train)
                .SelectMany(template => Sources(template, entities, TrainSourcesPerTemplate, random))];
        int wanted = Round(options.TrainDraws, bases.Length);
        foreach ((InstanceTemplate template, string entity) in bases)
        {
            if (knowledge.Answer(template.Text, entity) is not InstanceAnswer answer)
            {
                continue;
            }
            (InstanceTemplate, string)[] candidates =
                [.. sources.Where(source => knowledge.Answer(template.Text, source.Entity) is InstanceAnswer other
                    && answer.KeepsPairWith(other))];
            foreach ((InstanceTemplate sourceTemplate, string sourceEntity) in Sample(candidates, wanted, random))
            {
                yield return new InstanceDraw(template, entity, sourceTemplate, sourceEntity);
            }
        }
    }

    private IEnumerable<InstanceDraw> Test(
        InstanceTemplate template, RavelEntity[] bases, RavelEntity[] entities, RavelSplit sourceSplit, double smoothing, string use)
    {
        if (bases.Length < FewestCandidates)
        {
            yield break;
        }
        foreach (SourceKind kind in s_kinds)
        {
            SeededRandom random = Random($"{use}/{template.Text}/{kind}");
            (InstanceTemplate Template, string Entity)[] sources =
            [
                .. knowledge.Templates.Where(source => source.Split == sourceSplit && source.KindFor(template.Attribute!) == kind)
                    .SelectMany(source => Sources(source, entities, SourcesPerTemplate, random)),
            ];
            if (sources.Length < FewestCandidates)
            {
                continue;
            }
            double[] cumulative = Weights(template, sources, smoothing);
            int wanted = Math.Max(1, Round(options.TestDraws, bases.Length));
            RavelEntity[] order = [.. bases];
            random.Shuffle<RavelEntity>(order);
            foreach (RavelEntity @base in order)
            {
                for (int i = 0; i < wanted; i++)
                {
                    (InstanceTemplate sourceTemplate, string sourceEntity) = sources[Draw(cumulative, random)];
                    if (knowledge.Answer(template.Text, @base.Name) is InstanceAnswer answer
                        && knowledge.Answer(template.Text, sourceEntity) is InstanceAnswer other && answer.KeepsPairWith(other))
                    {
                        yield return new InstanceDraw(template, @base.Name, sourceTemplate, sourceEntity);
                    }
                }
            }
        }
    }

    private IEnumerable<(InstanceTemplate Template, string Entity)> Sources(
        InstanceTemplate template, RavelEntity[] entities, int count, SeededRandom random) =>
        (template.Entity is string own ? entities.Where(entity => entity.Name == own) : Sample(entities, count, random))
            .Where(entity => knowledge.Answer(template.Text, entity.Name) is { IsSource: true })
            .Select(entity => (template, entity.Name));

    /// <summary>Cumulative weights of the sources: labels that are rare under the base template are oversampled.</summary>
    private double[] Weights(InstanceTemplate template, (InstanceTemplate Template, string Entity)[] sources, double smoothing)
    {
        string[] labels = [.. sources.Select(source => knowledge.Answer(template.Text, source.Entity)?.Label ?? "")];
        Dictionary<string, int> counts = labels.CountBy(label => label).ToDictionary();
        double total = 0;
        return [.. labels.Select(label => total += 1 / (smoothing + counts[label]))];
    }

    private static int Draw(double[] cumulative, SeededRandom random)
    {
        int found = Array.BinarySearch(cumulative, random.NextDouble() * cumulative[^1]);
        return Math.Min(found >= 0 ? found + 1 : ~found, cumulative.Length - 1);
    }

    private RavelEntity[] Entities(RavelSplit split) => [.. knowledge.Entities.Where(entity => entity.Split == split)];

    private SeededRandom Random(string use) => new(options.Seed, $"instance/{domain}/{use}");

    // Half to even, as in the original.
    private static int Round(int draws, int bases) => bases == 0 ? 0 : (int)Math.Round((double)draws / bases);

    private static T[] Sample<T>(T[] items, int count, SeededRandom random)
    {
        T[] order = [.. items];
        random.Shuffle<T>(order);
        return count < order.Length ? order[..count] : order;
    }
}
