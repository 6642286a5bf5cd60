using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// Words around a description that don't change its meaning. Test descriptions have kinds of their own (conditions, speakers, gaps to
/// fill), which aren't included here.
/// </summary>
internal static class DescriptionOpenings
{
    // {0} is the description.
    private static readonly string[] s_forms =
    [
        "please: {0}", "please tell me {0}", "tell me {0}", "tell everybody this: {0}", "say {0}", "say only this: {0}", "give {0}",
        "show {0}", "find out {0}", "look up {0}", "look for {0}", "choose {0}", "change {0}", "change only {0}", "patch {0}", "swap {0}",
        "take over {0}",
        "think of {0}", "remember {0}", "now {0}", "next: {0}", "only {0}", "just {0}", "also {0}", "exactly this: {0}", "topic: {0}",
        "subject: {0}", "question: {0}", "question is: {0}", "the question here: {0}", "search for: {0}", "concept: {0}", "feature: {0}",
        "attribute to change: {0}", "what matters: {0}", "what counts is {0}", "what is wanted: {0}", "wanted: {0}", "needed: {0}",
        "missing: {0}", "it is about {0}", "it concerns {0}", "this is about {0}", "concerning {0}", "regarding {0}", "as for {0}",
        "about {0}", "with regard to {0}", "when asked about {0}", "somebody asks: {0}", "a visitor asks: {0}", "the teacher asks: {0}",
        "a child wants to know: {0}", "one wants to know: {0}", "people ask: {0}", "the form says: {0}", "on the card stands: {0}",
        "the heading reads: {0}", "column: {0}", "line 3: {0}", "could you say {0}", "can you tell {0}", "would you mind: {0}",
        "do you know {0}", "does anybody know: {0}", "let it be {0}", "let us talk about {0}", "\"{0}\"", "({0})", "* {0}", "1. {0}",
        "> {0}", "{0}, please", "{0}, nothing else", "{0}, only that", "{0} and nothing more", "{0}: that is the question",
        "{0} is what matters", "{0} is wanted", "{0} is to be changed", "{0}, in one word", "{0}, briefly", "{0}, thanks", "{0}!", "{0}.",
        "{0} - quickly", "so, {0}", "well, {0}", "hello, {0}", "dear friend, {0}", "listen: {0}",
    ];

    /// <summary>A description surrounded by such words.</summary>
    /// <param name="text">The description.</param>
    /// <param name="random">Source of randomness.</param>
    internal static string Around(string text, SeededRandom random)
    {
        string form = random.Pick(s_forms);
        // A question within a sentence loses its question mark.
        return form.Replace("{0}", form.EndsWith("{0}", StringComparison.Ordinal) ? text : text.TrimEnd('?'), StringComparison.Ordinal);
    }
}
