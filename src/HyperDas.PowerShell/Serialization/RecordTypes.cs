using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace HyperDas.Serialization;

/// <summary>
/// Registers type data of the records: their default display properties, also after other output, and their conversion after
/// <c>Start-Job</c>, remoting and <c>Export-Clixml</c>. Registered by code because a types file can be loaded only once per session: each
/// line of it would fail for a second copy of the module.
/// </summary>
internal static class RecordTypes
{
    // Serialisation depth of records that contain lists of records; null is PowerShell's default.
    private static readonly Dictionary<Type, uint?> s_serialized = new()
    {
        [typeof(RavelScore)] = 2,
        [typeof(ScoreInterval)] = null,
        [typeof(RavelScoreComparison)] = null,
        [typeof(InterventionResult)] = 2,
        [typeof(TokenChoice)] = null,
        [typeof(GenerationResult)] = null,
        [typeof(RavelExample)] = null,
        [typeof(RavelDataset)] = 3,
        [typeof(RavelBuildCounts)] = null,
        [typeof(RavelProvenance)] = 2,
        [typeof(RavelSourceFile)] = null,
        [typeof(TrainingStep)] = 4,
        [typeof(TrainingValidation)] = 3,
        [typeof(TrainingWeights)] = null,
        [typeof(ValidationScore)] = null,
    };

