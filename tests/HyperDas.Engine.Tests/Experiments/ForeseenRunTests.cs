using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Experiments.Runs;
using HyperDas.Engine.Tests.LanguageModels;
using Xunit;

namespace HyperDas.Engine.Tests.Experiments;

/// <summary>What a large target's hypernetwork will be is said before anything is loaded.</summary>
public sealed class ForeseenRunTests : IDisposable
{
    private static readonly ModelConfig s_large = TinyLlama.Config with
    {
        VocabularySize = 128256, HiddenSize = 4096, BlockCount = 32, HeadCount = 32, KeyValueHeadCount = 8,
        HeadWidth = 128, InnerWidth = 14336,
    };

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void That_it_is_compact_or_what_it_takes_otherwise()
    {
        s_large.Save(_folder.Path);

        (string? compact, string? noPrice) = Foresee();
        (string? notCompact, string? price) = Foresee("method.faithful=true");

        Assert.Contains("AdapterRank 128, SubspaceInner 2048, SubspaceSpan 1024", compact, StringComparison.Ordinal);
        Assert.Contains("GiB. With the compact defaults", price, StringComparison.Ordinal);
        Assert.Equal((null, null), (noPrice, notCompact));
    }

    [Fact]
    public void Nothing_where_there_is_nothing_to_say()
    {
        // There is no target yet, and running says so.
        Assert.Equal((null, null), Foresee());
        TinyLlama.Config.Save(_folder.Path);
        Assert.Equal((null, null), Foresee());
    }

    public void Dispose() => _folder.Dispose();

    private (string? Compact, string? Price) Foresee(params string[] set) => RunForesight.Of(
        Assert.Single(ExperimentFile.Read(ExperimentFile.Least, [$"target.path={_folder.Path}", .. set])), force: false);
}
