using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Numerics.Kernels;
using HyperDas.Engine.Tests.Golden;
using HyperDas.Engine.Tests.Methods;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.LanguageModels;

/// <summary>Texts of different lengths without padding, on a model of every family: windows, norms and positions as with it.</summary>
public sealed class PackedFamilyTests
{
    public static TheoryData<string> Cases() => GoldenModels.With();

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void Texts_without_padding_change_neither_values_nor_gradients(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModel model = FamilyModels.Create(name);
        int[][] texts = [[.. Enumerable.Range(3, 14)], [9, 5, 4], [7, 8, 12, 13, 3, 6, 5]];
        (Tensor ids, Tensor mask) = TinyLlama.Batch(left: false, texts);
        BlockContext context = model.CreateContext(mask);
        TokenPacking packing = new(texts.Select(t => t.Length));
        Skip.IfNot(context.CanPack(packing, model.Config.HeadWidth), "its heads or scores don't allow it: padding is computed");
        BlockContext packed = context.Pack(packing);
        Tensor columns = tensor(new long[] { 13, 12, 2, 1, 6, 3 }).view(3, 2);
        Tensor start = model.RunBlocks(model.Embed(ids, context), 0, 1, context).detach();

        (Tensor expected, Tensor whole) = Run(null);
        (Tensor found, Tensor gradient) = Run(packed);

        GoldenCase.AssertClose(expected, found, 1e-5 * Math.Max(1, expected.abs().max().item<float>()), "values");
        GoldenCase.AssertClose(whole, gradient, 1e-5 * Math.Max(1, whole.abs().max().item<float>()), "gradient");

        (Tensor Value, Tensor Gradient) Run(BlockContext? without)
        {
            Tensor hidden = start.clone().requires_grad_();
            Tensor some = model.RunBlocksAt(hidden, 1, context, columns, 0, recompute: false, without);
            OwnGradient.Backward(some.square().sum());
            return (some, hidden.grad!);
        }
    }
}
