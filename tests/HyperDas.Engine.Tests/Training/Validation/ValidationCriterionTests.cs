using HyperDas.Engine.Training.Validation;
using Xunit;

namespace HyperDas.Engine.Tests.Training.Validation;

public sealed class ValidationCriterionTests
{
    [Theory]
    // Worked out by hand: the mean is 70, the lowest 50 and, drawn towards the mean, 60, 66 and 69.
    [InlineData(16, 65)]
    [InlineData(4, 68)]
    [InlineData(304, 60.5)]
    public void The_worst_attribute_counts_as_far_as_its_rows_support_it(int rows, double expected)
    {
        Assert.Equal(expected, ValidationCriterion.Of([(80, rows), (80, rows), (50, rows)]), 9);
    }

    [Fact]
    public void A_loss_that_few_rows_can_show_by_chance_does_not_outweigh_a_better_mean()
    {
        // All attributes are four points better except one of 21, which is seven points worse: with ten rows that's less than one row.
        (double, int)[] Better(int rows) => [.. Enumerable.Repeat((79.0, rows), 20), (68.0, rows)];

        Assert.True(ValidationCriterion.Of(Better(10)) > 75);
        Assert.True(ValidationCriterion.Of(Better(1000)) < 75);
    }

    [Fact]
    public void Equal_attributes_count_as_they_are()
    {
        Assert.Equal(42, ValidationCriterion.Of([(42, 1), (42, 100)]), 9);
    }
}
