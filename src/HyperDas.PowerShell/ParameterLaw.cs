namespace HyperDas;

/// <summary>
/// Holds parameters to the ranges of the option records that they become: what a record allows is allowed whichever way an option comes.
/// </summary>
internal static class ParameterLaw
{
    /// <summary>Refuses parameters that no option record may have.</summary>
    /// <param name="options">The record that they become.</param>
    /// <param name="errorId">Id of the error.</param>
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
