using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Golden;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Methods;
using HyperDas.Engine.Training;
using HyperDas.Reference;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Reference;

/// <summary>One interpreter, one batch, computed by the engine and as the original does; what both give must be equal.</summary>
internal sealed class BothPaths : IDisposable
{
    private const double CauseWeight = 3.5, IsolateWeight = 0.5, SparsityWeight = 0.7;
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly LanguageModel _target = TinyLlama.Create();
    private readonly HyperDasInterpreter _interpreter;
    private readonly ReferencePath _reference;
    private readonly InterchangeBatch _batch;
    private readonly ReferenceBatch _naive;

    internal BothPaths(HypernetworkOptions options, TokenizedExample[] examples, PaddingSide? side = null, int multiple = 1)
    {
        _interpreter = TinyInterpreter.Create(_target, options);
        _reference = new ReferencePath(_interpreter);
        using ActivationCache cache = _interpreter.CreateCache();
        _batch = new InterchangeBatchBuilder(_target, cache, options.Layer, options.NormedLastLayerSource, multiple).Build(examples);
        _naive = ReferenceBatch.Of(examples, side ?? (options.PaddedSelfPositions ? PaddingSide.Left : PaddingSide.Right), CPU);
    }

    /// <summary>Weights, losses, label logits and all gradients of the soft mode, within the tolerances of the golden numbers.</summary>
    internal void AssertEqual()
    {
        ReferenceOutcome expected = _reference.Forward(_naive, SelectionMode.Soft, CauseWeight, IsolateWeight);
        (expected.Prediction + (expected.Sparsity * SparsityWeight)).backward();

        Patch patch = _interpreter.Propose(_batch);
        Tensor logits = _interpreter.LabelLogits(_batch, Interpreter.Edit(_batch, patch, SelectionMode.Soft));
        Tensor omega = tensor(_batch.LabelExamples.Select(n => (float)(_batch.IsCause[n] ? CauseWeight : IsolateWeight)).ToArray());
        Tensor prediction = Losses.Prediction(logits, _batch.Labels, omega), sparsity = Losses.Sparsity(patch.Weights);
        (prediction + (sparsity * SparsityWeight)).backward();

        GoldenCase.AssertClose(Packed(expected.Weights), patch.Weights, 1e-5, "selection weights");
        GoldenCase.AssertClose(LabelRows(expected.Logits), logits, 1e-4, "label logits");
        Assert.Equal(expected.Prediction.item<float>(), prediction.item<float>(), 1e-5);
        Assert.Equal(expected.Sparsity.item<float>(), sparsity.item<float>(), 1e-5);
        AssertGradientsEqual();
    }

    /// <summary>Applied weights and label logits of a selection mode.</summary>
    internal void AssertEqual(SelectionMode mode)
    {
        using IDisposable frozen = no_grad();
        ReferenceOutcome expected = _reference.Forward(_naive, mode);
        Tensor edited = Interpreter.Edit(_batch, _interpreter.Propose(_batch), mode);
        GoldenCase.AssertClose(LabelRows(expected.Logits), _interpreter.LabelLogits(_batch, edited), 1e-4, $"label logits, {mode}");
    }

    /// <summary>
    /// How far the soft patch moves the logits that are compared: equality of two paths that do nothing would prove nothing.
    /// </summary>
    internal double Effect()
    {
        using IDisposable frozen = no_grad();
        Tensor edited = Interpreter.Edit(_batch, _interpreter.Propose(_batch), SelectionMode.Soft);
        return (_interpreter.LabelLogits(_batch, edited) - _interpreter.LabelLogits(_batch, _batch.BaseHidden)).abs().max().item<float>();
    }

    public void Dispose()
    {
        _scope.Dispose();
        _reference.Dispose();
        _interpreter.Dispose();
        _target.Dispose();
    }

    private void AssertGradientsEqual()
    {
        IReadOnlyList<KeyValuePair<string, Tensor>> gradients = _interpreter.Parameters.Gradients();
        Assert.Equal(_reference.Parameters.Trained, gradients.Select(g => g.Key));
        // A parameter's gradient may be the small difference of large sums (the temperature's is), so what it can
        // be off by depends on those, too.
        double largest = gradients.Max(g => Expected(g).abs().max().item<float>());
        foreach (KeyValuePair<string, Tensor> gradient in gradients)
        {
            Tensor expected = Expected(gradient);
            GoldenCase.AssertWithin(expected, gradient.Value, (1e-4 * expected.abs().max().item<float>()) + (1e-6 * largest) + 1e-8,
                $"gradient of {gradient.Key}");
        }

        Tensor Expected(KeyValuePair<string, Tensor> gradient) => _reference.Parameters[gradient.Key].grad ?? zeros_like(gradient.Value);
    }

    private Tensor LabelRows(Tensor logits)
    {
        Tensor flat = logits.view(-1, logits.shape[2]);
        return flat.index_select(0, (_naive.Labels.view(-1) != -100).nonzero().view(-1) - 1);
    }

    /// <summary>Padded weights with visible tokens packed to the front; beyond them "no intervention".</summary>
    private Tensor Packed(Tensor padded)
    {
        Tensor packed = zeros([_batch.Count, _batch.Source.Visible.shape[1] + 1, _batch.Base.Visible.shape[1]]);
        packed.select(1, -1).fill_(1);
        for (int n = 0; n < _batch.Count; n++)
        {
            Tensor rows = _naive.Source.Visible[n].nonzero().view(-1), columns = _naive.Base.Visible[n].nonzero().view(-1);
            Tensor block = padded[n].detach().index_select(1, columns);
            packed[n].narrow(1, 0, columns.shape[0]).narrow(0, 0, rows.shape[0]).copy_(block.index_select(0, rows));
            packed[n, -1].narrow(0, 0, columns.shape[0]).copy_(block[-1]);
        }
        return packed;
    }
}
