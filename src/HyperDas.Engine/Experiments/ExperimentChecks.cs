using System.Text.RegularExpressions;
using HyperDas.Engine.Methods;

namespace HyperDas.Engine.Experiments;

/// <summary>Checks combinations of settings and conditions that ranges can't express; no file is read.</summary>
internal static partial class ExperimentChecks
{
    /// <summary>Checks a run.</summary>
    /// <param name="experiment">Its settings.</param>
    /// <param name="places">Positions of its settings.</param>
    public static void Check(Experiment experiment, ExperimentPlaces places)
    {
        if (places.Has("name") && !Names().IsMatch(experiment.Name))
        {
            places.Add("name",
                $"'{experiment.Name}' isn't a valid folder name; use letters, digits, spaces and ._-, beginning with a letter or digit.");
        }
        if (!Devices().IsMatch(experiment.Target.Device))
        {
            places.Add("target.device", $"'{experiment.Target.Device}' isn't a device; it must be cpu, cuda or cuda:N, or several of one kind separated by commas.");
        }
        CheckPaths(experiment, places);
        CheckCounts(experiment, places);
        if (experiment.Training.From is { Length: 0 } && places.Has("training.from"))
        {
            places.Add("training.from", "The path is empty; it must be an interpreter's folder, or null.");
        }
        else if (experiment.Training.From is not null && experiment.Method.Options is not HypernetworkOptions
            && places.Has("training.from"))
        {
            places.Add("training.from",
                $"'from' applies only to hyperDas, not to {OptionKey.CamelCase(experiment.Method.Name.ToString())}. Remove it.");
        }
        foreach (OptionFault fault in MethodCatalog.Of(experiment.Method.Name).Unused(experiment.Training))
        {
            string key = $"training.{OptionKey.CamelCase(fault.Option)}";
            if (places.Has(key))
            {
                string others = string.Join(", ", MethodCatalog.All.Where(m => m.TrainingSettings.Contains(
                    fault.Option)).Select(m => OptionKey.CamelCase(m.Method.ToString())));
                places.Add(key,
                    $"'{OptionKey.CamelCase(fault.Option)}' doesn't apply to {OptionKey.CamelCase(experiment.Method.Name.ToString())}, only to {others}. Remove it.");
            }
        }
        foreach (OptionFault fault in experiment.Method.Options is IRelatedOptions related ? related.Relations() : [])
        {
            string key = $"method.{OptionKey.CamelCase(fault.Option)}";
            if (places.Has(key))
            {
                places.Add(key, fault.ToString());
            }
        }
    }

    private static void CheckPaths(Experiment experiment, ExperimentPlaces places)
    {
        foreach ((string key, string path) in new[]
        {
            ("target.path", experiment.Target.Path), ("data.path", experiment.Data.Path), ("outputs.path", experiment.Outputs.Path)
        })
        {
            if (path.Length == 0 && places.Has(key))
            {
                places.Add(key, "The path is empty.");
            }
        }
    }

    private static void CheckCounts(Experiment experiment, ExperimentPlaces places)
    {
        Func<RavelSplit, int> count = experiment.Data.BuilderOptions()!.PerAttribute;
        bool trains = experiment.Training.Epochs > 0 || MethodCatalog.Of(experiment.Method.Name).Learning == Learning.Fitted;
        if (trains && count(RavelSplit.Train) < 2)
        {
            places.Add("data.trainPerAttribute", "The training needs at least 2 examples for each attribute: one cause and one isolate.");
        }
        if (experiment.Method.FindsLayer && experiment.Evaluation.Split != RavelSplit.Val && count(RavelSplit.Val) < 2)
        {
            places.Add("data.valPerAttribute",
                "Finding the layer needs at least 2 validation examples for each attribute: one cause and one isolate.");
        }
        RavelSplit scored = experiment.Evaluation.Split;
        if (count(scored) < 2)
        {
            places.Add($"data.{OptionKey.CamelCase(scored.ToString())}PerAttribute",
                $"The {OptionKey.CamelCase(scored.ToString())} split is scored; it needs at least 2 examples for each attribute: one cause and one isolate.");
        }
    }

    [GeneratedRegex(@"^[\p{L}\p{Nd}][\p{L}\p{Nd} ._-]{0,99}$")]
    private static partial Regex Names();

    [GeneratedRegex(@"^(cpu(\s*,\s*cpu)*|cuda(:\d{1,4})?(\s*,\s*cuda(:\d{1,4})?)*)$", RegexOptions.IgnoreCase)]
    private static partial Regex Devices();
}
