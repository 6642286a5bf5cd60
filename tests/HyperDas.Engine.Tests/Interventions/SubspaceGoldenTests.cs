using HyperDas.Engine.Interventions;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Tests.Golden;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Interventions;

/// <summary>The original's subspace modules one by one: weights, outputs, and gradients of a given upstream gradient.</summary>
public sealed class SubspaceGoldenTests
{
    [Theory]
    [InlineData("reflect")]
    [InlineData("lowrank")]
    [InlineData("mask")]
    [InlineData("boundless")]
    public void The_patched_vectors_are_the_originals(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using SubspacePiece piece = new(name);

        GoldenCase.AssertClose(piece["output"], piece.Patched(), 1e-5, name);
    }

    [Theory]
    [InlineData("reflect")]
    [InlineData("lowrank")]
    [InlineData("mask")]
    [InlineData("boundless")]
    public void Every_gradient_is_the_originals(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using SubspacePiece piece = new(name);

        piece.Patched().backward([piece["grad_output"]]);

        AssertGradient(piece["grad_base"], piece.Base.grad!, "base");
        AssertGradient(piece["grad_source"], piece.Source.grad!, "source");
        if (piece.Case.Contains($"{name}/grad_hidden"))
        {
            AssertGradient(piece["grad_hidden"], piece.Instructions.grad!, "instructions");
        }
        Assert.All(piece.Store.Gradients(), g => AssertGradient(piece[$"grad/{SubspacePiece.Original(g.Key)}"], g.Value, g.Key));
    }

    [Theory]
    [InlineData("orth/tall/base", "orth/tall/original", "orth/tall/weight")]
    [InlineData("orth/square/base", "orth/square/original", "orth/square/weight")]
    [InlineData("reflect/param/rotate_layer.parametrizations.weight.0.base", "reflect/param/rotate_layer.parametrizations.weight.original",
        "reflect/rotate_weight")]
    [InlineData("rotated/param/rotate_layer.parametrizations.weight.0.base", "rotated/param/rotate_layer.parametrizations.weight.original",
        "rotated/rotate_weight")]
    public void The_orthogonal_matrix_of_given_parameters_is_the_originals(string @base, string original, string weight)
    {
        using DisposeScope scope = NewDisposeScope();
        using GoldenCase golden = GoldenCase.Open("subspace_pieces");
        using ParameterStore store = new(CPU);
        OrthogonalBasis basis = Basis(store, golden[@base], golden[original]);

        GoldenCase.AssertClose(golden[weight], basis.Weight(), 1e-5, weight);
    }

    [Theory]
    [InlineData("orth/tall")]
    [InlineData("orth/square")]
    public void The_gradient_through_the_parametrisation_is_the_originals(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using GoldenCase golden = GoldenCase.Open("subspace_pieces");
        using ParameterStore store = new(CPU);
        OrthogonalBasis basis = Basis(store, golden[$"{name}/base"], golden[$"{name}/original"]);

        basis.Weight().backward([golden[$"{name}/grad_weight"]]);

        AssertGradient(golden[$"{name}/grad_original"], store.Gradients()[0].Value, name);
    }

    [Fact]
    public void The_compact_product_of_reflections_has_the_columns_of_the_originals()
    {
        using DisposeScope scope = NewDisposeScope();
        using GoldenCase golden = GoldenCase.Open("subspace_pieces");
        Tensor vectors = golden["hh/A"].tril(-1) + eye(12, 4);

        GoldenCase.AssertClose(golden["hh/Q"], ReflectionProduct.Of(vectors).FirstColumns(4), 1e-5);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(50)]
    public void The_soft_boundary_is_the_originals_at_every_temperature(double temperature)
    {
        using DisposeScope scope = NewDisposeScope();
        using SubspacePiece piece = new("boundless");
        BoundlessSubspace boundless = (BoundlessSubspace)piece.Subspace;
        boundless.SetTemperature(temperature);

        foreach (double boundary in (double[])[0.001, 0.25, 0.5, 1])
        {
            piece.Store.Restore((name, shape) => name.EndsWith("boundaries", StringComparison.Ordinal)
                ? full(shape, boundary)
                : piece.Store.State().Single(s => s.Key == name).Value.clone());
            string expected = FormattableString.Invariant($"sigmoid_boundary/t{temperature:0.0}/b{boundary:0.0##}");
            GoldenCase.AssertClose(piece.Case[expected], boundless.Mask(), 1e-6, expected);
        }
    }

    [Fact]
    public void Swapping_whole_vectors_by_weight_is_the_originals()
    {
        using DisposeScope scope = NewDisposeScope();
        using GoldenCase golden = GoldenCase.Open("subspace_pieces");
        Tensor whole = Interchange.Apply(
            golden["base"], golden["interchange/source_hidden"], golden["interchange/weights"], new WholeSpace().Prepare(empty(0)));

        GoldenCase.AssertClose(golden["interchange/no_subspace_output"], whole, 1e-5);
    }

    [Fact]
    public void What_is_mixed_in_is_the_originals()
    {
        using DisposeScope scope = NewDisposeScope();
        using GoldenCase golden = GoldenCase.Open("subspace_pieces");
        Tensor? delta = null;

        Interchange.Apply(golden["base"], golden["interchange/source_hidden"], golden["interchange/weights"],
            d => delta = d.clone().MoveToOuterDisposeScope());

        GoldenCase.AssertClose(golden["interchange/das_source"] - golden["base"], delta!, 1e-5);
    }

    private static OrthogonalBasis Basis(ParameterStore store, Tensor @base, Tensor original)
    {
        using Generator random = new(1, CPU);
        OrthogonalBasis basis = new(store, "w", original.shape[0], original.shape[1], random);
        store.Seal();
        store.Restore((name, _) => name == "w.original" ? original : @base);
        return basis;
    }

    private static void AssertGradient(Tensor expected, Tensor actual, string what) =>
        GoldenCase.AssertWithin(expected, actual, (1e-4 * expected.abs().max().item<float>()) + 1e-8, $"gradient of {what}");
}
