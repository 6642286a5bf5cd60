using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Checkpoints.Adapters;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tokenization;
using HyperDas.Engine.Training;
using HyperDas.Engine.Training.Memory;
using HyperDas.Engine.Training.Validation;
using TorchSharp;

namespace HyperDas.Engine.Experiments;

/// <summary>
/// Predicts the memory of an experiment's training from its files, without loading weights or building examples: prompts are measured on a
/// few entities of every template, and the number of distinct ones is the expectation of drawing with replacement. Measurements are reused
/// for the next run, since the runs of a sweep usually share them.
/// </summary>
public sealed class ExperimentMemory
{
    private const int EntitiesPerTemplate = 8;

    private (string Settings, Drawn Drawn)? _kept;
    private (ExperimentTarget Target, ModelConfig Config, long Weights, NumberFormat Format)? _target;

    /// <summary>Predicts the memory.</summary>
    /// <param name="experiment">The experiment, paths absolute.</param>
    /// <param name="cancellation">Checked between templates.</param>
    /// <returns>The prediction; null where files are missing.</returns>
    /// <exception cref="HyperDasException">As for reading model and data.</exception>
    public MemoryPrediction? Predict(Experiment experiment, CancellationToken cancellation = default)
    {
        string folder = experiment.Target.Path;
        if (!Directory.Exists(folder) || !System.IO.Path.Exists(experiment.Data.Path))
        {
            return null;
        }
        (ModelConfig config, long weights, NumberFormat format) = Target(experiment.Target);
        if (experiment.Method.FindsLayer)
        {
            // Any layer may be found: low ones have the most blocks above them, high ones the most states below.
            return new[] { 1, config.BlockCount }
                .Select(layer => Predict(experiment with
                {
                    Method = experiment.Method with { Options = experiment.Method.Options! with { Layer = layer } },
                }, cancellation))
                .MaxBy(prediction => prediction!.Total);
        }
        Drawn drawn = Measure(experiment, cancellation);
        StepShape step = drawn.Longest with { Examples = (int)Math.Min(experiment.Training.BatchSize, Math.Max(1, drawn.Examples)) };
        TrainingOptions training = CompactDefaults.Settle(config, experiment.Method.Options!, experiment.Training);
        MethodOptions method = CompactDefaults.Settle(config, experiment.Method.Options!);
        return MemoryPredictor.Predict(
            config, weights, format, method, drawn.PrefixTokens, drawn.WholeTokens, drawn.Examples, training, step,
            Looked(experiment.Method.Options!, training, drawn), experiment.Target.Device);
    }

    // The validation examples that are evaluated during training.
    private static LookedAt Looked(MethodOptions method, TrainingOptions training, Drawn drawn)
    {
        int examples = (int)Math.Min(int.MaxValue, drawn.Examples);
        return examples < 1 || training.Epochs < 1
            || !MethodCatalog.Of(method).TrainingSettings.Contains(nameof(TrainingOptions.ValidateEvery))
            ? default
            : drawn.Validation.Part(ValidationPlan.Size(
                (int)Math.Min(int.MaxValue, drawn.Validation.Examples), training, examples, Trainer.TotalSteps(examples, training)).Rows);
    }

    private (ModelConfig Config, long Weights, NumberFormat Format) Target(ExperimentTarget target)
    {
        if (_target is not { } kept || kept.Target != target)
        {
            ModelConfig config = ModelConfigFile.Load(target.Path);
            using ModelCheckpoint checkpoint = ModelCheckpoint.Open(target.Path, LanguageModel.IsBeside(target.Path, target.Adapter));
            if (target.Adapter is not null)
            {
                using LoraAdapter adapter = LoraAdapter.Open(target.Adapter, config);
                config = adapter.Model;
            }
            long weights = WeightShapes.Count(config);
            DeviceType device = target.Device.StartsWith("cuda", StringComparison.OrdinalIgnoreCase) ? DeviceType.CUDA : DeviceType.CPU;
            _target =
                (target, config, weights, LanguageModel.FormatOf(config, checkpoint, weights, target.Dtype ?? ModelDtype.Auto, device));
        }
        return (_target.Value.Config, _target.Value.Weights, _target.Value.Format);
    }

    private Drawn Measure(Experiment experiment, CancellationToken cancellation)
    {
        MethodDescription method = MethodCatalog.Of(experiment.Method.Options!);
        RavelCollatorOptions shown = method.Collation(experiment.Method.Options!);
        double whole = method.TrainingSettings.Contains(nameof(TrainingOptions.WholePromptShare))
            ? experiment.Training.WholePromptShare
            : 0;
        // Lists in records are compared by reference, their text by value.
        string settings = FormattableString.Invariant(
            $"{experiment.Target.Path}\n{experiment.Target.ChatTemplate}\n{ExperimentYaml.Section(experiment, nameof(Experiment.Data))}{shown}\n{whole}");
        if (_kept?.Settings != settings)
        {
            _kept = (settings, Draw(experiment.Data,
                Tokenizer.Load(HubFolder.Resolve(experiment.Target.Path), experiment.Target.ChatTemplate), shown, whole, cancellation));
        }
        return _kept.Value.Drawn;
    }

