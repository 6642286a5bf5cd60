namespace HyperDas.Engine.Ravel.Instances;

/// <summary>A target model's continuation of a prompt.</summary>
/// <param name="Text">The text, including white space before its first word.</param>
/// <param name="IsOver">Whether the model ended its text there rather than reaching the limit: the answer is complete.</param>
public readonly record struct Completion(string Text, bool IsOver = false);
