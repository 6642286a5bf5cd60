namespace HyperDas;

/// <summary>
/// Parts of an interpreter of a method with a fixed position: it patches one token of the source into one of the base, in one subspace for
/// each concept that it was trained on (docs/methods.md#methods-with-a-fixed-position). Part of an interpreter's file.
/// </summary>
public abstract record FixedMethodOptions : MethodOptions
{
    /// <summary>Which token is patched: the entity's last one, or the prompt's last one, as in RAVEL's late layers.</summary>
    [Before(nameof(FixedPosition.EntityLastToken))]
    public FixedPosition Position { get; init; }

    /// <summary>
    /// These methods train each concept separately, at constant rates and without weight decay
    /// (docs/methods.md#methods-with-a-fixed-position). The published rate of 1e-4 for rotations applies to models whose hidden vectors are
    /// 18 times as wide.
    /// </summary>
    public override TrainingOptions DefaultTraining() => new()
    {
        RotationLearningRate = 3e-3,
        MaskLearningRate = 1e-2,
        WeightDecay = 0,
        DecayFrom = 1,
        SparsityEnd = 0,
        TemperatureStart = 1,
        TemperatureEnd = 0.01,
        WholePromptShare = 0,
        DrawAnew = false,
        ValidateEvery = 0,
        KeepBest = false,
    };
}
