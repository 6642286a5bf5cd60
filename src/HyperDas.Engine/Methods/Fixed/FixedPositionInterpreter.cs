using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Fixed;

/// <summary>
/// Patches one token of the source into one of the base, the entities' last or the prompts' last, in a separate subspace for each learned
/// concept (docs/methods.md#methods-with-a-fixed-position). A batch may mix concepts.
/// </summary>
public sealed class FixedPositionInterpreter : Interpreter
{
    private readonly ConceptModule[] _modules;
    private int _lastDimension;

    /// <summary>Creates an untrained interpreter; <see cref="FixedMethod{TOptions}"/> supplies its modules.</summary>
    /// <param name="target">The target model.</param>
    /// <param name="options">Method, layer and dimensions.</param>
    /// <param name="subspace">Display name of the subspace.</param>
    /// <param name="concepts">The concepts, at least one, without duplicates.</param>
    /// <param name="modules">Creates a module for each concept, in order, and registers its parameters.</param>
    /// <exception cref="HyperDasException"><c>LayerInvalid</c>.</exception>
    internal FixedPositionInterpreter(
        LanguageModel target, FixedMethodOptions options, string subspace, IReadOnlyList<ConceptKey> concepts,
        Func<ParameterStore, ConceptModule[]> modules)
        : base(target, options.Layer)
    {
        Options = options;
        Subspace = subspace;
        Concepts = new ConceptTable(concepts);
        using DisposeScope scope = NewDisposeScope();
        using (no_grad())
        {
            _modules = modules(Parameters);
        }
        Parameters.Seal();
    }

    /// <summary>Method, layer and dimensions.</summary>
    public override FixedMethodOptions Options { get; }

    /// <summary>The learned concepts.</summary>
    public ConceptTable Concepts { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ConceptKey> LearnedConcepts => Concepts.Concepts;

    /// <summary>The modules of the concepts, in the order of <see cref="Concepts"/>.</summary>
    public IReadOnlyList<ConceptModule> Modules => _modules;

    /// <inheritdoc/>
    public override string Method => Options.Method.ToString();

    /// <summary>Number of patched dimensions; the maximum where concepts differ.</summary>
    public override int FeatureDimension => IsDisposed ? _lastDimension : _modules.Max(m => m.Dimension);

    /// <inheritdoc/>
    public override string Subspace { get; }

    /// <inheritdoc/>
    public override bool LearnsSelection => false;

    /// <inheritdoc/>
    public override bool NeedsEntities => Options.Position == FixedPosition.EntityLastToken;

    /// <inheritdoc/>
    public override RavelCollatorOptions Collation => CollationOf(Options);

    /// <inheritdoc/>
    public override bool EditsEntitiesOnly => true;

    /// <summary>Tokenisation options for an interpreter with these options.</summary>
    /// <param name="options">Its options.</param>
    public static RavelCollatorOptions CollationOf(FixedMethodOptions options) => new() { Position = options.Position };

    /// <inheritdoc/>
    public override ConceptKey? ConceptOf(string text) => Concepts.Resolve(text);

    /// <inheritdoc/>
    public override void SetTemperature(double temperature)
    {
        foreach (ConceptModule module in _modules)
        {
            module.SetTemperature(temperature);
        }
    }

    /// <inheritdoc/>
    public override Tensor? Penalty()
    {
        using DisposeScope scope = NewDisposeScope();
        return _modules.Select(m => m.Penalty()).OfType<Tensor>()
            .Aggregate((Tensor?)null, (sum, term) => sum is null ? term : sum + term)?.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Patch Propose(InterchangeBatch batch, Random? coin = null)
    {
        bool training = coin is not null;
        (ConceptModule Module, Tensor Rows, Tensor Columns)[] groups =
        [
            .. Enumerable.Range(0, batch.Count).GroupBy(n => Concepts.IndexOf(batch.Concepts[n])).Select(group =>
            {
                Tensor rows = tensor(group.Select(n => (long)n).ToArray(), ScalarType.Int64, batch.BaseEntity.device);
                return (_modules[group.Key], rows, batch.BaseEntity.index_select(0, rows));
            }),
        ];
        return new Patch(EntitySwap.Weights(batch), (present, delta) =>
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor change = zeros_like(delta);
            foreach ((ConceptModule module, Tensor rows, Tensor columns) in groups)
            {
                // Only the entity's column: everywhere else the change is exactly 0.
                TensorIndex[] at = [TensorIndex.Tensor(rows), TensorIndex.Tensor(columns)];
                change.index_put_(module.Change(present.index(at), delta.index(at), training), at);
            }
            return change.MoveToOuterDisposeScope();
        });
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // A formatter may still read it after the tensors are released.
        _lastDimension = _modules.Max(m => m.Dimension);
        base.Dispose(disposing);
    }
}
