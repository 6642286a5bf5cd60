namespace HyperDas.Engine.Ravel.Instances;

/// <summary>What a target model says after a prompt.</summary>
/// <param name="Text">The text, white space before its first word included.</param>
/// <param name="IsOver">Whether the model ended its text there, instead of being stopped: the answer is complete.</param>
public readonly record struct Completion(string Text, bool IsOver = false);
