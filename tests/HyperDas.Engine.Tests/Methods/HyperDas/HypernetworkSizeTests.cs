using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Tests.LanguageModels;
using Xunit;

namespace HyperDas.Engine.Tests.Methods.HyperDas;

/// <summary>What is counted beforehand is what is there afterwards.</summary>
public sealed class HypernetworkSizeTests : IDisposable
{
    private readonly LanguageModel _target = TinyLlama.Create();

    public static TheoryData<HypernetworkOptions> Options()
    {
        HypernetworkOptions usual = new() { Layer = 2, FeatureDimension = 5, Reflections = 3, SubspaceInner = 11 };
        TheoryData<HypernetworkOptions> data =
        [
            usual with { Blocks = 1 },
            usual with { Blocks = 3, SubspaceInner = null },
            usual with { EndBias = true, Selection = SelectionScore.Bilinear },
            usual with { AblateBaseAttention = true },
            usual with { AblateBaseAttention = true, AblateSourceAttention = true },
            usual.Faithful(),
            usual with { AdapterRank = 3, Blocks = 3 },
            usual with { AdapterRank = 1, AblateSourceAttention = true, SubspaceInner = null },
            usual with { AdapterRank = 0 },
            usual with { HypernetworkWidth = 12 },
            usual with { SubspaceSpan = 7 },
            usual with { SubspaceSpan = 16, SubspaceInner = 1, Reflections = 1 },
            usual with { SubspaceSpan = 7, Subspace = SubspaceKind.Generated, HypernetworkWidth = 6 },
            usual with { SubspaceSpan = 0 },
            usual with { HypernetworkWidth = 6, SubspaceInner = null, Blocks = 3 },
        ];
        foreach (SubspaceKind kind in Enum.GetValues<SubspaceKind>())
        {
            data.Add(usual with { Subspace = kind });
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void The_count_is_that_of_the_interpreter(HypernetworkOptions options)
    {
        using HyperDasInterpreter interpreter = new(_target, options, seed: 1);

        HypernetworkSize size = HypernetworkSize.Of(HypernetworkShape.Of(_target.Config, options), options);

        Assert.Equal(interpreter.ParameterCount, size.Total);
        Assert.Equal(interpreter.Parameters.Parameters.Max(p => p.Value.numel()), size.Largest);
    }

    public void Dispose() => _target.Dispose();
}
