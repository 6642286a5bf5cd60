using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Concepts;

/// <summary>
/// Distinguishes the known concepts from each other and from anything else: logistic regression over <see cref="DescriptionFeatures"/> and
/// <see cref="DefinitionStates"/> together. Stored as the weight of each known description, from which the words' weights follow.
/// </summary>
internal sealed class ConceptClassifier
{
    // Chosen on validation descriptions.
    private const int Steps = 300;
    private const double Rate = 3, Momentum = 0.9, Decay = 1e-4, WordWeight = 2, Bound = 4;

    private readonly DescriptionFeatures _features;
    private readonly double[] _words;

    /// <summary>Creates a classifier from stored numbers.</summary>
    /// <param name="concepts">The concepts, in the order of their classes; class 0 is none of them.</param>
    /// <param name="texts">The descriptions to which it was fitted.</param>
    /// <param name="numbers">The fitted numbers.</param>
    public ConceptClassifier(IReadOnlyList<ConceptKey> concepts, IReadOnlyList<string> texts, ConceptNumbers numbers)
    {
        (Concepts, Texts, Numbers) = (concepts, texts, numbers);
        _features = new DescriptionFeatures(texts);
        int classes = concepts.Count + 1;
        _words = new double[_features.Count * classes];
        for (int n = 0; n < texts.Count; n++)
        {
            foreach ((int index, double value) in _features.Of(texts[n]))
            {
                for (int c = 0; c < classes; c++)
                {
                    _words[(index * classes) + c] += WordWeight * WordWeight * value * numbers.Descriptions[(n * classes) + c];
                }
            }
        }
    }

    /// <summary>The concepts, in the order of their classes after the first.</summary>
    public IReadOnlyList<ConceptKey> Concepts { get; }

    /// <summary>The descriptions to which it was fitted.</summary>
    public IReadOnlyList<string> Texts { get; }

    /// <summary>The fitted numbers.</summary>
    public ConceptNumbers Numbers { get; }

    /// <summary>Fits a classifier. Descriptions of known concepts and others have equal total weight, whatever their numbers.</summary>
    /// <param name="concepts">The concepts.</param>
    /// <param name="rows">Descriptions with their class: 0, or 1 + index of the concept. All classes must occur.</param>
    /// <param name="states">Their <see cref="DefinitionStates"/>, <c>[rows, width]</c>.</param>
    /// <param name="cancellation">Checked at every step.</param>
    public static ConceptClassifier Fit(
        IReadOnlyList<ConceptKey> concepts, IReadOnlyList<(string Text, int Class)> rows, Tensor states, CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        string[] texts = [.. rows.Select(row => row.Text)];
        int classes = concepts.Count + 1, absent = rows.Count(row => row.Class == 0);
        Tensor mean = states.mean([0L]), scale = (states - mean).square().mean([0L]).sqrt() + 1e-6;
        Tensor seen = ((states - mean) / scale).clamp(-Bound, Bound) / Math.Sqrt(states.shape[1]);
        Tensor alike = seen.matmul(seen.t()) + (Alike(texts) * (WordWeight * WordWeight));
        Tensor wanted = nn.functional.one_hot(tensor(rows.Select(row => (long)row.Class).ToArray()), classes).to_type(ScalarType.Float32);
        Tensor share = tensor(rows.Select(row => (float)(0.5 / (row.Class == 0 ? absent : rows.Count - absent))).ToArray()).unsqueeze(1);
        Tensor weights = zeros(rows.Count, classes), moves = zeros_like(weights), biases = zeros(classes), biasMoves = zeros_like(biases);
        for (int step = 0; step < Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope one = NewDisposeScope();
            Tensor pull = ((alike.matmul(weights) + biases).softmax(1) - wanted) * share;
            moves.mul_(Momentum).sub_((pull + (weights * Decay)) * Rate);
            biasMoves.mul_(Momentum).sub_(pull.sum(0) * Rate);
            weights.add_(moves);
            biases.add_(biasMoves);
        }
        return new ConceptClassifier(concepts, texts, new ConceptNumbers(
            // As they are stored, so that distances don't change when an interpreter is saved.
            Host(weights.to_type(ScalarType.Float16)), Host(seen.t().matmul(weights) / Math.Sqrt(states.shape[1])), Host(biases),
            Host(mean), Host(scale)));
    }

    /// <summary>Classifies a description.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="state">Its <see cref="DefinitionStates"/>.</param>
    /// <returns>Index of the most likely concept, and the log odds that it is none; infinite for a text without letters and
    /// digits.</returns>
    public (int Concept, double Score) Judge(string text, ReadOnlySpan<float> state)
    {
        int classes = Concepts.Count + 1;
        double[] logits = [.. Numbers.Biases.Select(bias => (double)bias)];
        foreach ((int index, double value) in _features.Of(text))
        {
            for (int c = 0; c < classes; c++)
            {
                logits[c] += value * _words[(index * classes) + c];
            }
        }
        for (int i = 0; i < state.Length; i++)
        {
            double value = Math.Clamp((state[i] - Numbers.Mean[i]) / Numbers.Scale[i], -Bound, Bound);
            for (int c = 0; c < classes; c++)
            {
                logits[c] += value * Numbers.States[(i * classes) + c];
            }
        }
        int best = Enumerable.Range(1, Concepts.Count).MaxBy(i => logits[i]);
        double known = logits[best] + Math.Log(logits.Skip(1).Sum(logit => Math.Exp(logit - logits[best])));
        return (best - 1, text.Any(char.IsLetterOrDigit) ? logits[0] - known : double.PositiveInfinity);
    }

    // Similarity of the words of each two descriptions: [texts, texts].
    private static Tensor Alike(string[] texts)
    {
        DescriptionFeatures features = new(texts);
        float[] alike = new float[texts.Length * texts.Length];
        (int Row, double Value)[][] having = new (int, double)[features.Count][];
        (int Index, double Value)[][] all = [.. texts.Select(features.Of)];
        foreach (IGrouping<int, (int Index, int Row, double Value)> same in all
            .SelectMany((own, row) => own.Select(f => (f.Index, Row: row, f.Value))).GroupBy(f => f.Index))
        {
            having[same.Key] = [.. same.Select(f => (f.Row, f.Value))];
        }
        for (int n = 0; n < texts.Length; n++)
        {
            Span<float> row = alike.AsSpan(n * texts.Length, texts.Length);
            foreach ((int index, double value) in all[n])
            {
                foreach ((int other, double its) in having[index])
                {
                    row[other] += (float)(value * its);
                }
            }
        }
        return tensor(alike).view(texts.Length, texts.Length);
    }

    private static float[] Host(Tensor values) => values.to_type(ScalarType.Float32).contiguous().data<float>().ToArray();
}
