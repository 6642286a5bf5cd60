namespace HyperDas.Engine.Ravel.Instances;

/// <summary>Continues prompts: what a target model says by itself.</summary>
public interface ICompletionSource
{
    /// <summary>Continues many prompts.</summary>
    /// <param name="prompts">The prompts.</param>
    /// <param name="progress">Told how many are done.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>For each prompt what follows it; null where the prompt is too long to be asked.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Completion?[] Complete(
        IReadOnlyList<string> prompts, IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default);
}
