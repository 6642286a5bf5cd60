using System.Text.Json;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Golden;

/// <summary>A HyperDAS case: the original's batch as examples, and an interpreter with the original's parameters.</summary>
public sealed class GoldenHyperDas : IDisposable
{
    private readonly ActivationCache _cache;

    public GoldenHyperDas(string name, string parameters = "param/")
    {
        Case = GoldenCase.Open(name);
        Target = LanguageModel.Load(GoldenCase.FolderOf(Case.Manifest.GetProperty("target").GetString()!));
        JsonElement hyper = Case.Manifest.GetProperty("hyper");
        Interpreter = new HyperDasInterpreter(Target, OptionsOf(hyper), seed: 1);
        Interpreter.Parameters.Restore((tensor, _) => Case[parameters + tensor]);
        _cache = Interpreter.CreateCache();
    }

    public GoldenCase Case { get; }

    public LanguageModel Target { get; }

    public HyperDasInterpreter Interpreter { get; }

    public JsonElement Scalars => Case.Manifest.GetProperty("scalars");

    /// <summary>The original's left-padded tensors as examples without padding.</summary>
    public IReadOnlyList<TokenizedExample> Examples(string prefix = "in/") => GoldenExamples.Of(Case, prefix);

    public InterchangeBatch Batch(string prefix = "in/") =>
        new InterchangeBatchBuilder(Target, _cache, Interpreter.Layer, Interpreter.NormedLastLayerSource).Build(Examples(prefix));

    /// <summary>The original's <c>[batch, source + 1, base]</c> weights in our layout: visible tokens packed to the front.</summary>
    public Tensor Packed(Tensor original, InterchangeBatch batch, string prefix = "in/")
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor sourceVisible = Case[prefix + "source_intervention_mask"], baseVisible = Case[prefix + "base_intervention_mask"];
        long sources = batch.Source.Visible.shape[1], columns = batch.Base.Visible.shape[1];
        Tensor packed = zeros(batch.Count, sources + 1, columns);
        for (int n = 0; n < batch.Count; n++)
        {
            Tensor rows = sourceVisible[n].nonzero().view(-1), visible = baseVisible[n].nonzero().view(-1);
            Tensor block = original[n].index_select(1, visible);
            packed[n].narrow(0, 0, rows.shape[0]).narrow(1, 0, visible.shape[0]).copy_(block.index_select(0, rows));
            packed[n, sources].fill_(1);
            packed[n, sources].narrow(0, 0, visible.shape[0]).copy_(block[-1]);
        }
        return packed.MoveToOuterDisposeScope();
    }

    /// <summary>Rows of a left-padded <c>[batch, tokens, …]</c> tensor that hold real tokens, example by example.</summary>
    public Tensor RealRows(Tensor leftPadded, string prefix = "in/") =>
        leftPadded[Case[prefix + "base_attention_mask"].to_type(ScalarType.Bool)];

    public void Dispose()
    {
        _cache.Dispose();
        Interpreter.Dispose();
        Target.Dispose();
        Case.Dispose();
    }

    private static HypernetworkOptions OptionsOf(JsonElement hyper)
    {
        bool Flag(string name) => hyper.TryGetProperty(name, out JsonElement value) && value.ToString() == "True";
        return new HypernetworkOptions
        {
        Layer = hyper.GetProperty("intervention_layer").GetInt32(),
        Blocks = hyper.GetProperty("chop_editor_at_layer").GetInt32(),
        FeatureDimension = hyper.GetProperty("das_dimension").GetInt32(),
        SubspaceInner = hyper.GetProperty("das_inner_size").GetInt32(),
        Subspace = hyper.GetProperty("subspace_module").GetString() switch
        {
            "ReflectSelect" => SubspaceKind.Householder,
            "DAS" => SubspaceKind.LowRank,
            "MaskSelect" => SubspaceKind.Mask,
            "BoundlessDAS" => SubspaceKind.Boundless,
            _ => SubspaceKind.None,
        },
        AblateBaseAttention = Flag("ablate_base_token_attention"),
        AblateSourceAttention = Flag("ablate_source_token_attention"),
        Symmetric = Flag("break_asymmetric"),
        }.Faithful() with
        { BidirectionalUnpaddedInstructions = Flag("sdpa_quirk") };
    }
}
