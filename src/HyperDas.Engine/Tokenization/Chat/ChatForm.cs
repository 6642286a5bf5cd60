using System.Text.RegularExpressions;

namespace HyperDas.Engine.Tokenization.Chat;

/// <summary>A family's format for marking the speakers of a conversation, recognised by the text around a user's message.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Before">Text right before the message.</param>
/// <param name="After">Text after the message, up to the beginning of the answer.</param>
internal sealed partial record ChatForm(string Name, Regex Before, Regex After)
{
    /// <summary>The known formats.</summary>
    public static IReadOnlyList<ChatForm> All { get; } =
    [
        new("Llama3", LlamaBefore(), LlamaAfter()),
        new("ChatML", ChatMlBefore(), ChatMlAfter()),
        new("Gemma", GemmaBefore(), GemmaAfter()),
        new("Mistral", MistralBefore(), MistralAfter()),
    ];

    /// <summary>The format of the text around a user's message; null for an unknown one.</summary>
    /// <param name="before">Text before the message.</param>
    /// <param name="after">Text after the message.</param>
    public static ChatForm? Of(string before, string after) =>
        All.FirstOrDefault(form => form.Before.IsMatch(before) && form.After.IsMatch(after));

    [GeneratedRegex(@"<\|start_header_id\|>user<\|end_header_id\|>\n\n\z")]
    private static partial Regex LlamaBefore();

    [GeneratedRegex(@"^<\|eot_id\|><\|start_header_id\|>assistant<\|end_header_id\|>\n\n\z")]
    private static partial Regex LlamaAfter();

    [GeneratedRegex(@"<\|im_start\|>user\n\z")]
    private static partial Regex ChatMlBefore();

    // For reasoning models, the template may add an empty thought.
    [GeneratedRegex(@"^<\|im_end\|>\n<\|im_start\|>assistant\n(<think>\n\n</think>\n\n)?\z")]
    private static partial Regex ChatMlAfter();

    [GeneratedRegex(@"<start_of_turn>user\n\z")]
    private static partial Regex GemmaBefore();

    [GeneratedRegex(@"^<end_of_turn>\n<start_of_turn>model\n\z")]
    private static partial Regex GemmaAfter();

    [GeneratedRegex(@"\[INST\] ?\z")]
    private static partial Regex MistralBefore();

    [GeneratedRegex(@"^ ?\[/INST\] ?\z")]
    private static partial Regex MistralAfter();
}
