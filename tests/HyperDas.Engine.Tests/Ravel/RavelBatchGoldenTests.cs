using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Golden;
using TorchSharp;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel;

public sealed class RavelBatchGoldenTests
{
    private const int PadId = 96;

    [Theory]
    [InlineData("hyperdas_reflect")]
    [InlineData("hyperdas_nosdpa_nopad")]
    public void Examples_without_padding_go_back_into_the_originals_batch(string name)
    {
        using GoldenHyperDas golden = new(name);
        using RavelBatch batch = new(golden.Examples(), PadId, padMultiple: 1, device: null);

        (string Name, torch.Tensor Actual)[] fields =
        [
            ("base_input_ids", batch.BaseIds), ("base_attention_mask", batch.BaseMask), ("base_intervention_mask", batch.BaseVisible),
            ("source_input_ids", batch.SourceIds), ("source_attention_mask", batch.SourceMask), ("source_intervention_mask", batch.SourceVisible),
            ("editor_input_ids", batch.InstructionIds), ("labels", batch.Labels),
            ("base_entity_position_ids", batch.BaseEntity), ("source_entity_position_ids", batch.SourceEntity),
        ];
        Assert.All(fields, field =>
        {
            using torch.Tensor expected = golden.Case["in/" + field.Name];
            Assert.Equal(expected.shape, field.Actual.shape);
            Assert.Equal(expected.data<long>().ToArray(), field.Actual.data<long>().ToArray());
        });
    }
}