    private static readonly Dictionary<Type, string[]> s_listed = new()
    {
        [typeof(ModelHandle)] =
        [
            nameof(ModelHandle.Name), nameof(ModelHandle.Path), nameof(ModelHandle.Architecture), nameof(ModelHandle.ParameterCount),
            nameof(ModelHandle.HiddenSize), nameof(ModelHandle.BlockCount), nameof(ModelHandle.VocabularySize),
            nameof(ModelHandle.Dtype), nameof(ModelHandle.ComputeDtype), nameof(ModelHandle.Device), nameof(ModelHandle.IsDisposed),
        ],
        [typeof(InterpreterHandle)] =
        [
            nameof(InterpreterHandle.Method), nameof(InterpreterHandle.Model), nameof(InterpreterHandle.Layer),
            nameof(InterpreterHandle.Subspace), nameof(InterpreterHandle.FeatureDimension), nameof(InterpreterHandle.ParameterCount),
            nameof(InterpreterHandle.Path), nameof(InterpreterHandle.IsDisposed),
        ],
        [typeof(ModelCheck)] =
        [
            nameof(ModelCheck.Name), nameof(ModelCheck.Model), nameof(ModelCheck.Passed), nameof(ModelCheck.Required),
            nameof(ModelCheck.LargestDifference), nameof(ModelCheck.Tolerance), nameof(ModelCheck.Count), nameof(ModelCheck.Total),
            nameof(ModelCheck.Detail),
        ],
        [typeof(RavelDomain)] =
        [
            nameof(RavelDomain.Name), nameof(RavelDomain.Path), nameof(RavelDomain.Attributes), nameof(RavelDomain.EntityCount),
            nameof(RavelDomain.TemplateCount), nameof(RavelDomain.DistractorCount),
        ],
        [typeof(RavelEntity)] = [nameof(RavelEntity.Name), nameof(RavelEntity.Split), nameof(RavelEntity.Values)],
        [typeof(TrainingResult)] =
        [
            nameof(TrainingResult.Interpreter), nameof(TrainingResult.FinalLoss), nameof(TrainingResult.Steps),
            nameof(TrainingResult.Duration), nameof(TrainingResult.Seed), nameof(TrainingResult.MetricsPath),
            nameof(TrainingResult.BestStep), nameof(TrainingResult.Validation), nameof(TrainingResult.Activations),
        ],
        [typeof(TrainingValidation)] =
        [
            nameof(TrainingValidation.Score), nameof(TrainingValidation.IsBest), nameof(TrainingValidation.Wordings),
        ],
        [typeof(PretrainingResult)] =
        [
            nameof(PretrainingResult.Path), nameof(PretrainingResult.ParameterCount), nameof(PretrainingResult.FinalLoss),
            nameof(PretrainingResult.Steps), nameof(PretrainingResult.Tokens), nameof(PretrainingResult.Duration),
            nameof(PretrainingResult.Seed), nameof(PretrainingResult.Accuracy),
        ],
        [typeof(MemoryPrediction)] =
        [
            nameof(MemoryPrediction.Total), nameof(MemoryPrediction.Runtime), nameof(MemoryPrediction.Examples),
            nameof(MemoryPrediction.Kernels), nameof(MemoryPrediction.Model), nameof(MemoryPrediction.Interpreter),
            nameof(MemoryPrediction.Cache), nameof(MemoryPrediction.Step), nameof(MemoryPrediction.Devices),
        ],
        [typeof(Experiment)] =
        [
            nameof(Experiment.Name), nameof(Experiment.Description), nameof(Experiment.Seed), nameof(Experiment.Method),
        ],
        [typeof(ExperimentData)] =
        [
            nameof(ExperimentData.Path), nameof(ExperimentData.Domains), nameof(ExperimentData.Builder),
            nameof(ExperimentData.Upsampling),
        ],
        [typeof(ExperimentEvaluation)] = [nameof(ExperimentEvaluation.Split), nameof(ExperimentEvaluation.References)],
        [typeof(ExperimentMethod)] =
        [
            nameof(ExperimentMethod.Name), nameof(ExperimentMethod.Layer), nameof(ExperimentMethod.Faithful),
            nameof(ExperimentMethod.AllEntities),
        ],
        [typeof(ExperimentResult)] =
        [
            nameof(ExperimentResult.Name), nameof(ExperimentResult.Cause), nameof(ExperimentResult.Isolate),
            nameof(ExperimentResult.Disentangle), nameof(ExperimentResult.Steps), nameof(ExperimentResult.Duration),
            nameof(ExperimentResult.WasFinished), nameof(ExperimentResult.Path),
        ],
        [typeof(ExperimentStatus)] =
        [
            nameof(ExperimentStatus.Name), nameof(ExperimentStatus.State), nameof(ExperimentStatus.Step), nameof(ExperimentStatus.Steps),
            nameof(ExperimentStatus.Cause), nameof(ExperimentStatus.Isolate), nameof(ExperimentStatus.Disentangle),
            nameof(ExperimentStatus.Duration), nameof(ExperimentStatus.Error), nameof(ExperimentStatus.Path),
        ],
        [typeof(ExperimentMean)] =
        [
            nameof(ExperimentMean.Name), nameof(ExperimentMean.Finished), nameof(ExperimentMean.Runs), nameof(ExperimentMean.Cause),
            nameof(ExperimentMean.Isolate), nameof(ExperimentMean.Disentangle), nameof(ExperimentMean.DisentangleDeviation),
        ],
        [typeof(ExperimentRun)] =
        [
            nameof(ExperimentRun.Index), nameof(ExperimentRun.Name), nameof(ExperimentRun.Method), nameof(ExperimentRun.Memory),
            nameof(ExperimentRun.Path), nameof(ExperimentRun.File),
        ],
        [typeof(RavelScore)] =
        [
            nameof(RavelScore.Domain), nameof(RavelScore.Attribute), nameof(RavelScore.Template), nameof(RavelScore.Cause),
            nameof(RavelScore.Isolate), nameof(RavelScore.Disentangle), nameof(RavelScore.Method), nameof(RavelScore.SelectionMode),
            nameof(RavelScore.Dialect), nameof(RavelScore.HeldOut), nameof(RavelScore.Layer), nameof(RavelScore.FeatureDimension),
            nameof(RavelScore.CauseCount), nameof(RavelScore.IsolateCount), nameof(RavelScore.CauseInterval),
            nameof(RavelScore.IsolateInterval), nameof(RavelScore.DisentangleInterval),
        ],
        [typeof(InterventionResult)] =
        [
            nameof(InterventionResult.BasePrompt), nameof(InterventionResult.CounterfactualPrompt), nameof(InterventionResult.Concept),
            nameof(InterventionResult.SelectionMode), nameof(InterventionResult.OriginalOutput),
            nameof(InterventionResult.IntervenedOutput), nameof(InterventionResult.ChosenTokens),
        ],
        [typeof(RavelExample)] =
        [
            nameof(RavelExample.Domain), nameof(RavelExample.Kind), nameof(RavelExample.Attribute),
            nameof(RavelExample.AskedAttribute), nameof(RavelExample.Instruction), nameof(RavelExample.BasePrompt),
            nameof(RavelExample.SourcePrompt), nameof(RavelExample.Label),
        ],
        [typeof(RavelDataset)] =
        [
            nameof(RavelDataset.Name), nameof(RavelDataset.Domains), nameof(RavelDataset.Attributes), nameof(RavelDataset.TrainCount),
            nameof(RavelDataset.PairCount), nameof(RavelDataset.ValCount), nameof(RavelDataset.TestCount), nameof(RavelDataset.Seed),
            nameof(RavelDataset.Counts),
        ],
        [typeof(RavelProvenance)] =
        [
            nameof(RavelProvenance.Builder), nameof(RavelProvenance.Model), nameof(RavelProvenance.ModelFingerprint),
            nameof(RavelProvenance.TokenizerFingerprint), nameof(RavelProvenance.Upsampling), nameof(RavelProvenance.TimeZoneDate),
            nameof(RavelProvenance.TimeZoneEdition),
        ],
    };

