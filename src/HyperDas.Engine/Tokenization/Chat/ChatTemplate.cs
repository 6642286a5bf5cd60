using HyperDas.Engine.Tokenization.Chat.Jinja;

namespace HyperDas.Engine.Tokenization.Chat;

/// <summary>
/// The text that a model's chat template puts around a prompt, like Hugging Face's apply_chat_template for one user message with
/// add_generation_prompt. The template is rendered once with a marker in place of the prompt; only the common fixed formats are accepted
/// (<see cref="ChatForm"/>).
/// </summary>
public sealed class ChatTemplate
{
    private const string Mark = "HyperDasPromptMark", AnswerMark = "HyperDasAnswerMark";

    private ChatTemplate(string form, string before, string after)
    {
        Form = form;
        Before = before;
        After = after;
    }

    /// <summary>Name of the format: <c>Llama3</c>, <c>ChatML</c>, <c>Gemma</c> or <c>Mistral</c>.</summary>
    public string Form { get; }

    /// <summary>
    /// Text before a prompt, with special tokens by name, including the beginning-of-sequence token where the template has it.
    /// </summary>
    public string Before { get; }

    /// <summary>Text after a prompt, up to the beginning of the answer.</summary>
    public string After { get; }

    /// <summary>Text between <see cref="After"/> and an answer: a space or nothing.</summary>
    public string Lead { get; private init; } = "";

    /// <summary>Whether leading white space of a prompt is removed.</summary>
    public bool TrimsStart { get; private init; }

    /// <summary>Whether trailing white space of a prompt is removed.</summary>
    public bool TrimsEnd { get; private init; }

    /// <summary>
    /// Whether the template would put the current date into every prompt. The template's fallback date is used instead; otherwise results
    /// would change from day to day.
    /// </summary>
    public bool AsksForDate { get; private init; }

    /// <summary>Everything that determines the text around prompts, for fingerprints.</summary>
    internal string Signature => $"{Before}\0{After}\0{Lead}\0{TrimsStart}\0{TrimsEnd}";

    /// <summary>Parses a template.</summary>
    /// <param name="template">Its text, in Jinja.</param>
    /// <param name="bos">Text of the beginning-of-sequence token; empty without one.</param>
    /// <param name="eos">Text of the end-of-sequence token; empty without one.</param>
    /// <exception cref="JinjaException">It isn't understood, or has another form.</exception>
    internal static ChatTemplate Of(string template, string bos, string eos)
    {
        JinjaTemplate jinja = new(template);
        string plain = Render([("user", Mark)], generates: true);
        (string before, string after) = Around(plain, Mark);
        ChatForm form = ChatForm.Of(before, after)
            ?? throw new JinjaException(
                $"it writes \"{Shown(before)}<prompt>{Shown(after)}\", which isn't one of the forms {string.Join(", ", ChatForm.All.Select(f => f.Name))}");
        string spaced = Render([("user", $" \n {Mark} \n ")], generates: true);
        (string spacedBefore, string spacedAfter) = Around(spaced, Mark);
        bool start = spacedBefore == before, end = spacedAfter == after;
        if ((!start && spacedBefore != before + " \n ") || (!end && spacedAfter != " \n " + after))
        {
            throw new JinjaException("the text around a prompt depends on the prompt");
        }
        return new ChatTemplate(form.Name, before, after)
        {
            TrimsStart = start,
            TrimsEnd = end,
            Lead = LeadOf(),
            AsksForDate = template.Contains("strftime_now", StringComparison.Ordinal),
        };

        // Templates of reasoning models have more text there; the beginning of the answer is then unknown.
        string LeadOf()
        {
            try
            {
                string answered = Render([("user", Mark), ("assistant", AnswerMark)], generates: false);
                return answered.StartsWith(plain + " " + AnswerMark, StringComparison.Ordinal) ? " " : "";
            }
            catch (JinjaException)
            {
                return "";
            }
        }

        string Render((string Role, string Content)[] messages, bool generates) => jinja.Render(new Dictionary<string, object?>
        {
            ["messages"] = messages.Select(
                m => (object?)new Dictionary<string, object?> { ["role"] = m.Role, ["content"] = m.Content }).ToList(),
            ["add_generation_prompt"] = generates,
            ["bos_token"] = bos,
            ["eos_token"] = eos,
            ["tools"] = null,
            ["documents"] = null,
        });
    }

    /// <summary>A prompt in the template, and its position there.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <returns>The text, the index of the prompt's first character in it, and the number of characters removed at the prompt's
    /// beginning.</returns>
    internal (string Text, int Start, int Length, int Dropped) Wrap(string prompt)
    {
        string kept = TrimsStart ? prompt.TrimStart() : prompt;
        int dropped = prompt.Length - kept.Length;
        kept = TrimsEnd ? kept.TrimEnd() : kept;
        return (Before + kept + After, Before.Length, kept.Length, dropped);
    }

    private static (string Before, string After) Around(string text, string mark)
    {
        int at = text.IndexOf(mark, StringComparison.Ordinal);
        return at >= 0 && text.IndexOf(mark, at + 1, StringComparison.Ordinal) < 0 ? (text[..at], text[(at + mark.Length)..])
            : throw new JinjaException(at < 0 ? "it omits the prompt" : "it writes the prompt twice");
    }

    private static string Shown(string text) =>
        (text.Length > 80 ? "…" + text[^80..] : text).Replace("\n", "\\n", StringComparison.Ordinal);
}
