using HyperDas.Engine.Evaluation;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using HyperDas.Reference;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Benchmarks;

/// <summary>
/// Evaluation of 16 examples in all selection modes together against the original's, which repeats everything for each mode.
/// </summary>
internal static class EvaluationBenchmark
{
    private static readonly SelectionMode[] s_modes = Enum.GetValues<SelectionMode>();

    internal static void Run(ReferenceConfiguration configuration, Report report)
    {
        using HyperDasInterpreter same = new(configuration.Model, ReferenceConfiguration.Original, seed: 1);
        using HyperDasInterpreter oneLayer = new(configuration.Model, ReferenceConfiguration.OneLayer, seed: 1);
        using ActivationCache states = same.CreateCache(), oneLayerStates = oneLayer.CreateCache();
        configuration.Warm(states);
        configuration.Warm(oneLayerStates);
        using ReferencePath path = new(same);
        Timing[] times = Timing.InTurns(
            report.Rounds,
            round => Original(path, configuration.Model, Batch(round)),
            round => Answer(same, states, Batch(round)),
            round => Answer(same, cache: null, Batch(round)),
            round => Answer(oneLayer, oneLayerStates, Batch(round)));
        report.Add("eval.allModes",
            $"{s_modes.Length} modes from one proposal, hidden states cached; reference: mode by mode", times[1], times[0]);
        report.Add("eval.allModes.cold", "the same, hidden states computed in the pass", times[2], times[0]);
        report.Add("eval.allModes.oneLayer", "the project's reading of the intervention layer alone, cached", times[3], times[0]);

        TokenizedExample[] Batch(int round) => configuration.Examples[round % configuration.Examples.Length];
    }

    private static void Answer(HyperDasInterpreter interpreter, ActivationCache? cache, TokenizedExample[] examples) =>
        RavelScorer.Answers(interpreter, examples, s_modes, cache, ReferenceConfiguration.BatchSize);

    private static void Original(ReferencePath path, LanguageModel model, TokenizedExample[] examples)
    {
        using IDisposable frozen = no_grad();
        foreach (SelectionMode mode in s_modes)
        {
            using DisposeScope scope = NewDisposeScope();
            ReferenceBatch batch = ReferenceBatch.Of(examples, PaddingSide.Left, model.TorchDevice);
            ReferenceOutcome outcome = path.Forward(batch, mode);
            outcome.Logits.argmax(-1).data<long>().ToArray();
        }
    }
}
