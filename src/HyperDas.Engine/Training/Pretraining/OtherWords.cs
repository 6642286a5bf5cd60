using System.Collections.Concurrent;
using System.Text.Json;

namespace HyperDas.Engine.Training.Pretraining;

/// <summary>
/// What people call an attribute and how they ask for it, in addition to the benchmark's templates. A target that has read them knows
/// meanings of words that no description in an interpreter's training contains. Written for the bundled domains; others have none.
/// </summary>
/// <param name="Words">Words for the attribute, e.g. <c>tongue</c> for a language.</param>
/// <param name="Phrases">Longer names, which fit into any of the <see cref="Frames"/>.</param>
/// <param name="Sentences">Prompts with a placeholder for the entity that end where its value begins.</param>
internal sealed record OtherWords(IReadOnlyList<string> Words, IReadOnlyList<string> Phrases, IReadOnlyList<string> Sentences)
{
    private const string Folder = "wordings/", General = "general";

    // {p}: which tongue, {P}: Which tongue.
    private static readonly string[] s_frames =
    [
        "%s, {p}:", "%s. {P}:", "{P} (%s):", "{P}? %s:", "For %s, {p}:", "About %s I was asked, {p}, and I said",
        "On the form for %s, under {p}:",
        "Name: %s; wanted: {p};", "Wanted: {p}. Name: %s. Answer:", "We talked about %s, more exactly about {p}:", "Key: %s. {P} ->",
        "A quiz has %s, then {p}, then", "Q: %s, {p}? A:", "In other words, {p}. For %s it is",
        "Somebody looked up %s and {p}:", "{P} — %s —",
    ];

    private static readonly string[] s_definitions =
    [
        "%s means", "In the dictionary, %s:", "What is %s? It is", "By %s people mean", "%s, that is,", "Who says %s speaks of", "%s =",
        "The word %s stands for",
    ];

    private static readonly JsonSerializerOptions s_json = new() { PropertyNameCaseInsensitive = true };
    private static readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, OtherWords>> s_domains = new(StringComparer.Ordinal);
    private static readonly Lazy<IReadOnlyDictionary<string, string>> s_general = new(
        () => Read<Dictionary<string, string>>(General) ?? []);

    /// <summary>Prompts with a placeholder for a word; its meaning follows.</summary>
    public static IReadOnlyList<string> Definitions => s_definitions;

    /// <summary>Frames for a phrase, with placeholders for the entity and <c>{p}</c> or <c>{P}</c> for the phrase.</summary>
    public static IReadOnlyList<string> Frames => s_frames;

    /// <summary>Words for things that aren't attributes of any bundled domain, with their meanings.</summary>
    public static IReadOnlyDictionary<string, string> ElsewhereUsed => s_general.Value;

    /// <summary>The other words for a domain's attributes; empty for a domain that isn't bundled.</summary>
    /// <param name="domain">The domain.</param>
    public static IReadOnlyDictionary<string, OtherWords> For(RavelDomain domain) =>
        s_domains.GetOrAdd(domain.Name, static name => name == General ? new() : Read<Dictionary<string, OtherWords>>(name) ?? []);

    /// <summary>Inserts a phrase into a frame.</summary>
    /// <param name="frame">One of the <see cref="Frames"/>.</param>
    /// <param name="phrase">A phrase or word.</param>
    public static string Fill(string frame, string phrase) => frame
        .Replace("{p}", phrase, StringComparison.Ordinal)
        .Replace("{P}", string.Concat(char.ToUpperInvariant(phrase[0]).ToString(), phrase.AsSpan(1)), StringComparison.Ordinal);

    // Null: the file doesn't exist.
    private static T? Read<T>(string name)
        where T : class
    {
        using Stream? stream = typeof(OtherWords).Assembly.GetManifestResourceStream($"{Folder}{name}.json");
        return stream is null ? null : JsonSerializer.Deserialize<T>(stream, s_json);
    }
}
