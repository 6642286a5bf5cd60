namespace HyperDas.Engine.Training.States;

/// <summary>Is told of a training's steps while they are made.</summary>
internal interface IStepWatcher
{
    /// <summary>The training begins, or goes on.</summary>
    /// <param name="behind">Steps of before a stop.</param>
    /// <param name="took">What they took.</param>
    public void Begin(IReadOnlyList<TrainingStep> behind, TimeSpan took);

    /// <summary>A step was made.</summary>
    /// <param name="step">What happened; steps count through all concepts of a run.</param>
    public void Add(TrainingStep step);
}
