namespace HyperDas;

/// <summary>Applies the ranges of option records to parameters: a value is valid or invalid regardless of how it is given.</summary>
internal static class ParameterLaw
{
    /// <summary>Throws for parameters outside their ranges.</summary>
    /// <param name="options">The record of the parameters' values.</param>
    /// <param name="errorId">ID of the error.</param>
    /// <param name="renamed">Options whose parameters have another name.</param>
    /// <exception cref="HyperDasException"><paramref name="errorId"/>: names the parameter, its value and what would be right.</exception>
    public static void ThrowIfBroken(object options, string errorId, params IEnumerable<(string Option, string Parameter)> renamed)
    {
        if (OptionLaw.Faults(options) is [OptionFault first, ..])
        {
            string parameter = renamed.FirstOrDefault(name => name.Option == first.Option).Parameter ?? first.Option;
            throw new HyperDasException(
                errorId, HyperDasErrorKind.InvalidArgument, (first with { Option = parameter }).ToString(), first.Value ?? options);
        }
    }
}
