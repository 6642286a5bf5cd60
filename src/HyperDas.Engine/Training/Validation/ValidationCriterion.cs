namespace HyperDas.Engine.Training.Validation;

/// <summary>The number by which the parameters of a training are compared.</summary>
internal static class ValidationCriterion
{
    // With this many rows an attribute counts half as itself and half as the mean: then the variance of its disentangle due to chance
    // (1,500 points² divided by the rows) is that between attributes (about 100 points²).
    private const double RowsOfHalfTrust = 16;

    /// <summary>
    /// Half the mean and half the worst attribute. The lowest of many values that rest on a few rows each is mostly the unluckiest one, so
    /// each is drawn towards the mean the more, the fewer rows it has.
    /// </summary>
    /// <param name="attributes">Disentangle of each attribute in percent, and the number of rows it rests on; at least one.</param>
    /// <returns>Percent.</returns>
    public static double Of(IReadOnlyCollection<(double Disentangle, int Rows)> attributes)
    {
        double mean = attributes.Average(a => a.Disentangle);
        double worst = attributes.Min(a => mean + ((a.Disentangle - mean) * a.Rows / (a.Rows + RowsOfHalfTrust)));
        return (mean + worst) / 2;
    }
}
