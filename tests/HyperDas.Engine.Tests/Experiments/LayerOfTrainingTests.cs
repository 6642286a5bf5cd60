using System.Text.Json;
using HyperDas.Engine.Experiments.Layers;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Ravel;
using HyperDas.Engine.Training;
using Xunit;

namespace HyperDas.Engine.Tests.Experiments;

/// <summary>Finding the layer of a training whose model and examples are in memory.</summary>
public sealed class LayerOfTrainingTests
{
    [Fact]
    public void Short_trainings_draw_their_pairs_anew_as_the_whole_one_does()
    {
        using LanguageModel target = TinyLlama.CreateWithTokenizer();
        using TemporaryFolder folder = new();
        RavelDataset dataset = RavelDatasetBuilder.Build(
            [RavelDescriptionReaderTests.Read()], target.Tokenizer, new FactFilter(new FakeOracle()),
            new RavelBuildOptions
            {
                TrainPerAttribute = 12, ValPerAttribute = 4, TestPerAttribute = 0, Seed = 3,
                InstructionStyle = InstructionStyle.Descriptions,
            });
        TrainingRequest request = new(target, dataset, new MdasOptions { Layer = 0, FeatureDimension = 4 });
        request = request with { Options = request.Options with { Epochs = 6, BatchSize = 8, Seed = 5 } };

        Dictionary<string, string[]> anew = Find(true), rows = Find(false);

        Assert.Equal(rows.Keys, anew.Keys);
        int steps = anew.Values.Max(lines => lines.Length), perEpoch = anew.Values.First().TakeWhile(line => Epoch(line) < 1).Count();
        Assert.True(steps > perEpoch, $"{steps} steps of a short training are less than an epoch of {perEpoch}");
        Assert.All(anew.Where(run => run.Value.Length > perEpoch), run =>
        {
            Assert.Equal(rows[run.Key].Take(perEpoch), run.Value.Take(perEpoch));
            Assert.NotEqual(rows[run.Key][^1], run.Value[^1]);
        });

        static double Epoch(string line) => JsonDocument.Parse(line).RootElement.GetProperty("epoch").GetDouble();

        Dictionary<string, string[]> Find(bool drawAnew)
        {
            string place = Path.Combine(folder.Path, $"{drawAnew}");
            TrainingLayer.Find(
                request with { Options = request.Options with { DrawAnew = drawAnew } }, place, restart: false, null,
                CancellationToken.None);
            return Directory.GetFiles(place, "metrics.jsonl", SearchOption.AllDirectories)
                .ToDictionary(file => Path.GetRelativePath(place, file), File.ReadAllLines);
        }
    }
}
