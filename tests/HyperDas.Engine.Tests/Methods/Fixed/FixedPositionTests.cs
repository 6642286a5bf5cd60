using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Tests.Ravel;
using HyperDas.Engine.Tests.Training;
using HyperDas.Engine.Training.States;
using Xunit;

namespace HyperDas.Engine.Tests.Methods.Fixed;

/// <summary>The option of where a fixed position is.</summary>
public sealed class FixedPositionTests : IDisposable
{
    private readonly LanguageModel _target = FixedExamples.Target();

    public void Dispose() => _target.Dispose();

    [Fact]
    public void At_the_prompts_last_tokens_a_swap_of_everything_below_the_top_gives_the_sources_answer()
    {
        using FixedPositionInterpreter das = All(FixedPosition.PromptLastToken);
        InterventionRequest request = new("Vienna or Vienna is", "In Paris is", "Country");

        InterventionResult result = InterventionRunner.Run(das, request, generation: new GenerationOptions { MaxNewTokens = 1 });
        GenerationResult source = PromptGenerator.Generate(
            _target, [request.CounterfactualPrompt], new GenerationOptions { MaxNewTokens = 1 })[0];

        TokenChoice choice = Assert.Single(result.ChosenTokens);
        Assert.Equal((result.BaseTokens.Count - 1, result.SourceTokens.Count - 1), (choice.BaseIndex, choice.SourceIndex));
        Assert.Equal(source.Output.Trim(), result.IntervenedOutput);
    }

    [Fact]
    public void Entities_are_needed_at_their_last_tokens_only()
    {
        using FixedPositionInterpreter entity = All(FixedPosition.EntityLastToken), prompt = All(FixedPosition.PromptLastToken);
        InterventionRequest request = new("Vienna is", "In Paris is", "Country");

        Assert.Equal("EntityMissing", Assert.Throws<HyperDasException>(() => InterventionRunner.Prepare(
            entity, request, SelectionMode.Soft)).ErrorId);
        Assert.Equal(
            InterventionRunner.Prepare(prompt, request, SelectionMode.Soft).Tokens.BaseEntityIndex,
            InterventionRunner.Prepare(
                prompt, request with { BaseEntity = "Vienna", CounterfactualEntity = "Paris" }, SelectionMode.Soft).Tokens.BaseEntityIndex);
    }

    [Theory]
    [InlineData(InterpreterMethod.Mdas)]
    [InlineData(InterpreterMethod.Dbm)]
    [InlineData(InterpreterMethod.Pca)]
    [InlineData(InterpreterMethod.Rlap)]
    public void What_was_trained_at_a_position_is_read_back_with_it(InterpreterMethod method)
    {
        using TemporaryFolder folder = new();
        FixedMethodOptions options = (FixedMethodOptions)MethodCatalog.Of(method)
            .Defaults(FixedExamples.Layer) with { Position = FixedPosition.PromptLastToken };
        options = options switch
        {
            DasOptions das => das with { FeatureDimension = 4 },
            RlapOptions rlap => rlap with { FeatureDimension = 4, Steps = 3 },
            _ => options,
        };
        RavelDataset dataset = TinyDataset.Create();

        using (Interpreter trained = (Interpreter)TrainingRuns.Run(_target, dataset, options, MethodOptions.TrainingOf(method)).Interpreter)
        {
            InterpreterStore.Save(trained, folder.Path);
        }
        using FixedPositionInterpreter loaded = (FixedPositionInterpreter)InterpreterStore.Load(folder.Path, _target);

        Assert.Equal(options, loaded.Options);
        Assert.Equal(FixedPosition.PromptLastToken, loaded.Collation.Position);
    }

    [Fact]
    public void A_state_of_before_the_option_goes_on_where_it_has_its_first_value()
    {
        StateFingerprint then = Of(FixedPosition.EntityLastToken), other = Of(FixedPosition.PromptLastToken);
        Dictionary<string, string> saved = then.Parts.Where(p => p.Key != "DasOptions.Position").ToDictionary(p => p.Key, p => p.Value);

        Assert.Empty(then.Differences(saved));
        Assert.Contains("DasOptions.Position", other.Differences(saved), StringComparison.Ordinal);
    }

    private StateFingerprint Of(FixedPosition position) =>
        StateFingerprint.Of("Das", _target).AddOptions(new DasOptions { Layer = FixedExamples.Layer, Position = position });

    private FixedPositionInterpreter All(FixedPosition position) => (FixedPositionInterpreter)MethodCatalog.Create(
        _target, new DasOptions { Layer = _target.BlockCount, FeatureDimension = _target.HiddenSize, Position = position },
        FixedExamples.Concepts, seed: 1);
}
