using HyperDas.Engine.Experiments;
using Xunit;

namespace HyperDas.Engine.Tests.Experiments;

public sealed class ExperimentPathsTests
{
    private static readonly string s_home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    [Fact]
    public void A_tilde_at_the_beginning_is_the_home_folder()
    {
        Assert.Equal(Path.Combine(s_home, "models/mini"), ExperimentPaths.FromHome("~/models/mini"));
        Assert.Equal(Path.Combine(s_home, "mini"), ExperimentPaths.FromHome("~\\mini"));
        Assert.Equal(s_home, Path.TrimEndingDirectorySeparator(ExperimentPaths.FromHome("~")));
    }

    [Theory]
    [InlineData("~mini")]
    [InlineData("a/~/b")]
    [InlineData("mini~")]
    [InlineData("")]
    public void Any_other_tilde_is_a_letter(string path) => Assert.Equal(path, ExperimentPaths.FromHome(path));
}
