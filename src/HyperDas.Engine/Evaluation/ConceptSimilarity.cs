using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Evaluation;

/// <summary>
/// Similarity of the subspaces of an interpreter's concepts. HyperDAS computes a subspace for each example, so two concepts are compared
/// over all pairs of some of their examples, and a concept with itself over pairs of different examples: the diagonal shows how constant
/// its subspace is.
/// </summary>
/// <param name="Concepts">Names of the concepts.</param>
/// <param name="Values"><c>[concepts][concepts]</c>, 0 to 1, symmetric.</param>
/// <param name="Measure">The measure of similarity.</param>
public sealed record ConceptSimilarity(IReadOnlyList<string> Concepts, double[][] Values, SimilarityMeasure Measure)
{
    /// <summary>Number of examples of each concept.</summary>
    public const int ExamplesPerConcept = 16;

    // Keeps the projections of a batch, d × d numbers per example, below 256 MB.
    private const long BatchNumbers = 1L << 26;

    /// <summary>Compares the concepts of an interpreter.</summary>
    /// <param name="interpreter">HyperDAS, or a method with a linear subspace for each concept.</param>
    /// <param name="dataset">Examples of the concepts: required by HyperDAS; the others know their concepts.</param>
    /// <param name="measure">The measure of similarity.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    /// <exception cref="HyperDasException"><c>SimilarityUnsupported</c>, <c>DatasetMissing</c>, <c>DatasetEmpty</c>,
    /// <c>InterpreterDisposed</c>.</exception>
    public static ConceptSimilarity Of(
        Interpreter interpreter, RavelDataset? dataset, SimilarityMeasure measure = SimilarityMeasure.Overlap,
        CancellationToken cancellation = default)
    {
        interpreter.ThrowIfDisposed();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        return (interpreter, measure) switch
        {
            (HyperDasInterpreter network, SimilarityMeasure.Overlap) => Overlaps(network, Examples(network, dataset), cancellation),
            (HyperDasInterpreter { Options.Subspace: SubspaceKind.Householder } network, _) =>
                Reflections(network, Examples(network, dataset), cancellation),
            (FixedPositionInterpreter table, SimilarityMeasure.Overlap) when MethodCatalog.Of(table.Options).IsLinear => Overlaps(table),
            _ => throw new HyperDasException(
                "SimilarityUnsupported", HyperDasErrorKind.InvalidArgument,
                $"{interpreter.Method} with a {interpreter.Subspace} subspace has no {measure} similarity: Overlap compares linear subspaces, Reflection the Householder subspaces of HyperDas.",
                interpreter),
        };
    }

    private static (string Concept, TokenizedExample[] Examples)[] Examples(HyperDasInterpreter network, RavelDataset? dataset)
    {
        if (dataset is null)
        {
            throw new HyperDasException(
                "DatasetMissing", HyperDasErrorKind.InvalidArgument,
                "HyperDAS computes a subspace for each example: specify the dataset on which to compare its concepts.", network);
        }
        (string, TokenizedExample[])[] found =
        [
            .. new RavelCollator(network.Target.Tokenizer, network.Collation, dataset)
                .TokenizeUsable(dataset.Test.Where(e => e.Wording == RavelWording.Trained))
                .GroupBy(e => (e.Example.Domain, e.Example.Attribute))
                .Select(g => (Name(g.Key.Domain, g.Key.Attribute, dataset.Domains.Count),
                    g.Select(e => e.Tokens).Take(ExamplesPerConcept).ToArray())),
        ];
        return found.Length > 0 ? found : throw new HyperDasException(
            "DatasetEmpty", HyperDasErrorKind.InvalidArgument,
            $"The dataset '{dataset.Name}' has no test examples on which to compare concepts.", dataset);
    }

    private static string Name(string domain, string attribute, int domains) => domains > 1 ? $"{attribute} · {domain}" : attribute;

