using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Benchmarks;

/// <summary>An interpreter in training, with everything that a step needs.</summary>
internal sealed class Trained : IDisposable
{
    private readonly Interpreter _interpreter;
    private readonly ActivationCache _cache;
    private readonly InterchangeBatchBuilder _builder;
    private readonly TrainingLoop _loop;

    internal Trained(ReferenceConfiguration configuration, HypernetworkOptions options)
        : this(configuration, new HyperDasInterpreter(configuration.Model, options, seed: 1), ReferenceConfiguration.Training)
    {
    }

    /// <param name="configuration">The examples.</param>
    /// <param name="interpreter">What is trained; taken over.</param>
    /// <param name="training">How.</param>
    internal Trained(ReferenceConfiguration configuration, Interpreter interpreter, TrainingOptions training)
    {
        _interpreter = interpreter;
        _cache = _interpreter.CreateCache();
        configuration.Warm(_cache);
        _builder = new InterchangeBatchBuilder(
            configuration.Model, _cache, interpreter.Layer, interpreter.NormedLastLayerSource, ShapeRounding.LengthMultiple);
        _loop = new TrainingLoop(_interpreter, training, totalSteps: 1000);
    }

    /// <summary>Numbers that are trained.</summary>
    internal long ParameterCount => _interpreter.ParameterCount;

    /// <summary>Bytes of the hidden states that are kept.</summary>
    internal long CacheBytes => _cache.Bytes;

    internal void Step(TokenizedExample[] examples) => Step(examples, _builder);

    internal void StepCold(TokenizedExample[] examples)
    {
        using ActivationCache empty = _interpreter.CreateCache();
        Step(examples, new InterchangeBatchBuilder(
            _interpreter.Target, empty, _interpreter.Layer, _interpreter.NormedLastLayerSource, ShapeRounding.LengthMultiple));
    }

    public void Dispose()
    {
        _loop.Dispose();
        _cache.Dispose();
        _interpreter.Dispose();
    }

    private void Step(TokenizedExample[] examples, InterchangeBatchBuilder builder)
    {
        using DisposeScope scope = NewDisposeScope();
        _loop.Step(builder.Build(examples), epoch: 0);
    }
}
