using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Checkpoints.Adapters;
using HyperDas.Engine.Experiments.Yaml;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tokenization;
using HyperDas.Engine.Training;

namespace HyperDas.Engine.Experiments;

/// <summary>
/// Checks settings against the files they name, without loading weights: that model and data exist, that the layer is one of the
/// model's, that domains and attributes are in the data. What was read is kept for the other runs of a sweep.
/// </summary>
internal sealed class ExperimentFiles
{
    private readonly Dictionary<string, ModelConfig> _models = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Folder, string Domain), RavelDomain> _domains = [];

    /// <summary>Checks a run.</summary>
    /// <param name="experiment">Its settings, paths absolute.</param>
    /// <param name="places">Where they stand.</param>
    public void Check(Experiment experiment, ExperimentPlaces places)
    {
        if (experiment.Target.Path.Length > 0)
        {
            Report("target.path", places, () => CheckTarget(experiment, places));
        }
        if (experiment.Training.From is { Length: > 0 } start)
        {
            Report("training.from", places, () => CheckStart(start, experiment.Method, places));
        }
        if (experiment.Data.Path.Length > 0)
        {
            Report("data.path", places, () => CheckData(experiment.Data, places));
        }
    }

    private void CheckTarget(Experiment experiment, ExperimentPlaces places)
    {
        string folder = experiment.Target.Path;
        if (!Directory.Exists(folder))
        {
            string? name = (places.Nodes.GetValueOrDefault("target.path") as YamlText)?.Text;
            places.Add("target.path",
                $"The folder '{folder}' doesn't exist; a Hugging Face folder with config.json, weights and tokenizer.json is needed."
                + (name is not null && HubFolder.IsId(name)
                    ? $" Hugging Face's cache has no model '{name}' either; 'Save-HyperDasModel -Id {name}' downloads it." : ""));
            return;
        }
        string key = $"{folder}\n{experiment.Target.Adapter}";
        if (!_models.TryGetValue(key, out ModelConfig? config))
        {
            config = ModelConfigFile.Load(folder);
            using ModelCheckpoint checkpoint = ModelCheckpoint.Open(folder, LanguageModel.IsBeside(folder, experiment.Target.Adapter));
            _models[key] = config;
        }
        if (experiment.Target.Adapter is { Length: > 0 } adapter)
        {
            Report("target.adapter", places, () => LoraAdapter.Open(adapter, config).Dispose());
        }
        if (experiment.Target.ChatTemplate)
        {
            Report("target.chatTemplate", places, () => Tokenizer.Load(HubFolder.Resolve(folder), chat: true));
        }
        string model = $"'{HubFolder.NameOf(folder)}'";
        AtMost("method.layer", experiment.Method.Layer, config.BlockCount, $"{model} has {config.BlockCount} blocks");
        foreach (ModelLimit limit in experiment.Method.Options is { } options ? MethodCatalog.Of(options).Limits(options, config) : [])
        {
            AtMost($"method.{OptionKey.CamelCase(limit.Option)}", limit.Value, limit.Most, $"{limit.Most} is {limit.What}");
        }

        void AtMost(string key, int value, int most, string why)
        {
            if (value > most)
            {
                places.Add(key, $"{value} is too large; {why}, so {most} or less is needed.");
            }
        }
    }

    // Whether it belongs to the target shows when the target's weights are read.
    private static void CheckStart(string folder, ExperimentMethod method, ExperimentPlaces places)
    {
        if (method.Options is HypernetworkOptions network
            && TrainingStart.At(folder).DifferencesInShape(network) is { Count: > 0 } differences)
        {
            places.Add(
                "training.from",
                $"The interpreter in '{folder}' has another shape: {string.Join(", ", differences)}. Give the method's keys the values that it has.");
        }
    }

    private void CheckData(ExperimentData data, ExperimentPlaces places)
    {
        if (File.Exists(data.Path))
        {
            // Everything about the examples is decided in the file; a setting without effect would mislead.
            HashSet<string> defaults = [.. Lines(new ExperimentData { Path = data.Path, Pairs = new RavelBuildOptions() })];
            foreach (string key in Lines(data).Where(line => !defaults.Contains(line))
                .Select(line => $"data.{line.Split(':')[0].Trim()}").Where(places.Has))
            {
                places.Add(key,
                    $"The key doesn't apply to '{Path.GetFileName(data.Path)}', a finished dataset; leave it out, or name a folder with RAVEL's files.");
            }
            return;
        }
        IReadOnlyList<string> exist = RavelReader.Domains(data.Path);
        if (exist.Count == 0)
        {
            places.Add(
                "data.path", $"The folder '{data.Path}' has no RAVEL files; files like ravel_city_entity_attributes.json are needed.");
            return;
        }
        string[] unknown = [.. (data.Domains ?? []).Where(d => !exist.Contains(d))];
        foreach (string domain in unknown)
        {
            places.Add("data.domains", $"There is no domain '{domain}' in '{data.Path}'; there are {string.Join(", ", exist)}.");
        }
        if ((data.Pairs?.Attributes ?? data.Instances?.Attributes) is { } attributes && unknown.Length == 0)
        {
            string[] has = [.. (data.Domains ?? exist).SelectMany(d => Domain(data.Path, d).Attributes).Distinct()];
            foreach (string attribute in attributes.Where(a => !has.Contains(a)))
            {
                places.Add("data.attributes", $"No domain has the attribute '{attribute}'; there are {string.Join(", ", has)}.");
            }
        }
    }

    private static string[] Lines(ExperimentData data) =>
        ExperimentYaml.Section(new Experiment { Data = data }, nameof(Experiment.Data)).Split('\n');

    private RavelDomain Domain(string folder, string name) =>
        _domains.TryGetValue((folder, name), out RavelDomain? known) ? known : _domains[(folder, name)] = RavelReader.Read(folder, name);

    private static void Report(string key, ExperimentPlaces places, Action check)
    {
        try
        {
            check();
        }
        catch (HyperDasException e)
        {
            places.Add(key, e.Message);
        }
    }
}
