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
/// Checks settings against the files they name, without loading weights: model and data exist, the model has the layer, the data has the
/// domains and attributes. Content that was read is reused for the other runs of a sweep.
/// </summary>
internal sealed class ExperimentFiles
{
    private readonly Dictionary<string, ModelConfig> _models = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Folder, string Domain), RavelDomain> _domains = [];

    /// <summary>Checks a run.</summary>
    /// <param name="experiment">Its settings, paths absolute.</param>
    /// <param name="places">Positions of its settings.</param>
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
                $"The folder '{folder}' doesn't exist; it must be a Hugging Face folder with config.json, weights and tokenizer.json."
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
                places.Add(key, $"{value} is too large; {why}, so it must be at most {most}.");
            }
        }
    }

    // Whether it belongs to the target is checked when the target's weights are read.
    private static void CheckStart(string folder, ExperimentMethod method, ExperimentPlaces places)
    {
        if (method.Options is HypernetworkOptions network
            && TrainingStart.At(folder).DifferencesInShape(network) is { Count: > 0 } differences)
        {
            places.Add(
                "training.from",
                $"The interpreter in '{folder}' has a different shape: {string.Join(", ", differences)}. Set the method's keys to its values.");
        }
    }

    private void CheckData(ExperimentData data, ExperimentPlaces places)
    {
        if (File.Exists(data.Path))
        {
            // The file determines the examples completely; a setting without effect would be misleading.
            HashSet<string> defaults = [.. Lines(new ExperimentData { Path = data.Path, Pairs = new RavelBuildOptions() })];
            foreach (string key in Lines(data).Where(line => !defaults.Contains(line))
                .Select(line => $"data.{line.Split(':')[0].Trim()}").Where(places.Has))
            {
                places.Add(key,
                    $"The key doesn't apply to '{Path.GetFileName(data.Path)}', a finished dataset; remove it, or specify a folder with RAVEL's files.");
            }
            return;
        }
        IReadOnlyList<string> exist = RavelReader.Domains(data.Path);
        if (exist.Count == 0)
        {
            places.Add(
                "data.path", $"The folder '{data.Path}' has no RAVEL files, such as ravel_city_entity_attributes.json.");
            return;
        }
        string[] unknown = [.. (data.Domains ?? []).Where(d => !exist.Contains(d))];
        foreach (string domain in unknown)
        {
            places.Add("data.domains", $"'{data.Path}' has no domain '{domain}'; its domains are {string.Join(", ", exist)}.");
        }
        if (data.BuilderOptions()?.Attributes is { } attributes && unknown.Length == 0)
        {
            string[] has = [.. (data.Domains ?? exist).SelectMany(d => Domain(data.Path, d).Attributes).Distinct()];
            foreach (string attribute in attributes.Where(a => !has.Contains(a)))
            {
                places.Add("data.attributes", $"No domain has the attribute '{attribute}'; the attributes are {string.Join(", ", has)}.");
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