    private static Drawn Draw(
        ExperimentData data, Tokenizer tokenizer, RavelCollatorOptions shown, double whole, CancellationToken cancellation)
    {
        PromptTokenizer prompts = new(tokenizer);
        Drawn all = Drawn.None;
        if (File.Exists(data.Path))
        {
            RavelDataset read = RavelDatasetFile.Read(data.Path);
            RavelCollator own = new(tokenizer, shown, read);
            TokenizedExample[] examples = [.. own.TokenizeUsable(read.Train).Select(e => e.Tokens)];
            return examples.Length == 0
                ? all
                : all.With(examples, examples.Length, examples.Length, whole) with
                {
                    Validation = LookedAt.Of([.. own.TokenizeUsable(read.Val).Select(e => e.Tokens)]),
                };
        }
        RavelCollator collator = new(
            tokenizer, shown with { MaxTokens = data.BuilderOptions()?.MaxTokens ?? RavelDatasetOptions.DefaultMaxTokens });
        foreach (string name in data.Domains ?? RavelReader.Domains(data.Path))
        {
            RavelDomain domain = RavelReader.Read(data.Path, name);
            string[] attributes =
                [.. (data.BuilderOptions()?.Attributes ?? domain.Attributes).Where(domain.Attributes.Contains)];
            long perAttribute = data.Pairs?.PerAttribute(RavelSplit.Train)
                ?? Math.Min(data.Instances!.PerAttribute(RavelSplit.Train), data.Instances.TrainDraws);
            RavelTemplate[] templates = [.. domain.Templates.Where(t => attributes.Contains(t.Attribute) && t.Split == RavelSplit.Train)];
            List<TokenizedExample> sample = [];
            foreach (RavelTemplate template in templates)
            {
                cancellation.ThrowIfCancellationRequested();
                string longest = Instruction(domain, template.Attribute, data);
                foreach (RavelEntity entity in Spread(domain.Entities))
                {
                    (string prefix, string suffix) = TemplateSlot.Fill(template.Text, entity.Name);
                    TokenizedExample tokens = collator.TokenizePrompts(prefix, suffix, prefix, suffix, longest);
                    int[] label = prompts.Label(
                        prefix + suffix, entity.Values.TryGetValue(template.Attribute, out string? value) ? value : "");
                    TokenizedExample labelled = tokens with { BaseIds = [.. tokens.BaseIds, .. label] };
                    if (collator.Fits(labelled))
                    {
                        sample.Add(labelled);
                    }
                }
            }
            if (sample.Count > 0)
            {
                all = all.With(sample, (double)perAttribute * attributes.Length, (double)templates.Length * domain.Entities.Count, whole)
                    .With(sample, Pairs(data) * attributes.Length, Wordings(domain, data));
            }
        }
        return all;
    }

    // Validation pairs of an attribute; RAVEL's instances have a context and an entity part.
    private static double Pairs(ExperimentData data) => data.Pairs?.PerAttribute(RavelSplit.Val)
        ?? 2.0 * Math.Min(data.Instances!.PerAttribute(RavelSplit.Val), data.Instances.TestDraws);

    // Number of wordings of each validation pair.
    private static int Wordings(RavelDomain domain, ExperimentData data) =>
        data.BuilderOptions()?.InstructionStyle != InstructionStyle.Descriptions
            ? 1
            : 1 + domain.Descriptions.Where(d => d.Split == RavelSplit.Val).Select(d => d.Attribute is null).Distinct().Count();

    // The longest description of the concept.
    private static string Instruction(RavelDomain domain, string attribute, ExperimentData data)
    {
        string sentence = RavelInstruction.Concept(domain.Name, attribute);
        return data.BuilderOptions()?.InstructionStyle != InstructionStyle.Descriptions
            ? sentence
            : domain.Descriptions.Where(d => d.Split == RavelSplit.Train && (d.Attribute is null || d.Attribute == attribute))
                .Select(d => d.Text).Append(sentence).MaxBy(text => text.Length)!;
    }

    private static IEnumerable<RavelEntity> Spread(IReadOnlyList<RavelEntity> entities)
    {
        int step = Math.Max(1, entities.Count / EntitiesPerTemplate);
        return entities.Where((_, i) => i % step == 0);
    }

    // Totals over all domains: examples, tokens to cache, and the longest text of each kind.
    private readonly record struct Drawn(double Examples, long PrefixTokens, long WholeTokens, StepShape Longest)
    {
        // All validation examples that could be evaluated.
        public LookedAt Validation { get; init; }

        public Drawn With(IReadOnlyCollection<TokenizedExample> sample, double validationPairs, int wordings) => this with
        {
            // Repeated draws of few templates' prompts; the visible part ends at the entity.
            Validation = Validation.And(new LookedAt(
                validationPairs * wordings, validationPairs * 2 * sample.Average(e => e.BaseVisible),
                validationPairs * sample.Average(e => e.BaseIds.Length))),
        };

        public static Drawn None { get; } = new(0, 0, 0, new StepShape(1, 1, 1, 1, 1, 1));

        public Drawn With(IReadOnlyCollection<TokenizedExample> sample, double examples, double different, double wholeShare)
        {
            double shown = sample.Average(e => e.BaseVisible), whole = sample.Average(e => e.BaseIds.Length);
            // Prompts that are shown whole have another example's suffix and are therefore nearly all distinct.
            double prefixes = (Different(examples * (2 - (2 * wholeShare)), different) * shown) + (examples * 2 * wholeShare * whole);
            StepShape longest = StepShape.Of(sample);
            int longestShown = wholeShare > 0 ? longest.Base : longest.BaseShown;
            return this with
            {
                Examples = Examples + examples,
                PrefixTokens = PrefixTokens + (long)prefixes,
                WholeTokens = WholeTokens + (long)(Different(examples, different) * whole),
                Longest = new StepShape(
                    1, Math.Max(Longest.Base, longest.Base), Math.Max(Longest.BaseShown, longestShown),
                    Math.Max(Longest.SourceShown, longestShown),
                    Math.Max(Longest.Instruction, longest.Instruction), Math.Max(Longest.Labels, longest.Labels)),
            };
        }

        // Expected number of `different` items that are drawn at least once in that many draws.
        private static double Different(double draws, double different) => different * (1 - Math.Exp(-draws / different));
    }
}
