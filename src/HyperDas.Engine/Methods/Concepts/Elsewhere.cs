namespace HyperDas.Engine.Methods.Concepts;

/// <summary>
/// Things that users might ask about and that are rarely concepts of a dataset: a description of something else is thus recognised even if
/// it isn't among the few absent descriptions of a training. Written for this project; no interpreter is trained on it.
/// </summary>
internal static class Elsewhere
{
    private static readonly Lazy<IReadOnlyList<string>> s_texts = new(Read);

    /// <summary>The descriptions.</summary>
    public static IReadOnlyList<string> Texts => s_texts.Value;

    private static string[] Read()
    {
        using StreamReader reader = new(typeof(Elsewhere).Assembly.GetManifestResourceStream("concepts/elsewhere.txt")!);
        return reader.ReadToEnd().Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
    }
}
