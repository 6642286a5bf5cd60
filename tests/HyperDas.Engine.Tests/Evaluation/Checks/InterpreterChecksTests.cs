using HyperDas.Engine.Evaluation.Checks;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Methods;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Evaluation.Checks;

public sealed class InterpreterChecksTests : IDisposable
{
    private readonly LanguageModel _model = TinyLlama.CreateWithTokenizer();

    public void Dispose() => _model.Dispose();

    [Fact]
    public void A_sound_interpreter_passes_and_keeps_its_path()
    {
        using Interpreter interpreter = TinyInterpreter.Create(_model);

        AssertSound(interpreter);
        Assert.Null(interpreter.Path);
    }

    [Fact]
    public void So_does_one_of_fixed_positions()
    {
        using FixedPositionInterpreter interpreter = (FixedPositionInterpreter)MethodCatalog.Create(
            _model, new DasOptions { Layer = 2, FeatureDimension = 4 }, [new ConceptKey("city", "Country")], seed: 1);

        AssertSound(interpreter);
    }

    [Fact]
    public void Parameters_that_are_not_finite_are_found()
    {
        using Interpreter interpreter = TinyInterpreter.Create(_model);
        using (no_grad())
        {
            foreach (TrainableTensor parameter in interpreter.Parameters.Parameters)
            {
                parameter.Value.fill_(float.NaN);
            }
        }

        Assert.All(ModelChecks.Run(InterpreterChecks.Of(interpreter)), c => Assert.False(c.Passed, c.ToString()));
    }

    [Fact]
    public void A_released_interpreter_is_refused()
    {
        Interpreter interpreter = TinyInterpreter.Create(_model);
        interpreter.Dispose();

        Assert.Equal("InterpreterDisposed", Assert.Throws<HyperDasException>(() => InterpreterChecks.Of(interpreter)).ErrorId);
    }

    private static void AssertSound(Interpreter interpreter)
    {
        IReadOnlyList<ModelCheck> checks = ModelChecks.Run(InterpreterChecks.Of(interpreter));

        Assert.Equal(["InterventionsEqualSingle", "InterpreterEqualsLoaded"], checks.Select(c => c.Name));
        Assert.All(checks, c => Assert.True(c.Passed, c.ToString()));
    }
}
