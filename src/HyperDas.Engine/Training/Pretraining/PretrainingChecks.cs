using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Training.Pretraining;

/// <summary>Validates the options of a pretraining before anything is computed.</summary>
internal static class PretrainingChecks
{
    /// <exception cref="HyperDasException"><c>OptionInvalid</c>, <c>MemoryInsufficient</c>, <c>DatasetEmpty</c>.</exception>
    public static void Validate(IReadOnlyList<RavelDomain> domains, PretrainingOptions o)
    {
        if (!NewModel.Families.Contains(o.Family))
        {
            throw new HyperDasException(
                "OptionInvalid", HyperDasErrorKind.InvalidArgument,
                $"{nameof(o.Family)} is \"{o.Family}\"; it must be one of {string.Join(", ", NewModel.Families)}.", o.Family);
        }
        OptionLaw.ThrowIfBroken(o);
        MemoryCheck.RequireTrained(
            o.BlockCount * (((2.0 + (2.0 * o.KeyValueHeadCount / o.HeadCount)) * o.HiddenSize * o.HiddenSize)
                + (3.0 * o.HiddenSize * o.InnerSize)),
            $"A model of {o.BlockCount} blocks, {o.HiddenSize} wide, {o.InnerSize} inside,", o);
        if (!domains.Any(d => PretrainingCorpus.Facts(d, split => split == RavelSplit.Train).Any()))
        {
            throw new HyperDasException(
                "DatasetEmpty", HyperDasErrorKind.InvalidArgument,
                "There is nothing to train on: no domain has a value for the attribute of a train template.", domains);
        }
    }
}
