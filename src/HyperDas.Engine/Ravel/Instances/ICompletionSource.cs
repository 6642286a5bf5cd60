namespace HyperDas.Engine.Ravel.Instances;

/// <summary>Completes prompts as a target model does without intervention.</summary>
public interface ICompletionSource
{
    /// <summary>Completes many prompts.</summary>
    /// <param name="prompts">The prompts.</param>
    /// <param name="progress">Receives the number completed.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The continuation of each prompt; null for a prompt that is too long.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Completion?[] Complete(
        IReadOnlyList<string> prompts, IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default);
}
