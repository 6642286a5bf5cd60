using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Training;

/// <summary>The contrast loss against its formula, worked out number by number.</summary>
public sealed class ConceptContrastTests : IDisposable
{
    private static readonly ConceptKey s_country = new("city", "Country"), s_language = new("city", "Language");
    private readonly DisposeScope _scope = NewDisposeScope();

    [Fact]
    public void It_is_the_supervised_contrastive_loss()
    {
        float[][] vectors = [[1, 0], [3, 4], [0, 2], [-1, 1], [2, -1]];
        ConceptKey?[] groups = [s_country, s_country, s_language, s_country, null];

        double loss = ConceptContrast.Loss(Stacked(vectors), groups)!.item<float>();

        double expected = 0;
        int[] anchors = [0, 1, 3];
        foreach (int i in anchors)
        {
            double all = Enumerable.Range(0, vectors.Length).Where(j => j != i).Sum(j => Math.Exp(Cosine(vectors[i], vectors[j]) / 0.1));
            expected -= anchors.Where(j => j != i).Average(j => Math.Log(Math.Exp(Cosine(vectors[i], vectors[j]) / 0.1) / all));
        }
        Assert.Equal(expected / anchors.Length, loss, 1e-4 * expected);
    }

    [Fact]
    public void Like_descriptions_cost_nothing_and_a_batch_without_a_pair_has_no_loss()
    {
        Tensor vectors = Stacked([[1, 0], [1, 0], [-1, 0], [-2, 0]]);

        Assert.Equal(0, ConceptContrast.Loss(vectors, [s_country, s_country, s_language, s_language])!.item<float>(), 1e-4);
        Assert.Null(ConceptContrast.Loss(vectors, [s_country, s_language, null, null]));
    }

    [Fact]
    public void The_pull_of_parts_is_the_gradient_of_the_whole()
    {
        float[][] vectors = [[1, 0.5f], [3, 4], [0, 2], [-1, 1], [2, -1]];
        ConceptKey?[] groups = [s_country, s_country, s_language, s_country, s_language];
        Tensor whole = Stacked(vectors).requires_grad_();
        Tensor loss = ConceptContrast.Loss(whole, groups)!;
        Tensor expected = autograd.grad([loss], [whole])[0];
        Tensor first = Stacked(vectors[..2]).requires_grad_(), second = Stacked(vectors[2..]).requires_grad_();

        ContrastPull pull = ContrastPull.Of([first.detach(), second.detach()], groups)!;
        Tensor sum = pull.Of(0, first) + pull.Of(1, second);
        IList<Tensor> gradients = autograd.grad([sum], [first, second]);

        Assert.Equal(loss.item<float>(), sum.item<float>(), 1e-4);
        Assert.True((cat([.. gradients]) - expected).abs().max().item<float>() < 1e-5);
    }

    public void Dispose() => _scope.Dispose();

    private static Tensor Stacked(float[][] rows) => stack([.. rows.Select(row => tensor(row))]);

    private static double Cosine(float[] a, float[] b) =>
        a.Zip(b).Sum(p => p.First * p.Second) / Math.Sqrt(a.Sum(v => v * v) * b.Sum(v => v * v));
}
