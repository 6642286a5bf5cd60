using HyperDas.Engine.Tests.Training;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Evaluation;
using HyperDas.Engine.Evaluation.Checks;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Tests.Golden;
using HyperDas.Engine.Tests.Ravel;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Methods;

/// <summary>On a model of every family, all that the module does with one.</summary>
public sealed class FamilyMethodTests
{
    private static readonly HypernetworkOptions s_network = new() { Layer = 2, FeatureDimension = 4, Reflections = 2, Blocks = 2 };
    private static readonly TrainingOptions s_options = new() { Epochs = 2, BatchSize = 4, LearningRate = 1e-3, Seed = 5 };

    public static TheoryData<string> Cases() => GoldenModels.With();

    [Theory]
    [MemberData(nameof(Cases))]
    public void All_checks_of_the_model_pass(string name)
    {
        using LanguageModel model = FamilyModels.Create(name);

        Assert.All(ModelChecks.Run(ModelChecks.Of(model)), check => Assert.True(check.Passed, check.ToString()));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_hypernetwork_is_trained_scored_kept_and_opened(string name)
    {
        using LanguageModel model = FamilyModels.Create(name);
        using TemporaryFolder folder = new();

        TrainingResult result = TrainingRuns.Run(model, TinyDataset.Create(), s_network, s_options);
        using Interpreter interpreter = (Interpreter)result.Interpreter;
        InterpreterStore.Save(interpreter, folder.Path);
        using Interpreter opened = InterpreterStore.Load(folder.Path, model);

        AssertLearned(result);
        Assert.Equal(Scores(interpreter), Scores(opened));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_fixed_position_is_trained_and_scored(string name)
    {
        using LanguageModel model = FamilyModels.Create(name);

        TrainingResult result = TrainingRuns.Run(
            model, TinyDataset.Create(), new MdasOptions { Layer = 2 },
            MethodOptions.TrainingOf(InterpreterMethod.Mdas) with { Epochs = 1, BatchSize = 4 });
        using Interpreter interpreter = (Interpreter)result.Interpreter;

        AssertLearned(result);
        Assert.NotEmpty(Scores(interpreter));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_hypernetwork_starts_from_copies_exactly_where_it_says_so(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel model = FamilyModels.Create(name);
        using HyperDasInterpreter interpreter = new(model, s_network, seed: 1);
        Tensor key = interpreter.Parameters.State().Single(p => p.Key == "hypernetwork.model.layers.1.self_attn.k_proj.weight").Value;

        bool same = key.eq(model.Weight(WeightRole.Key, 1)!).all().item<bool>();

        Assert.Equal(interpreter.Start.StartsWith("copies", StringComparison.Ordinal), same);
        Assert.Equal(HyperDasInterpreter.StartsFromCopies(model, s_network), same);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Edited_prompts_are_continued_in_a_batch_as_alone(string name)
    {
        using LanguageModel model = FamilyModels.Create(name);
        using HyperDasInterpreter interpreter = new(model, s_network, seed: 1);

        Assert.All(ModelChecks.Run(InterpreterChecks.Of(interpreter)), check => Assert.True(check.Passed, check.ToString()));
    }

    // Random weights may sort away an example's tokens, whose step then has no gradient.
    private static void AssertLearned(TrainingResult result)
    {
        Assert.All(result.Metrics, m => Assert.True(double.IsFinite(m.Loss) && double.IsFinite(m.GradientNorm), m.ToString()));
        Assert.Contains(result.Metrics, m => m.GradientNorm > 0);
    }

    private static IEnumerable<(SelectionMode, string, double, double)> Scores(Interpreter interpreter) => RavelScorer
        .Score(interpreter, TinyDataset.Create(), RavelSplit.Test, [SelectionMode.Soft, SelectionMode.OneToOne])
        .Select(s => (s.SelectionMode, s.Attribute, s.Cause, s.Isolate));
}
