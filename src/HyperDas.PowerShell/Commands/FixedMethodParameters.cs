namespace HyperDas.Commands;

/// <summary>
/// What the parameters of <c>Start-HyperDasTraining</c> mean for each method: which go with it, and how they change its options. A
/// parameter that would be ignored is an error instead.
/// </summary>
internal static class FixedMethodParameters
{
    private static readonly InterpreterMethod[] s_gradient = [InterpreterMethod.HyperDas, InterpreterMethod.Mdas, InterpreterMethod.Das, InterpreterMethod.Dbm];
    private static readonly InterpreterMethod[] s_fitted = [InterpreterMethod.Pca, InterpreterMethod.Sae, InterpreterMethod.Rlap];

    private static readonly Dictionary<string, InterpreterMethod[]> s_methods = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(StartHyperDasTrainingCommand.Subspace)] = [InterpreterMethod.HyperDas],
        [nameof(StartHyperDasTrainingCommand.Reflections)] = [InterpreterMethod.HyperDas],
        [nameof(StartHyperDasTrainingCommand.Blocks)] = [InterpreterMethod.HyperDas],
        [nameof(StartHyperDasTrainingCommand.Faithful)] = [InterpreterMethod.HyperDas],
        [nameof(StartHyperDasTrainingCommand.From)] = [InterpreterMethod.HyperDas],
        [nameof(StartHyperDasTrainingCommand.NetworkOption)] = [InterpreterMethod.HyperDas],
        [nameof(StartHyperDasTrainingCommand.FeatureDimension)] = [InterpreterMethod.HyperDas, InterpreterMethod.Mdas, InterpreterMethod.Das, InterpreterMethod.Rlap],
        [nameof(StartHyperDasTrainingCommand.Epochs)] = [.. s_gradient, InterpreterMethod.Sae],
        [nameof(StartHyperDasTrainingCommand.BatchSize)] = [.. s_gradient, InterpreterMethod.Sae, InterpreterMethod.Rlap],
        [nameof(StartHyperDasTrainingCommand.MaxSteps)] = [.. s_gradient, InterpreterMethod.Rlap],
        [nameof(StartHyperDasTrainingCommand.MemoryLimit)] = s_gradient,
        [nameof(StartHyperDasTrainingCommand.LearningRate)] = [.. s_gradient, InterpreterMethod.Sae, InterpreterMethod.Rlap],
        [nameof(StartHyperDasTrainingCommand.MethodOption)] = [.. s_gradient[1..], .. s_fitted],
        [nameof(StartHyperDasTrainingCommand.Domain)] = s_fitted,
    };

    /// <summary>Refuses parameters that don't go with the method, or leaves them out with a warning where they are defaults of the session.</summary>
    /// <param name="command">The bound command.</param>
    /// <exception cref="HyperDasException"><c>ParameterUnused</c>.</exception>
    public static void Check(StartHyperDasTrainingCommand command)
    {
        foreach (string name in command.MyInvocation.BoundParameters.Keys.ToArray())
        {
            if (s_methods.TryGetValue(name, out InterpreterMethod[]? methods) && !methods.Contains(command.Method))
            {
                command.LeaveOut(name, Errors.ParameterUnused(name, command.Method, methods));
            }
        }
    }

    /// <summary>The method's options: the option object first, what is named on the command line over it.</summary>
    /// <param name="command">The bound command.</param>
    /// <exception cref="HyperDasException"><c>OptionInvalid</c>: <c>-MethodOption</c> doesn't fit the method.</exception>
    public static FixedMethodOptions Options(StartHyperDasTrainingCommand command)
    {
        int layer = command.Layer;
        FixedMethodOptions options = command.Method switch
        {
            InterpreterMethod.Mdas => Over(new MdasOptions { Layer = layer }),
            InterpreterMethod.Das => Over(new DasOptions { Layer = layer }),
            InterpreterMethod.Dbm => Over(new DbmOptions { Layer = layer }),
            InterpreterMethod.Pca => Over(new PcaOptions { Layer = layer }),
            InterpreterMethod.Sae => Over(new SaeOptions { Layer = layer }),
            _ => Over(new RlapOptions { Layer = layer }),
        };
        return options switch
        {
            DasOptions das => das with { Layer = layer, FeatureDimension = command.FeatureDimension ?? das.FeatureDimension },
            SaeOptions sae => sae with
            {
                Layer = layer,
                Epochs = command.Epochs ?? sae.Epochs,
                BatchSize = command.BatchSize ?? sae.BatchSize,
                LearningRate = command.LearningRate ?? sae.LearningRate,
            },
            RlapOptions rlap => rlap with
            {
                Layer = layer,
                FeatureDimension = command.FeatureDimension ?? rlap.FeatureDimension,
                Steps = command.MaxSteps ?? rlap.Steps,
                BatchSize = command.BatchSize ?? rlap.BatchSize,
                LearningRate = command.LearningRate ?? rlap.LearningRate,
            },
            _ => options with { Layer = layer },
        };

        T Over<T>(T defaults)
            where T : FixedMethodOptions => OptionOverlay.Over(defaults, command.MethodOption, nameof(command.MethodOption));
    }

    /// <summary>How it is trained; the learning rate is that of what the method learns.</summary>
    /// <param name="command">The bound command.</param>
    public static TrainingOptions Training(StartHyperDasTrainingCommand command)
    {
        TrainingOptions options = OptionOverlay.Over(TrainingOptions.Of(command.Method), command.TrainingOption, nameof(command.TrainingOption));
        return options with
        {
            Epochs = command.Epochs ?? options.Epochs,
            BatchSize = command.BatchSize ?? options.BatchSize,
            MaxSteps = command.MaxSteps ?? options.MaxSteps,
            RotationLearningRate = command.LearningRate ?? options.RotationLearningRate,
            MaskLearningRate = command.LearningRate ?? options.MaskLearningRate,
            MemoryLimit = command.MemoryLimit ?? options.MemoryLimit,
            Seed = command.Seed ?? options.Seed,
        };
    }
}
