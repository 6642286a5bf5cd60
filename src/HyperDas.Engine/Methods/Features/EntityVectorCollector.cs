using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Features;

/// <summary>
/// Collects entity vectors for fitted methods. From a dataset alone it uses the training examples' prompts up to the entity and their
/// values; with the benchmark's domain, training entities in training templates (docs/methods.md#entity-vectors).
/// </summary>
internal static class EntityVectorCollector
{
    private const int ChunkRows = 256;

    /// <summary>Collects the vectors of one domain.</summary>
    /// <param name="cache">Hidden states at the intervention layer only.</param>
    /// <param name="tokenizer">The target model's tokenizer.</param>
    /// <param name="examples">Training examples with their tokens; those of other domains are ignored.</param>
    /// <param name="domain">The domain's name.</param>
    /// <param name="benchmark">The domain itself, or null.</param>
    /// <param name="position">The position of the vectors: in prompts up to the entity, or in whole prompts.</param>
    /// <param name="limit">Maximum number of vectors.</param>
    /// <param name="seed">Seed of the selection if there are more.</param>
    /// <param name="cancellation">Checked between batches.</param>
    /// <returns>The vectors, in the caller's dispose scope.</returns>
    public static EntityVectors Collect(
        ActivationCache cache,
        PromptTokenizer tokenizer,
        IReadOnlyList<(RavelExample Example, TokenizedExample Tokens)> examples,
        string domain,
        RavelDomain? benchmark,
        FixedPosition position,
        int limit,
        long seed,
        CancellationToken cancellation)
    {
        Dictionary<(string, string), string> values = [];
        List<(string Entity, int[] Ids)> prompts = benchmark is null
            ? FromExamples(examples.Where(e => e.Example.Domain == domain), values)
            : FromDomain(benchmark, tokenizer, position, values);
        (string Entity, int[] Ids)[] chosen = [.. prompts.DistinctBy(p => p.Ids, SequenceComparer.Instance)];
        new SeededRandom(seed, $"vectors/{domain}").Shuffle<(string, int[])>(chosen);
        chosen = [.. chosen.Take(limit)];
        return new EntityVectors(Vectors(cache, [.. chosen.Select(p => p.Ids)], cancellation), [.. chosen.Select(p => p.Entity)], values);
    }

    private static List<(string, int[])> FromExamples(
        IEnumerable<(RavelExample Example, TokenizedExample Tokens)> examples, Dictionary<(string, string), string> values)
    {
        List<(string, int[])> prompts = [];
        foreach ((RavelExample example, TokenizedExample tokens) in examples)
        {
            // Both values are of the attribute that the base prompt asks for.
            values.TryAdd((example.BaseEntity, example.AskedAttribute), example.BaseValue);
            values.TryAdd((example.SourceEntity, example.AskedAttribute), example.SourceValue);
            prompts.Add((example.BaseEntity, tokens.BaseIds[..(tokens.BaseEntityIndex + 1)]));
            prompts.Add((example.SourceEntity, tokens.SourceIds[..(tokens.SourceEntityIndex + 1)]));
        }
        return prompts;
    }

    private static List<(string, int[])> FromDomain(
        RavelDomain domain, PromptTokenizer tokenizer, FixedPosition position, Dictionary<(string, string), string> values)
    {
        List<(string, int[])> prompts = [];
        RavelTemplate[] templates = [.. domain.Templates.Where(t => t.Split == RavelSplit.Train)];
        foreach (RavelEntity entity in domain.Entities.Where(e => e.Split == RavelSplit.Train))
        {
            foreach ((string attribute, string value) in entity.Values)
            {
                values[(entity.Name, attribute)] = value;
            }
            prompts.AddRange(templates.Select(t => (entity.Name, Shown(TemplateSlot.Fill(t.Text, entity.Name)))));
        }
        return prompts;

        int[] Shown((string Prefix, string Suffix) prompt) =>
            position == FixedPosition.EntityLastToken
                ? tokenizer.Beginning(prompt.Prefix)
                : tokenizer.Prompt(prompt.Prefix + prompt.Suffix);
    }

    private static Tensor Vectors(ActivationCache cache, int[][] prompts, CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        List<Tensor> parts = [];
        foreach (int[][] chunk in prompts.Chunk(ChunkRows))
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope step = NewDisposeScope();
            Tensor states = cache.Stacks(chunk, chunk.Max(c => c.Length)).select(2, 0);
            Tensor rows = arange(chunk.Length, ScalarType.Int64, states.device),
                last = tensor(chunk.Select(c => c.Length - 1L).ToArray(), ScalarType.Int64, states.device);
            parts.Add(states.index(TensorIndex.Tensor(rows), TensorIndex.Tensor(last)).to_type(ScalarType.Float32).cpu()
                .MoveToOuterDisposeScope());
        }
        return cat(parts).MoveToOuterDisposeScope();
    }
}
