using HyperDas.Engine.Interventions;
using HyperDas.Engine.Tests.Golden;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Interventions;

public sealed class InterchangeTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _base, _source;

    public InterchangeTests()
    {
        using Generator random = new(3, CPU);
        _base = randn([2, 5, 8], generator: random);
        _source = randn([2, 3, 8], generator: random);
    }

    [Fact]
    public void No_intervention_leaves_every_bit_as_it_is()
    {
        Tensor weights = NoIntervention(columns: 5);

        Tensor edited = Interchange.Apply(_base, _source, weights, Halve);

        Assert.Equal(_base.bytes.ToArray(), edited.bytes.ToArray());
    }

    [Fact]
    public void One_source_token_at_one_base_token_is_activation_patching()
    {
        Tensor weights = NoIntervention(columns: 5);
        Place(weights, example: 0, source: 2, column: 1);

        Tensor edited = Interchange.Apply(_base, _source, weights, Whole);

        Tensor expected = _base.clone();
        expected[0, 1] = _source[0, 2];
        GoldenCase.AssertClose(expected, edited, 1e-6);
    }

    [Fact]
    public void Soft_weights_blend_source_tokens_and_the_token_itself()
    {
        Tensor weights = NoIntervention(columns: 5);
        weights[1, 0, 4] = 0.5f;
        weights[1, 1, 4] = 0.2f;
        weights[1, 3, 4] = 0.3f;

        Tensor edited = Interchange.Apply(_base, _source, weights, Whole);

        GoldenCase.AssertClose((0.5 * _source[1, 0]) + (0.2 * _source[1, 1]) + (0.3 * _base[1, 4]), edited[1, 4], 1e-6);
    }

    [Fact]
    public void Only_the_part_in_the_subspace_moves()
    {
        Tensor weights = NoIntervention(columns: 5);
        Place(weights, example: 0, source: 2, column: 1);

        Tensor edited = Interchange.Apply(_base, _source, weights, Halve);

        GoldenCase.AssertClose((_base[0, 1] + _source[0, 2]) / 2, edited[0, 1], 1e-6);
    }

    [Fact]
    public void An_edit_may_depend_on_the_vector_that_is_there()
    {
        Tensor weights = NoIntervention(columns: 5);
        Place(weights, example: 0, source: 2, column: 1);

        // Scales the vector that is there by the difference.
        Tensor edited = Interchange.Apply(_base, _source, weights, (present, delta) => present * delta);

        GoldenCase.AssertClose(_base[0, 1] * (1 + _source[0, 2] - _base[0, 1]), edited[0, 1], 1e-5);
        GoldenCase.AssertClose(_base[1], edited[1], 0, "the example without a patch");
    }

    [Fact]
    public void Columns_without_weights_stay_as_they_are()
    {
        Tensor weights = NoIntervention(columns: 2);
        Place(weights, example: 0, source: 0, column: 1);

        Tensor edited = Interchange.Apply(_base, _source, weights, Whole);

        GoldenCase.AssertClose(_source[0, 0], edited[0, 1], 1e-6, "the edited column");
        GoldenCase.AssertClose(_base.narrow(1, 2, 3), edited.narrow(1, 2, 3), 0, "the columns after it");
    }

    [Fact]
    public void Hidden_states_keep_their_number_format()
    {
        Tensor weights = NoIntervention(columns: 5);
        Place(weights, example: 0, source: 2, column: 1);

        Tensor edited = Interchange.Apply(_base.bfloat16(), _source.bfloat16(), weights, Whole);

        Assert.Equal(ScalarType.BFloat16, edited.dtype);
        GoldenCase.AssertClose(_source[0, 2], edited[0, 1], 0.05);
    }

    public void Dispose() => _scope.Dispose();

    private static Tensor Whole(Tensor delta) => delta.alias();

    private static Tensor Halve(Tensor delta) => delta / 2;

    private static Tensor NoIntervention(int columns)
    {
        Tensor weights = zeros(2, 4, columns);
        weights.select(1, 3).fill_(1);
        return weights;
    }

    private static void Place(Tensor weights, int example, int source, int column)
    {
        weights[example, source, column] = 1f;
        weights[example, 3, column] = 0f;
    }
}
