using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Tests.Golden;
using HyperDas.Engine.Tests.Methods;
using HyperDas.Engine.Tests.Ravel;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.States;
using Xunit;

namespace HyperDas.Engine.Tests.Training.States;

/// <summary>On a model of every family: a training that is stopped and goes on ends bit for bit as the undisturbed one.</summary>
[Trait("Lane", "Second")]
public sealed class ResumedFamilyTests : IDisposable
{
    private static readonly HypernetworkOptions s_network = new() { Layer = 2, FeatureDimension = 4, Reflections = 2, Blocks = 2 };
    private static readonly TrainingOptions s_options = new() { Epochs = 1, MaxSteps = 3, BatchSize = 4, LearningRate = 1e-3, Seed = 5 };
    private static readonly TrainingOptions s_fixed = MethodOptions.TrainingOf(
        InterpreterMethod.Mdas) with { Epochs = 1, MaxSteps = 3, BatchSize = 4 };

    private readonly TemporaryFolder _folder = new();

    /// <summary>One case of each family.</summary>
    public static TheoryData<string> Families() => [.. GoldenModels.Names().GroupBy(GoldenModels.FamilyOf).Select(cases => cases.First())];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Families))]
    public void A_stopped_training_ends_as_the_undisturbed_one(string name)
    {
        using LanguageModel model = FamilyModels.Create(name);

        AssertResumes("hyperdas", s_network, s_options);
        AssertResumes("mdas", new MdasOptions { Layer = 2 }, s_fixed);

        void AssertResumes(string method, MethodOptions made, TrainingOptions options) =>
            this.AssertResumes(method, (state, progress, stop) => InterpreterTraining.Run(
            new TrainingRequest(model, TinyDataset.Create(), made) { Options = options, State = state }, progress, stop));
    }

    private void AssertResumes(string name, Func<TrainingState?, IProgress<WorkProgress>?, CancellationToken, TrainingResult> train)
    {
        string folder = Path.Combine(_folder.Path, name);
        string undisturbed = Bits(train(null, null, default));
        using (TrainingState state = TrainingState.Open(folder))
        using (CancellationTokenSource source = new())
        {
            Assert.Throws<OperationCanceledException>(() => train(state, new StopAfter(source, 2), source.Token));
            Assert.Equal(2, state.Position?.Step);
        }
        using TrainingState again = TrainingState.Open(folder);

        Assert.Equal(undisturbed, Bits(train(again, null, default)));
    }

    private static string Bits(TrainingResult result)
    {
        using Interpreter interpreter = (Interpreter)result.Interpreter;
        return Convert.ToHexString(TinyInterpreter.Bits(interpreter));
    }

    private sealed class StopAfter(CancellationTokenSource source, long step) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            if (value.Activity.StartsWith("Training", StringComparison.Ordinal) && value.Completed == step)
            {
                source.Cancel();
            }
        }
    }
}
