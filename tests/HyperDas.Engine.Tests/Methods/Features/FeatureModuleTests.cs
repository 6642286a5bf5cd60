using HyperDas.Engine.Methods.Pca;
using HyperDas.Engine.Methods.Rlap;
using HyperDas.Engine.Methods.Sae;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Tests.Golden;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Methods.Features;

/// <summary>Edits that must change nothing or everything, for the methods that are fitted.</summary>
public sealed class FeatureModuleTests : IDisposable
{
    private const int Width = 6;
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly ParameterStore _store = new(CPU);
    private readonly Generator _random = new(8, CPU);
    private readonly Tensor _base, _source, _vectors;

    public FeatureModuleTests()
    {
        _base = randn([3, Width], generator: _random);
        _source = randn([3, Width], generator: _random);
        _vectors = (randn([200, Width], generator: _random).matmul(randn([Width, Width], generator: _random)) * 2) + 5;
    }

    [Fact]
    public void Pca_finds_orthonormal_components_in_order_of_variance()
    {
        PcaModule pca = Pca();

        Tensor coordinates = pca.Components.Coordinates(_vectors);
        float[] variance = coordinates.square().mean([0L]).data<float>().ToArray();

        GoldenCase.AssertClose(eye(Width), pca.Components.Components.matmul(pca.Components.Components.transpose(0, 1)), 1e-5);
        Assert.Equal(variance.OrderDescending(), variance);
        Assert.Equal(Width, variance.Sum(), 1e-2);
        GoldenCase.AssertClose(zeros(Width), coordinates.mean([0L]), 1e-4, "mean");
        Tensor correlation = coordinates.transpose(0, 1).matmul(coordinates) / 200;
        GoldenCase.AssertClose(correlation.diagonal().diag(), correlation, 1e-3, "components are uncorrelated");
    }

    [Fact]
    public void Pca_swaps_the_selected_components_and_keeps_the_others()
    {
        PcaModule pca = Pca();
        Tensor selected = tensor(new[] { 0f, 1f, 0f, 0f, 1f, 0f });
        pca.Select(selected);

        Tensor edited = pca.Components.Coordinates(_base + pca.Change(_base, _source - _base, false));

        Tensor own = pca.Components.Coordinates(_base), other = pca.Components.Coordinates(_source);
        GoldenCase.AssertClose(where(selected > 0, other, own), edited, 1e-4);
        Assert.Equal(2, pca.Dimension);
    }

    [Fact]
    public void Pca_with_every_component_is_a_full_swap_and_an_identity_where_source_is_base()
    {
        PcaModule pca = Pca();
        pca.Select(ones(Width));

        GoldenCase.AssertClose(_source, _base + pca.Change(_base, _source - _base, false), 1e-4, "full swap");
        Assert.Equal(0, pca.Change(_base, zeros_like(_base), false).abs().max().item<float>());
    }

    [Fact]
    public void The_literal_formula_of_pca_is_no_identity()
    {
        PcaModule pca = Pca(literal: true);
        pca.Select(ones(Width));

        Tensor unchanged = _base + pca.Change(_base, zeros_like(_base), false);

        GoldenCase.AssertClose((_base * pca.Components.Deviation) + pca.Components.Mean, unchanged, 1e-4);
    }

    [Fact]
    public void A_dimension_that_never_varies_is_no_trouble_for_pca()
    {
        _vectors[TensorIndex.Colon, 2] = 7f;

        PcaModule pca = Pca();
        pca.Select(ones(Width));

        GoldenCase.AssertClose(_source, _base + pca.Change(_base, _source - _base, false), 1e-4);
    }

    [Fact]
    public void An_autoencoder_gives_its_reconstruction_where_source_is_base()
    {
        SaeModule sae = Sae();
        sae.Select(ones(sae.Autoencoder.Latents));

        Tensor edited = _base + sae.Change(_base, zeros_like(_base), false);

        GoldenCase.AssertClose(sae.Autoencoder.Decode(sae.Autoencoder.Encode(_base)), edited, 1e-5);
        Assert.True((edited - _base).abs().max().item<float>() > 0.01, "this autoencoder is perfect, so the test shows nothing");
    }

    [Fact]
    public void An_autoencoder_takes_the_selected_latents_from_the_source()
    {
        SaeModule sae = Sae();
        Tensor selected = (arange(sae.Autoencoder.Latents, ScalarType.Int64) % 2).to_type(ScalarType.Float32);
        sae.Select(selected);

        Tensor edited = _base + sae.Change(_base, _source - _base, false);

        Tensor mixed = where(selected > 0, sae.Autoencoder.Encode(_source), sae.Autoencoder.Encode(_base));
        GoldenCase.AssertClose(sae.Autoencoder.Decode(mixed), edited, 1e-5);
    }

    [Fact]
    public void With_the_error_added_an_autoencoder_is_an_identity_where_source_is_base()
    {
        SaeModule sae = Sae(addError: true);
        sae.Select(ones(sae.Autoencoder.Latents));

        Assert.Equal(0, sae.Change(_base, zeros_like(_base), false).abs().max().item<float>());
        Assert.True(sae.Change(_base, _source - _base, false).abs().max().item<float>() > 0.01);
    }

    [Fact]
    public void Training_an_autoencoder_lowers_its_error_and_is_the_same_for_the_same_seed()
    {
        SaeOptions options = new() { Layer = 1, LatentMultiple = 3, Epochs = 20, BatchSize = 20, Sparsity = 0.01, LearningRate = 5e-3 };
        List<TrainingStep> steps = [];
        Dictionary<string, Tensor> first = [], second = [];

        SaeTrainer.Train(_vectors, options, 1, steps.Add, (name, value) => first[name] = value.clone().MoveToOuterDisposeScope(), default);
        SaeTrainer.Train(_vectors, options, 1, _ => { }, (name, value) => second[name] = value.clone().MoveToOuterDisposeScope(), default);

        Assert.Equal(200, steps.Count);
        Assert.True(
            steps[^1].PredictionLoss < 0.3 * steps[0].PredictionLoss, $"{steps[0].PredictionLoss} fell to {steps[^1].PredictionLoss}");
        Assert.Equal(options.LearningRate / 2, steps[^1].LearningRate, 1e-5);
        Assert.All(first, s => GoldenCase.AssertClose(s.Value, second[s.Key], 0, s.Key));
    }

    [Fact]
    public void Rlap_swaps_what_its_rows_span()
    {
        RlapModule rlap = new(_store, "c/", Width, 2);

        Tensor edited = _base + rlap.Change(_base, _source - _base, false);

        GoldenCase.AssertClose(cat([_source.narrow(1, 0, 2), _base.narrow(1, 2, Width - 2)], 1), edited, 1e-6);
        Assert.Equal(0, rlap.Change(_base, zeros_like(_base), false).abs().max().item<float>());
    }

    public void Dispose()
    {
        _store.Dispose();
        _random.Dispose();
        _scope.Dispose();
    }

    private PcaModule Pca(bool literal = false)
    {
        PrincipalComponents components = new(_store, "d/", Width);
        components.Fit(_vectors);
        return new PcaModule(_store, "d/c/", components, literal);
    }

    private SaeModule Sae(bool addError = false)
    {
        SparseAutoencoder autoencoder = new(_store, "d/", Width, 10, _random);
        autoencoder.Scale(_vectors);
        return new SaeModule(_store, "d/c/", autoencoder, addError);
    }
}
