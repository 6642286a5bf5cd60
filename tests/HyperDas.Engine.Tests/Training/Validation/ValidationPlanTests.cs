using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training.Validation;
using Xunit;

namespace HyperDas.Engine.Tests.Training.Validation;

public sealed class ValidationPlanTests
{
    private static readonly (RavelExample, TokenizedExample)[] s_rows =
    [
        .. Enum.GetValues<RavelWording>()
            .SelectMany(wording => Enum.GetValues<RavelExampleKind>().SelectMany(kind => Enumerable.Range(0, 200).Select(i =>
            (Ravel.Examples.Of("x| is", "y", kind: kind) with { Wording = wording, BaseEntity = $"{i}" },
                Ravel.Examples.Ids([1, 2, 3], 1, 1, [1, 2], 1, [1]))))),
    ];

    [Theory]
    [InlineData(4500, 32, 0.1)]
    [InlineData(1128, 32, 0.1)]
    [InlineData(1128, 16, 0.05)]
    [InlineData(100_000, 8, 0.2)]
    public void The_rows_scored_cost_no_more_than_their_share(int steps, int batch, double share)
    {
        ValidationPlan plan = ValidationPlan.Of(
            s_rows, new TrainingOptions { BatchSize = batch, ValidationShare = share }, examples: 24_000, steps);

        Assert.InRange(plan.Every, 25, steps / 2);
        Assert.InRange(plan.Rows.Count, 200, s_rows.Length);
        // A row scored costs a third of an example trained.
        Assert.True(plan.Rows.Count / 3.0 <= plan.Every * batch * share);
    }

    [Fact]
    public void Few_rows_are_some_of_each_wording_and_kind()
    {
        ValidationPlan plan = ValidationPlan.Of(
            s_rows, new TrainingOptions { BatchSize = 4, ValidateEvery = 10 }, examples: 1000, steps: 1000);

        Assert.Equal((10, 12), (plan.Every, plan.Rows.Count));
        Assert.All(plan.Rows.GroupBy(row => (row.Example.Wording, row.Example.Kind)), group => Assert.Equal(2, group.Count()));
    }

    [Theory]
    [InlineData(0, null, 1000)]
    [InlineData(1200, 0, 1000)]
    [InlineData(1200, null, 40)]
    public void Nothing_is_looked_at_without_rows_by_wish_or_where_there_is_nothing_to_choose_from(int rows, int? every, int steps)
    {
        ValidationPlan plan = ValidationPlan.Of(s_rows[..rows], new TrainingOptions { ValidateEvery = every }, examples: 1000, steps);

        Assert.Equal((0, 0), (plan.Every, plan.Rows.Count));
        Assert.False(plan.IsDue(steps, steps));
    }

    [Fact]
    public void A_look_is_due_every_so_many_steps_and_at_the_end()
    {
        ValidationPlan plan = ValidationPlan.Of(s_rows, new TrainingOptions { ValidateEvery = 4 }, examples: 100, steps: 10);

        Assert.Equal([4, 8, 10], Enumerable.Range(1, 10).Where(step => plan.IsDue(step, 10)));
    }
}
