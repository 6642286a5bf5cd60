using System.Runtime.InteropServices;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// Determines which (entity, attribute template) facts the target model answers, testing each only once. Facts without a gold value aren't
/// tested and count as unknown.
/// </summary>
/// <param name="oracle">Tests the facts.</param>
public sealed class FactFilter(IFactOracle oracle)
{
    private const int FactsPerQuestion = 2048;

    private readonly Dictionary<(string Domain, string Entity, string Template), bool> _known = [];
    private readonly Dictionary<(string Domain, string Attribute), (int Known, int Tested)> _counts = [];

    /// <summary>Numbers per domain and attribute, in the order of the first test.</summary>
    public IReadOnlyList<FactCount> Counts =>
        [.. _counts.Select(count => new FactCount(count.Key.Domain, count.Key.Attribute, count.Value.Known, count.Value.Tested))];

    /// <summary>Tests those facts that haven't been tested before.</summary>
    /// <param name="domain">Domain of entities and templates.</param>
    /// <param name="facts">Entities and attribute templates.</param>
    /// <param name="progress">Receives the number of facts tested.</param>
    /// <param name="cancellationToken">Checked between questions; answers up to then are kept.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Check(
        RavelDomain domain, IEnumerable<(RavelEntity Entity, RavelTemplate Template)> facts,
        IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        (RavelEntity Entity, RavelTemplate Template)[] open =
        [
            .. facts.Where(fact => Value(fact.Entity, fact.Template).Length > 0
                && !_known.ContainsKey(Key(domain, fact.Entity, fact.Template)))
                .DistinctBy(fact => (fact.Entity.Name, fact.Template.Text)),
        ];
        int done = 0;
        foreach ((RavelEntity Entity, RavelTemplate Template)[] part in open.Chunk(FactsPerQuestion))
        {
            bool[] answers = oracle.Knows([.. part.Select(fact => Question(fact.Entity, fact.Template))], cancellationToken);
            for (int i = 0; i < part.Length; i++)
            {
                Remember(domain, part[i].Entity, part[i].Template, answers[i]);
            }
            done += part.Length;
            progress?.Report(new WorkProgress(
                $"Checking what the model knows about {domain.Name}", $"{done} of {open.Length} facts", done, open.Length));
        }
    }

    /// <summary>Tests every entity with every template of the attributes that have gold values.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="progress">Receives the number of facts tested.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void CheckAll(
        RavelDomain domain, IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default) => Check(
        domain, domain.Templates.SelectMany(template => domain.Entities.Select(entity => (entity, template))), progress, cancellationToken);

    /// <summary>Whether the target model answers a fact correctly. False for untested facts.</summary>
    /// <param name="domain">Domain.</param>
    /// <param name="entity">Entity.</param>
    /// <param name="template">Attribute template.</param>
    public bool Knows(RavelDomain domain, RavelEntity entity, RavelTemplate template) =>
        _known.GetValueOrDefault(Key(domain, entity, template));

    private void Remember(RavelDomain domain, RavelEntity entity, RavelTemplate template, bool known)
    {
        _known[Key(domain, entity, template)] = known;
        ref (int Known, int Tested) count = ref CollectionsMarshal.GetValueRefOrAddDefault(
            _counts, (domain.Name, template.Attribute), out _);
        count = (count.Known + (known ? 1 : 0), count.Tested + 1);
    }

    private static Fact Question(RavelEntity entity, RavelTemplate template)
    {
        (string prefix, string suffix) = TemplateSlot.Fill(template.Text, entity.Name);
        return new Fact(prefix + suffix, Value(entity, template));
    }

    private static string Value(RavelEntity entity, RavelTemplate template) => entity.Values.GetValueOrDefault(template.Attribute, "");

    private static (string, string, string) Key(RavelDomain domain, RavelEntity entity, RavelTemplate template) =>
        (domain.Name, entity.Name, template.Text);
}
