namespace HyperDas;

/// <summary>
/// What an interpreter of a method with a fixed position consists of: it patches the source's last entity token into the base's last
/// entity token, in one subspace for each concept that it was trained on (docs/methods.md#methods-with-a-fixed-position).
/// Part of an interpreter's file.
/// </summary>
public abstract record FixedMethodOptions : MethodOptions
{
    /// <summary>
    /// These methods train each concept by itself, at constant rates and without weight decay (spec/ravel 4.6 to 4.8); the published rate of
    /// 1e-4 for rotations is for models whose hidden vectors are 18 times as wide.
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
