namespace HyperDas.Engine.Ravel.Instances;

/// <summary>
/// A target model's answers in one domain, and the entities and templates that are kept because of them (docs/methods.md#ravels-instances).
/// </summary>
internal sealed class InstanceKnowledge
{
    private readonly RavelDomain _domain;
    private readonly RavelInstanceOptions _options;
    private readonly Dictionary<(string Template, string Entity), InstanceAnswer> _answers = [];

    private InstanceKnowledge(RavelDomain domain, RavelInstanceOptions options)
    {
        _domain = domain;
        _options = options;
    }

    /// <summary>Kept entities, sorted by name.</summary>
    internal IReadOnlyList<RavelEntity> Entities { get; private set; } = [];

    /// <summary>Kept attribute templates with the attribute and split of their own file, best first within an attribute.</summary>
    internal IReadOnlyList<InstanceTemplate> Asking { get; private set; } = [];

    /// <summary>
    /// All templates for prompts. Those that the Wikipedia file repeats have no attribute here
    /// (docs/methods.md#oddities-of-the-official-files, 2).
    /// </summary>
    internal IReadOnlyList<InstanceTemplate> Templates { get; private set; } = [];

    internal int KnownFacts { get; private set; }

    internal int UnknownFacts { get; private set; }

    /// <summary>Number of prompts that were too long to complete.</summary>
    internal int TooLong { get; private set; }

    internal InstanceAnswer? Answer(string template, string entity) => _answers.GetValueOrDefault((template, entity));

    internal static InstanceKnowledge Ask(
        RavelDomain domain, ICompletionSource model, RavelInstanceOptions options, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        InstanceKnowledge knowledge = new(domain, options);
        knowledge.AskAttributes(model, progress, cancellation);
        knowledge.AskContexts(model, progress, cancellation);
        return knowledge;
    }

    private void AskAttributes(ICompletionSource model, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        RavelEntity[] entities = [.. _domain.Entities.OrderBy(entity => entity.Name, StringComparer.Ordinal)];
        RavelTemplate[] templates =
        [
            .. _domain.Templates.Where(template => _domain.Attributes.Contains(template.Attribute))
                .OrderBy(template => template.Text, StringComparer.Ordinal),
        ];
        Ask(model, [.. templates.SelectMany(template => entities.Select(entity => (template.Text, entity.Name)))], progress, cancellation);
        int[] byEntity = new int[entities.Length], byTemplate = new int[templates.Length];
        for (int t = 0; t < templates.Length; t++)
        {
            for (int e = 0; e < entities.Length; e++)
            {
                string gold = entities[e].Values.GetValueOrDefault(templates[t].Attribute, "");
                if (gold.Length == 0)
                {
                    continue;
                }
                bool known = Answer(templates[t].Text, entities[e].Name) is InstanceAnswer answer
                    && CompletionJudge.IsCorrect(templates[t].Text, gold, answer.Text, _options.TimeZoneDate);
                byEntity[e] += known ? 1 : 0;
                byTemplate[t] += known ? 1 : 0;
                (KnownFacts, UnknownFacts) = known ? (KnownFacts + 1, UnknownFacts) : (KnownFacts, UnknownFacts + 1);
            }
        }
        // Stable: of equals, the last by name remain, whatever the sorting algorithm.
        Entities =
        [
            .. Enumerable.Range(0, entities.Length).OrderBy(e => byEntity[e]).TakeLast(_options.EntityLimit).Order()
                .Select(e => entities[e])
        ];
        Asking = [.. Best(templates, byTemplate)];
    }

    private IEnumerable<InstanceTemplate> Best(RavelTemplate[] templates, int[] known)
    {
        int[] ranked = [.. Enumerable.Range(0, templates.Length).OrderByDescending(t => known[t])];
        HashSet<int> top = [.. ranked.Take(_options.DomainTemplateLimit)];
        foreach (string attribute in _domain.Attributes)
        {
            int rank = 0;
            foreach (int t in ranked.Where(t => templates[t].Attribute == attribute).Take(_options.TemplateLimit))
            {
                if (rank++ < _options.CertainTemplates || top.Contains(t))
                {
                    yield return new InstanceTemplate(templates[t].Text, attribute, templates[t].Split, null);
                }
            }
        }
    }

    private void AskContexts(ICompletionSource model, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        InstanceTemplate[] contexts =
        [
            .. _domain.Distractors.Concat(_domain.RepeatedTemplates)
                .Select(context => new InstanceTemplate(context.Text, null, context.Split, context.Entity)),
        ];
        HashSet<string> repeated = [.. _domain.RepeatedTemplates.Select(context => context.Text)];
        Templates = [.. Asking.Where(template => !repeated.Contains(template.Text)), .. contexts];
        HashSet<string> kept = [.. Entities.Select(entity => entity.Name)];
        (string, string)[] open =
        [
            .. contexts.SelectMany(context => context.Entity is string own
                    ? kept.Contains(own) ? [(context.Text, own)] : []
                    : Entities.Where(entity => entity.Split == RavelSplit.Train || context.Split == RavelSplit.Train)
                        .Select(entity => (context.Text, entity.Name)))
                .Where(prompt => !_answers.ContainsKey(prompt)),
        ];
        Ask(model, open, progress, cancellation);
    }

    private void Ask(ICompletionSource model, (string Template, string Entity)[] prompts, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        Completion?[] said = model.Complete(
            [.. prompts.Select(prompt => TemplateSlot.Fill(prompt.Template, prompt.Entity)).Select(parts => parts.Prefix + parts.Suffix)],
            progress, cancellation);
        for (int i = 0; i < prompts.Length; i++)
        {
            if (said[i] is Completion completion)
            {
                _answers[prompts[i]] = new InstanceAnswer(completion);
            }
            else
            {
                TooLong++;
            }
        }
    }
}
