using HyperDas.Engine.Ravel.Instances;

namespace HyperDas.Engine.Tests.Ravel.Instances;

/// <summary>A target model that says what a rule says, and remembers what it was asked.</summary>
internal sealed class FakeCompletions(Func<string, string?> says) : ICompletionSource
{
    internal List<string> Asked { get; } = [];

    public Completion?[] Complete(
        IReadOnlyList<string> prompts, IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Asked.AddRange(prompts);
        return [.. prompts.Select(prompt => says(prompt) is string text ? new Completion(text) : (Completion?)null)];
    }
}
