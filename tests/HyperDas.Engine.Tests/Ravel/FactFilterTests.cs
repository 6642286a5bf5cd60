using HyperDas.Engine.Ravel;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel;

public sealed class FactFilterTests
{
    private static readonly RavelDomain s_domain = MiniRavel.Read();

    [Fact]
    public void Every_fact_with_a_gold_value_is_asked_once()
    {
        FakeOracle oracle = new();
        FactFilter filter = new(oracle);

        filter.CheckAll(s_domain);
        filter.CheckAll(s_domain);

        // 3 attributes x 6 templates x 6 towns, without the empty language of one town.
        Assert.Equal(102, oracle.Asked.Count);
        Assert.Equal(102, oracle.Asked.Distinct().Count());
        Assert.Contains(new Fact("train: Vienna has the Country", "Austria"), oracle.Asked);
    }

    [Fact]
    public void Numbers_are_kept_for_each_attribute()
    {
        FactFilter filter = new(new FakeOracle(fact => fact.Label == "Austria"));

        filter.CheckAll(s_domain);

        Assert.Equal([new("town", "Country", 12, 36), new("town", "Language", 0, 30), new("town", "Altitude", 0, 36)], filter.Counts);
        Assert.Equal(100.0 / 3, filter.Counts[0].Percent, 1e-9);
    }

    [Fact]
    public void What_was_not_asked_or_has_no_gold_value_is_not_known()
    {
        FactFilter filter = new(new FakeOracle());
        RavelEntity unknown = s_domain.Entities.Single(entity => entity.Name == "rome");
        RavelTemplate language = s_domain.Templates.First(template => template.Attribute == "Language");

        Assert.False(filter.Knows(s_domain, s_domain.Entities[0], language));
        filter.CheckAll(s_domain);
        Assert.True(filter.Knows(s_domain, s_domain.Entities[0], language));
        Assert.False(filter.Knows(s_domain, unknown, language));
    }

    [Fact]
    public void Checking_can_be_cancelled()
    {
        FactFilter filter = new(new FakeOracle());

        Assert.Throws<OperationCanceledException>(() => filter.CheckAll(s_domain, null, new CancellationToken(canceled: true)));
        Assert.Empty(filter.Counts);
    }
}