    private static ConceptSimilarity Overlaps(FixedPositionInterpreter table)
    {
        using Tensor identity = eye(table.Target.HiddenSize, device: table.Target.TorchDevice);
        using Tensor zero = zeros_like(identity);
        Tensor[] projections = [.. table.Modules.Select(m => m.Change(zero, identity, training: false))];
        double[] own = [.. projections.Select(p => Inner(p, p))];
        int domains = table.Concepts.Concepts.Select(c => c.Domain).Distinct().Count();
        return new ConceptSimilarity(
            [.. table.Concepts.Concepts.Select(c => Name(c.Domain, c.Attribute, domains))],
            Square(projections.Length, (a, b) => Inner(projections[a], projections[b]) / Math.Sqrt(own[a] * own[b])),
            SimilarityMeasure.Overlap);
    }

    // ⟨mean P, mean Q⟩ is the mean over all pairs; pairs of an example with itself are subtracted.
    private static ConceptSimilarity Overlaps(
        HyperDasInterpreter network, (string Concept, TokenizedExample[] Examples)[] concepts, CancellationToken stop)
    {
        int d = network.Target.HiddenSize, batch = (int)Math.Clamp(BatchNumbers / ((long)d * d), 1, ExamplesPerConcept);
        List<(Tensor Mean, double Own)> spaces = [];
        foreach ((_, TokenizedExample[] examples) in concepts)
        {
            Tensor sum = zeros(d, d, device: network.Target.TorchDevice);
            double own = 0;
            ForEachBatch(network, examples, batch, stop, part =>
            {
                Tensor identity = eye(d, device: sum.device).expand(part.Count, d, d);
                Tensor projections = network.Propose(part).Change(zeros_like(identity), identity);
                sum.add_(projections.sum(new long[] { 0 }));
                own += Inner(projections, projections);
            });
            spaces.Add((sum / examples.Length, own / examples.Length));
        }
        return new ConceptSimilarity([.. concepts.Select(c => c.Concept)], Square(concepts.Length, Overlap), SimilarityMeasure.Overlap);

        double Overlap(int a, int b)
        {
            double inner = Inner(spaces[a].Mean, spaces[b].Mean), n = concepts[a].Examples.Length;
            double pairs = a != b ? inner : n == 1 ? spaces[a].Own : ((inner * n) - spaces[a].Own) / (n - 1);
            return pairs / Math.Sqrt(spaces[a].Own * spaces[b].Own);
        }
    }

    private static ConceptSimilarity Reflections(
        HyperDasInterpreter network, (string Concept, TokenizedExample[] Examples)[] concepts, CancellationToken stop)
    {
        Tensor[] vectors =
        [
            .. concepts.Select(c =>
            {
                List<Tensor> parts = [];
                ForEachBatch(network, c.Examples, ExamplesPerConcept, stop, part => parts.Add(network.ReflectionVectors(
                    part)!.MoveToOuterDisposeScope()));
                return cat(parts);
            }),
        ];
        return new ConceptSimilarity([.. concepts.Select(c => c.Concept)], Square(concepts.Length, Cosine), SimilarityMeasure.Reflection);

        double Cosine(int a, int b)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor pairs = einsum("idr,jdr->ijr", vectors[a], vectors[b]).abs().mean([2]);
            long n = pairs.shape[0];
            return a != b || n == 1
                ? pairs.mean().item<float>()
                : (pairs.sum().item<float>() - pairs.diagonal().sum().item<float>()) / (n * (n - 1));
        }
    }

    private static void ForEachBatch(
        HyperDasInterpreter network, TokenizedExample[] examples, int size, CancellationToken stop, Action<InterchangeBatch> use)
    {
        using ActivationCache cache = network.CreateCache();
        InterchangeBatchBuilder builder = new(network.Target, cache, network.Layer, network.NormedLastLayerSource);
        foreach (TokenizedExample[] part in examples.Chunk(size))
        {
            stop.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            use(builder.Build(part));
        }
    }

    private static double Inner(Tensor a, Tensor b)
    {
        using DisposeScope scope = NewDisposeScope();
        return (a * b).sum(ScalarType.Float64).item<double>();
    }

    private static double[][] Square(int size, Func<int, int, double> value)
    {
        double[][] rows = [.. Enumerable.Range(0, size).Select(_ => new double[size])];
        for (int a = 0; a < size; a++)
        {
            for (int b = a; b < size; b++)
            {
                rows[a][b] = rows[b][a] = value(a, b);
            }
        }
        return rows;
    }
}
