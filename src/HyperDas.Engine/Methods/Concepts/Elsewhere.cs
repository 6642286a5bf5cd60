namespace HyperDas.Engine.Methods.Concepts;

/// <summary>
/// What people might ask about, and is rarely a concept of a dataset: so that a description of something else isn't taken for a known
/// concept because it isn't one of the few absent things that a training was shown. Written for this project; none of it is trained on.
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
