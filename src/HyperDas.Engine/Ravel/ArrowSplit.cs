namespace HyperDas.Engine.Ravel;

/// <summary>A split of a dataset.</summary>
internal enum ArrowSplit
{
    Train,
    Val,
    Test,
}

/// <summary>Common names of splits.</summary>
internal static class ArrowSplits
{
    private static readonly Dictionary<string, ArrowSplit> s_names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["train"] = ArrowSplit.Train, ["training"] = ArrowSplit.Train,
        ["val"] = ArrowSplit.Val, ["validation"] = ArrowSplit.Val, ["valid"] = ArrowSplit.Val, ["dev"] = ArrowSplit.Val,
        ["test"] = ArrowSplit.Test, ["testing"] = ArrowSplit.Test,
    };

    /// <summary>The names, for messages.</summary>
    public static string Known => string.Join(", ", s_names.Keys);

    /// <summary>The split of a name; null for any other name.</summary>
    /// <param name="name">The name.</param>
    public static ArrowSplit? Parse(string name) => s_names.TryGetValue(name, out ArrowSplit split) ? split : null;

    /// <summary>The split that is the suffix of a folder's name, such as <c>city_train</c>; null for any other name.</summary>
    /// <param name="name">The folder's name.</param>
    public static ArrowSplit? ParseEnd(string name) => Parse(name[(name.LastIndexOf('_') + 1)..]);
}
