using HyperDas.Engine.Tests.Reports;
using HyperDas.Engine.Training;
using Xunit;

namespace HyperDas.Engine.Tests.Training;

public class MetricsLogTests
{
    [Fact]
    public void What_was_written_is_read_again()
    {
        using TemporaryFolder folder = new();
        string file = Path.Combine(folder.Path, "new", "metrics.jsonl");
        TrainingStep[] steps = Samples.Steps(3);
        using (MetricsLog log = new(file))
        {
            Array.ForEach(steps, log.Write);
        }

        Assert.Equal(steps, MetricsLog.Read(file));
    }

    [Fact]
    public void A_last_line_that_was_cut_off_is_left_out()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("metrics.jsonl", """
            {"step":1,"epoch":0,"loss":2,"predictionLoss":2,"sparsityLoss":0,"gradientNorm":1,"learningRate":0.1}
            {"step":2,"epo
            """);

        Assert.Equal(2, Assert.Single(MetricsLog.Read(file)).Loss);
    }

    [Theory]
    [InlineData("{\"step\":1,\"epo\n{\"step\":2}\n")]
    [InlineData("{\"step\":1,\"epo\n")]
    [InlineData("null\n")]
    [InlineData("{\"step\":1,\"step\":2}\n")]
    public void Another_broken_line_is_an_error_that_names_it(string content)
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("metrics.jsonl", content);

        HyperDasException e = Assert.Throws<HyperDasException>(() => MetricsLog.Read(file));

        Assert.Equal("MetricsInvalid", e.ErrorId);
        Assert.Contains($"'{file}', line 1", e.Message);
    }
}
