using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Training.Pretraining;

/// <summary>Refuses options that no model can be trained with, before anything is computed.</summary>
internal static class PretrainingChecks
{
    // More would gather texts for ever before the first step.
    private const int MostBatchTokens = 1 << 18, MostTextsPerFact = 1000;

    /// <exception cref="HyperDasException"><c>OptionInvalid</c>, <c>MemoryInsufficient</c>, <c>DatasetEmpty</c>.</exception>
    public static void Validate(IReadOnlyList<RavelDomain> domains, PretrainingOptions o)
    {
        if (!NewModel.Families.Contains(o.Family))
        {
            throw new HyperDasException(
                "OptionInvalid", HyperDasErrorKind.InvalidArgument, $"{nameof(o.Family)} is \"{o.Family}\"; it must be one of {string.Join(", ", NewModel.Families)}.", o.Family);
        }
        Require(o.BlockCount >= 1, nameof(o.BlockCount), o.BlockCount, "at least 1");
        Require(o.HeadCount >= 1, nameof(o.HeadCount), o.HeadCount, "at least 1");
        Require(
            o.HiddenSize >= 2 && o.HiddenSize % (2L * o.HeadCount) == 0, nameof(o.HiddenSize), o.HiddenSize,
            $"a multiple of {2L * o.HeadCount}: {o.HeadCount} heads of even width");
        Require(
            o.KeyValueHeadCount >= 1 && o.HeadCount % o.KeyValueHeadCount == 0, nameof(o.KeyValueHeadCount), o.KeyValueHeadCount,
            $"a divisor of {nameof(o.HeadCount)}, {o.HeadCount}");
        Require(
            o.Family != "gpt2" || o.KeyValueHeadCount == o.HeadCount, nameof(o.KeyValueHeadCount), o.KeyValueHeadCount,
            $"{o.HeadCount}, {nameof(o.HeadCount)}, in the family gpt2");
        Require(o.InnerSize >= 1, nameof(o.InnerSize), o.InnerSize, "at least 1");
        MemoryCheck.RequireTrained(
            o.BlockCount * (((2.0 + (2.0 * o.KeyValueHeadCount / o.HeadCount)) * o.HiddenSize * o.HiddenSize) + (3.0 * o.HiddenSize * o.InnerSize)),
            $"A model of {o.BlockCount} blocks, {o.HiddenSize} wide, {o.InnerSize} inside,", o);
        Require(o.Tokens >= 1, nameof(o.Tokens), o.Tokens, "at least 1");
        Require(o.BatchTokens is >= 1 and <= MostBatchTokens, nameof(o.BatchTokens), o.BatchTokens, $"1 to {MostBatchTokens}");
        Require(double.IsFinite(o.LearningRate) && o.LearningRate > 0, nameof(o.LearningRate), o.LearningRate, "above 0");
        Require(double.IsFinite(o.WeightDecay) && o.WeightDecay >= 0, nameof(o.WeightDecay), o.WeightDecay, "0 or more");
        Require(o.ClipNorm > 0, nameof(o.ClipNorm), o.ClipNorm, "above 0");
        Require(o.ReadingLayer >= 0 && o.ReadingLayer < o.BlockCount, nameof(o.ReadingLayer), o.ReadingLayer, $"0 to {o.BlockCount - 1}");
        Require(o.FramesPerFact is >= 0 and <= MostTextsPerFact, nameof(o.FramesPerFact), o.FramesPerFact, $"0 to {MostTextsPerFact}");
        Require(o.WordingsPerFact is >= 0 and <= MostTextsPerFact, nameof(o.WordingsPerFact), o.WordingsPerFact, $"0 to {MostTextsPerFact}");
        Require(o.DistractorShare is >= 0 and <= MostTextsPerFact, nameof(o.DistractorShare), o.DistractorShare, $"0 to {MostTextsPerFact}");
        RequireShare(nameof(o.EntityMaskProbability), o.EntityMaskProbability);
        RequireShare(nameof(o.InterchangeShare), o.InterchangeShare);
        RequireShare(nameof(o.ReadingSkipProbability), o.ReadingSkipProbability);
        RequireShare(nameof(o.PromptDropProbability), o.PromptDropProbability);
        if (!domains.Any(d => PretrainingCorpus.Facts(d, split => split == RavelSplit.Train).Any()))
        {
            throw new HyperDasException(
                "DatasetEmpty", HyperDasErrorKind.InvalidArgument, "There is nothing to learn: no domain has a value for the attribute of a train template.", domains);
        }
    }

    private static void RequireShare(string name, double value) => Require(value is >= 0 and <= 1, name, value, "0 to 1");

    private static void Require(bool holds, string name, double value, string right)
    {
        if (!holds)
        {
            throw new HyperDasException(
                "OptionInvalid", HyperDasErrorKind.InvalidArgument, FormattableString.Invariant($"{name} is {value}; it must be {right}."), value);
        }
    }
}
