using System.Text.RegularExpressions;

namespace HyperDas.Engine.Tokenization.Chat;

/// <summary>A way in which a family of models marks who says what, told by what stands around a user's words.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Before">What stands right before them.</param>
/// <param name="After">What stands after them, up to where the answer begins.</param>
internal sealed partial record ChatForm(string Name, Regex Before, Regex After)
{
    /// <summary>The forms that are known.</summary>
    public static IReadOnlyList<ChatForm> All { get; } =
    [
        new("Llama3", LlamaBefore(), LlamaAfter()),
        new("ChatML", ChatMlBefore(), ChatMlAfter()),
        new("Gemma", GemmaBefore(), GemmaAfter()),
        new("Mistral", MistralBefore(), MistralAfter()),
    ];

    /// <summary>The form of a text around a user's words; null for none of them.</summary>
    /// <param name="before">What stands before them.</param>
    /// <param name="after">What stands after them.</param>
    public static ChatForm? Of(string before, string after) =>
        All.FirstOrDefault(form => form.Before.IsMatch(before) && form.After.IsMatch(after));

    [GeneratedRegex(@"<\|start_header_id\|>user<\|end_header_id\|>\n\n\z")]
    private static partial Regex LlamaBefore();

    [GeneratedRegex(@"^<\|eot_id\|><\|start_header_id\|>assistant<\|end_header_id\|>\n\n\z")]
    private static partial Regex LlamaAfter();

    [GeneratedRegex(@"<\|im_start\|>user\n\z")]
    private static partial Regex ChatMlBefore();

    // Models that think aloud may have an empty thought put there.
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
