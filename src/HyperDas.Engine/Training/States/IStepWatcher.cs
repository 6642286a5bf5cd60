namespace HyperDas.Engine.Training.States;

/// <summary>Receives a training's steps as they are taken.</summary>
internal interface IStepWatcher
{
    /// <summary>Called when the training begins or resumes.</summary>
    /// <param name="behind">Steps before the interruption.</param>
    /// <param name="took">Their duration.</param>
    public void Begin(IReadOnlyList<TrainingStep> behind, TimeSpan took);

    /// <summary>Called after each step.</summary>
    /// <param name="step">The step's metrics; steps are counted through all concepts of a run.</param>
    public void Add(TrainingStep step);
}
