using HyperDas.Engine.Evaluation.Checks;
using HyperDas.Engine.LanguageModels;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Evaluation.Checks;

/// <summary>Mistakes that an engine could have, each in one way of running a model.</summary>
internal static class BrokenPaths
{
    /// <summary>Padding is taken for text wherever there is some.</summary>
    internal sealed class SeenPadding(LanguageModel model) : ModelPaths(model)
    {
        public override IReadOnlyList<Tensor> States(IReadOnlyList<int[]> sequences, bool left)
        {
            int width = sequences.Max(s => s.Length);
            return
            [
                .. base.States([.. sequences.Select(s => Filled(s, width, left))], left)
                    .Select((t, n) => t.narrow(1, left ? width - sequences[n].Length : 0, sequences[n].Length))
            ];
        }

        private static int[] Filled(int[] ids, int width, bool left)
        {
            int[] padding = new int[width - ids.Length];
            return left ? [.. padding, .. ids] : [.. ids, .. padding];
        }
    }

    /// <summary>What was read before is lost.</summary>
    internal sealed class ForgetfulCache(LanguageModel model) : ModelPaths(model)
    {
        // Each column read alone sees nothing of the columns before it.
        public override IReadOnlyList<Tensor> CachedLogits(IReadOnlyList<int[]> prompts, IReadOnlyList<int[]> answers) =>
            [.. prompts.Zip(answers, (p, a) => cat([.. p.Concat(a).Select(id => base.Logits([[id]], left: true)[0])], 0))];
    }

    /// <summary>Layers are counted from the output of the first block.</summary>
    internal sealed class OneLayerTooFar(LanguageModel model) : ModelPaths(model)
    {
        public override Tensor LayerStates(IReadOnlyList<int[]> sequences, int layer) =>
            base.LayerStates(sequences, Math.Min(layer + 1, Model.BlockCount));
    }

    /// <summary>Hidden states are rounded before a run goes on from them.</summary>
    internal sealed class RoundedStates(LanguageModel model) : ModelPaths(model)
    {
        public override Tensor LayerStates(IReadOnlyList<int[]> sequences, int layer) =>
            base.LayerStates(sequences, layer).to_type(ScalarType.BFloat16).to_type(Model.ScalarType);
    }
}