    private static readonly Lazy<TypeData[]> s_all = new(() =>
        [.. s_listed.Keys.Union(s_serialized.Keys).Select(Of), .. s_serialized.Keys.Select(Deserialized)]);

    /// <summary>Registers the types in a session; repeated calls do nothing.</summary>
    /// <param name="runspace">The session's runspace.</param>
    public static void AddTo(Runspace runspace)
    {
        TypeData[] all = s_all.Value;
        InitialSessionStateEntryCollection<SessionStateTypeEntry> known = runspace.InitialSessionState.Types;
        if (known.Any(entry => ReferenceEquals(entry.TypeData, all[0])))
        {
            return;
        }
        if (Table(runspace) is not { } table)
        {
            using PowerShell shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
            shell.AddCommand("Update-TypeData").AddParameter("TypeData", all).AddParameter("Force").Invoke();
            return;
        }
        foreach (TypeData type in all)
        {
            table.AddType(type);
            // Source of the table when another module's types are removed from it.
            known.Add(new SessionStateTypeEntry(type, isRemove: false));
        }
    }

    // Update-TypeData does the same, but loads another module for it, which takes longer than importing this one.
    private static TypeTable? Table(Runspace runspace)
    {
        const BindingFlags own = BindingFlags.Instance | BindingFlags.NonPublic;
        object? context = typeof(Runspace).GetProperty("ExecutionContext", own)?.GetValue(runspace);
        return context?.GetType().GetProperty("TypeTable", own)?.GetValue(context) as TypeTable;
    }

    private static TypeData Of(Type type)
    {
        TypeData data = new(type.FullName) { IsOverride = true };
        if (s_listed.TryGetValue(type, out string[]? names))
        {
            data.DefaultDisplayPropertySet = new PropertySetData(names);
        }
        if (s_serialized.TryGetValue(type, out uint? depth))
        {
            data.TypeConverter = typeof(RecordConverter);
            if (depth is uint levels)
            {
                data.SerializationDepth = levels;
            }
        }
        return data;
    }

    private static TypeData Deserialized(Type type) =>
        new(RecordConverter.Prefix + type.FullName) { IsOverride = true, TargetTypeForDeserialization = type };
}
