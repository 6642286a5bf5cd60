using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.Fixed;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Methods.Fixed;

public sealed class FixedStoreTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly TemporaryFolder _folder = new();
    private readonly LanguageModel _target = FixedExamples.Target();

    public static TheoryData<FixedMethodOptions> Methods =>
    [
        new DasOptions { Layer = FixedExamples.Layer, FeatureDimension = 5 },
        new DasOptions { Layer = FixedExamples.Layer, FeatureDimension = 16 },
        new MdasOptions { Layer = FixedExamples.Layer, FeatureDimension = 3 },
        new DbmOptions { Layer = FixedExamples.Layer, MaskPenalty = 0.25, MultiTask = false },
        new PcaOptions { Layer = FixedExamples.Layer, ProbeStrength = 0.5 },
        new SaeOptions { Layer = FixedExamples.Layer, LatentMultiple = 2, AddError = true },
        new RlapOptions { Layer = FixedExamples.Layer, FeatureDimension = 4 },
    ];

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_saved_interpreter_comes_back_with_the_same_edits_bit_for_bit(FixedMethodOptions options)
    {
        using FixedPositionInterpreter saved = (FixedPositionInterpreter)MethodCatalog.Create(
            _target, options, FixedExamples.Concepts, seed: 3);
        Disturb(saved);
        InterpreterStore.Save(saved, _folder.Path);

        using Interpreter loaded = InterpreterStore.Load(_folder.Path, _target);

        FixedPositionInterpreter fixedPosition = Assert.IsType<FixedPositionInterpreter>(loaded);
        Assert.Equal(options, fixedPosition.Options);
        Assert.Equal(saved.Concepts.Concepts, fixedPosition.Concepts.Concepts);
        Assert.Equal(saved.FeatureDimension, loaded.FeatureDimension);
        InterchangeBatch batch = FixedExamples.Batch(saved, FixedExamples.Tokens(FixedExamples.Country, FixedExamples.Language));
        Tensor edited = FixedExamples.Edited(saved, batch);
        Assert.NotEqual(batch.BaseHidden.bytes.ToArray(), edited.bytes.ToArray());
        Assert.Equal(edited.bytes.ToArray(), FixedExamples.Edited(loaded, batch).bytes.ToArray());
    }

    [Fact]
    public void An_unknown_method_is_refused_with_the_known_ones()
    {
        HyperDasException error = Refused(text => text.Replace("\"Mdas\"", "\"Ridge\""));

        Assert.Equal("MethodUnknown", error.ErrorId);
        Assert.Contains("'Ridge'", error.Message);
        Assert.Contains("HyperDas, Mdas, Das, Dbm", error.Message);
    }

    [Theory]
    [InlineData("\"featureDimension\"", "\"featureDimensions\"")]
    [InlineData("\"featureDimension\": 8", "\"featureDimension\": \"eight\"")]
    [InlineData("\"concepts\"", "\"themes\"")]
    public void A_damaged_description_is_refused(string right, string wrong) =>
        Assert.Equal("InterpreterCorrupt", Refused(text => text.Replace(right, wrong)).ErrorId);

    [Theory]
    [InlineData("\"Mdas\"", "\"17\"", "MethodUnknown")]
    [InlineData("\"Mdas\"", "\"Mdas, Sae\"", "MethodUnknown")]
    [InlineData("\"Language\"", "\"Country\"", "InterpreterCorrupt")]
    [InlineData("\"concepts\": [", "\"concepts\": [null,", "InterpreterCorrupt")]
    [InlineData("\"concepts\": [", "\"concepts\": [{\"domain\": \"a\", \"attribute\": null},", "InterpreterCorrupt")]
    [InlineData("\"concepts\": [", "\"concepts\": [{\"domain\": \"a\", \"attribute\": \"b\"},", "InterpreterCorrupt")]
    [InlineData("\"featureDimension\": 8", "\"featureDimension\": 2147483647", "InterpreterCorrupt")]
    [InlineData("\"featureDimension\": 8", "\"featureDimension\": -1", "OptionInvalid")]
    public void A_hostile_description_is_refused_before_memory_is_taken(string right, string wrong, string errorId)
    {
        HyperDasException error = Refused(text => text.Replace(right, wrong));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(Path.Combine(_folder.Path, InterpreterStore.DescriptionFile), error.Message);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void The_numbers_that_are_asked_for_are_those_that_are_stored(FixedMethodOptions options)
    {
        using FixedPositionInterpreter interpreter = (FixedPositionInterpreter)MethodCatalog.Create(
            _target, options, FixedExamples.Concepts, seed: 3);

        Assert.Equal(interpreter.Parameters.State().Sum(s => s.Value.numel()),
            MethodCatalog.Of(options).StoredNumbers(options, _target, FixedExamples.Concepts));
    }

    [Fact]
    public void Parameters_of_another_concept_are_refused_by_name()
    {
        HyperDasException error = Refused(text => text.Replace("\"Country\"", "\"Continent\""));

        Assert.Equal("InterpreterCorrupt", error.ErrorId);
        Assert.Contains("city/Continent/", error.Message);
    }

    [Fact]
    public void A_reference_has_nothing_to_save()
    {
        using ReferenceInterpreter reference = new(_target, FixedExamples.Layer, ReferenceMethod.FullSwap);

        Assert.Equal("MethodNotStorable", Assert.Throws<HyperDasException>(() => InterpreterStore.Save(reference, _folder.Path)).ErrorId);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _target.Dispose();
        _folder.Dispose();
    }

    private HyperDasException Refused(Func<string, string> damage)
    {
        using (FixedPositionInterpreter interpreter = (FixedPositionInterpreter)MethodCatalog.Create(
            _target, new MdasOptions { Layer = FixedExamples.Layer, FeatureDimension = 8 }, FixedExamples.Concepts, seed: 3))
        {
            InterpreterStore.Save(interpreter, _folder.Path);
        }
        string file = Path.Combine(_folder.Path, InterpreterStore.DescriptionFile), text = File.ReadAllText(file), damaged = damage(text);
        Assert.NotEqual(text, damaged);
        File.WriteAllText(file, damaged);
        return Assert.Throws<HyperDasException>(() => InterpreterStore.Load(_folder.Path, _target));
    }

    /// <summary>Moves every parameter a little, as training would.</summary>
    private static void Disturb(Interpreter interpreter)
    {
        using Generator random = new(5, CPU);
        interpreter.Parameters.Restore((name, shape) =>
        {
            Tensor present = interpreter.Parameters.State().Single(s => s.Key == name).Value;
            return present + (0.1 * randn(shape, generator: random));
        });
    }
}
