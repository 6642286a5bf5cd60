namespace HyperDas.Engine.Tests;

/// <summary>Keeps what was reported, in order and at once (<see cref="Progress{T}"/> would post it elsewhere).</summary>
internal sealed class SeenProgress : IProgress<WorkProgress>
{
    internal List<WorkProgress> Seen { get; } = [];

    public void Report(WorkProgress value) => Seen.Add(value);
}
