using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Evaluation.Checks;

/// <summary>
/// Values that another program computed with the same model, to verify a model. A group of tensors has a name and contains <c>input_ids</c>
/// <c>[batch, tokens]</c>, <c>attention_mask</c> (all 1 if missing), and <c>logits</c> and <c>hidden_states.k</c>, the last of them after
/// the final norm; nested groups have other <c>position_ids</c> for the same ids (docs/families.md).
/// </summary>
/// <param name="model">The model.</param>
/// <param name="numbers">The file.</param>
internal sealed class ReferenceNumbers(LanguageModel model, SafetensorsFile numbers)
{
    /// <summary>Name of the file in a model's folder.</summary>
    public const string FileName = "fixture.safetensors";

    private const string Ids = "/input_ids", State = "hidden_states.", Positions = "/position_ids";

    /// <summary>Compares all values in the file.</summary>
    /// <param name="stop">Checked between runs of the model.</param>
    /// <exception cref="HyperDasException"><c>CheckpointCorrupt</c>: nothing to compare, or tensors that don't belong together.</exception>
    public Difference Compare(CancellationToken stop)
    {
        Difference difference = default;
        int runs = 0;
        foreach (string group in numbers.Entries.Keys.Where(n => n.EndsWith(Ids, StringComparison.Ordinal)).Select(n => n[..^Ids.Length])
            .Order(StringComparer.Ordinal))
        {
            foreach (string inner in Groups(group))
            {
                stop.ThrowIfCancellationRequested();
                runs++;
                Run(group, inner, ref difference);
            }
        }
        return runs > 0 ? difference : throw Corrupt($"it contains no group with input_ids and logits or hidden states");
    }

    // The group itself and nested groups with values to compare.
    private IEnumerable<string> Groups(string group) => numbers.Entries.Keys
        .Where(n => n.StartsWith(group + "/", StringComparison.Ordinal)
            && (n.EndsWith("/logits", StringComparison.Ordinal) || n.Contains("/" + State, StringComparison.Ordinal)))
        .Select(n => n[..n.LastIndexOf('/')]).Distinct().Order(StringComparer.Ordinal);

    private void Run(string group, string inner, ref Difference difference)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor ids = Load(group + Ids).to_type(ScalarType.Int64);
        Tensor mask = Has(group + "/attention_mask") ? Load(group + "/attention_mask").to_type(ScalarType.Int64) : ones_like(ids);
        // The reference's own positions count padding; a group with this name has them implicitly.
        Tensor? positions = Has(inner + Positions) ? Load(inner + Positions).to_type(ScalarType.Int64)
            : inner.EndsWith("/default", StringComparison.Ordinal)
                ? arange(ids.shape[^1], ScalarType.Int64).expand(ids.shape[0], -1)
                : null;
        if (ids.dim() != 2 || !mask.shape.AsSpan().SequenceEqual(ids.shape)
            || (positions is not null && !positions.shape.AsSpan().SequenceEqual(ids.shape)))
        {
            throw Corrupt($"input_ids, attention_mask and position_ids of '{inner}' must all have shape [batch, tokens]");
        }
        BlockContext context = model.CreateContext(mask, positions);
        Tensor state = model.Embed(ids, context), rows = mask.to(model.TorchDevice).to_type(ScalarType.Bool);
        for (int layer = 0; layer <= model.BlockCount; layer++)
        {
            Add(ref difference, $"{inner}/{State}{layer}", layer == model.BlockCount ? model.FinalNorm(state) : state, rows);
            if (layer < model.BlockCount)
            {
                state = model.RunBlocks(state, layer, layer + 1, context);
            }
        }
        Add(ref difference, inner + "/logits", model.Logits(state), rows);
    }

    private void Add(ref Difference difference, string name, Tensor actual, Tensor rows)
    {
        if (!Has(name))
        {
            return;
        }
        Tensor expected = Load(name).to(model.TorchDevice);
        if (!expected.shape.AsSpan().SequenceEqual(actual.shape))
        {
            throw Corrupt($"'{name}' has shape [{string.Join(", ", expected.shape)}]; the model's is [{string.Join(", ", actual.shape)}]");
        }
        difference.Add(expected[rows], actual[rows], name);
    }

    private bool Has(string name) => numbers.Entries.ContainsKey(name);

    private Tensor Load(string name) => numbers.Load(name);

    private HyperDasException Corrupt(string what) =>
        new("CheckpointCorrupt", HyperDasErrorKind.InvalidData,
            $"The values in '{numbers.Path}' can't be compared: {what}.", numbers.Path);
}
