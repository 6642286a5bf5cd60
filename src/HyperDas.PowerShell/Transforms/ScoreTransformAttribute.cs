using System.Collections;
using System.Management.Automation;
using HyperDas.Handles;
using HyperDas.Pump;

namespace HyperDas.Transforms;

/// <summary>Takes scores, and results of experiments, which hold them.</summary>
internal sealed class ScoreTransformAttribute : ArgumentTransformationAttribute
{
    private const string Needed =
        "A score is required: what Measure-RavelScore, Import-RavelScore or Invoke-HyperDasExperiment returned";

    // What the pipeline's records may have instead.
    private static readonly string[] s_properties = ["After", "Scores"];

    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        if (HandleArgument.Unwrap(inputData) is IList list)
        {
            return list.Cast<object?>().SelectMany(item => item is null ? [null] : Scores(item)).ToArray();
        }
        if (inputData is null)
        {
            return inputData!;
        }
        object?[] scores = Scores(inputData);
        return scores is [{ } one] ? one : scores;
    }

    private static object?[] Scores(object input)
    {
        switch (HandleArgument.Unwrap(input))
        {
            case ExperimentResult result:
                return [.. result.Scores];
            case ExperimentStatus { Scores.Count: > 0 } status:
                return [.. status.Scores];
            case ExperimentMean { Scores.Count: > 0 } mean:
                return [.. mean.Scores];
            case RavelScore:
                return [input];
            case PSObject row when !s_properties.Any(name => row.Properties[name] is not null) && !IsScore(row):
                return [RefusedRow.Score(row, $"{Needed}; this is a record. Import-RavelScore reads what Export-Csv wrote.")];
            case { } own when own is string or FileSystemInfo or NativeHandle || own.GetType().IsPrimitive
                || own.GetType().Assembly == typeof(HyperDasException).Assembly:
                throw HandleArgument.Refusal(Needed, input);
            default:
                return [input];
        }
    }

    // Select-Object leaves records with some of a score's properties; texts that they lack would be null.
    private static bool IsScore(PSObject row) =>
        LanguagePrimitives.TryConvertTo(row, out RavelScore? score) && score is { Domain: not null, Attribute: not null, Method: not null };
}
