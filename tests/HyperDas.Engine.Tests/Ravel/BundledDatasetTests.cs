using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tokenization;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel;

/// <summary>The bundled benchmark through the engine's own reader, tokenizer trainer and builder.</summary>
public sealed class BundledDatasetTests
{
    private static readonly string s_folder = Path.Combine(SharedData.RepositoryRoot(), "examples", "data", "ravel-mini");
    private static readonly Lazy<Tokenizer> s_tokenizer = new(TrainTokenizer);

    public static TheoryData<string> Domains => [.. RavelReader.Domains(s_folder)];

    [Theory]
    [MemberData(nameof(Domains))]
    public void Every_domain_gives_a_dataset_of_the_default_size_within_the_default_length(string name)
    {
        RavelDomain domain = RavelReader.Read(s_folder, name);
        RavelBuildOptions options = new();

        RavelDataset dataset = RavelDatasetBuilder.Build([domain], s_tokenizer.Value, new FactFilter(new FakeOracle()), options);

        Assert.Equal(domain.Attributes.Count * options.TrainPerAttribute, dataset.Train.Count);
        // Each pair in words of the training, in unseen ones, and about something absent.
        Assert.Equal(3 * domain.Attributes.Count * options.TestPerAttribute, dataset.Test.Count);
        Assert.Equal(0, dataset.Counts.SkippedTooLong);
        Assert.Empty(dataset.Train.Select(example => example.BaseTemplate).Intersect(dataset.Test.Select(example => example.BaseTemplate)));
    }

    [Fact]
    public void Visible_tokens_end_with_the_entity_in_every_example()
    {
        RavelDomain domain = RavelReader.Read(s_folder, "nobel_prize_winner");
        RavelDataset dataset = RavelDatasetBuilder.Build(
            [domain], s_tokenizer.Value, new FactFilter(new FakeOracle()), new RavelBuildOptions());
        RavelCollator collator = new(s_tokenizer.Value);

        Assert.All(collator.TokenizeUsable(dataset.Test), pair =>
        {
            string visible = s_tokenizer.Value.Decode(pair.Tokens.BaseIds[..pair.Tokens.BaseVisible]);
            Assert.StartsWith(pair.Example.BasePrefix, visible);
            Assert.StartsWith(visible, pair.Example.BasePrompt);
            Assert.Equal(pair.Example.Label, s_tokenizer.Value.Decode(pair.Tokens.BaseIds[pair.Tokens.PromptLength..]).Trim());
        });
    }

    private static Tokenizer TrainTokenizer()
    {
        using TemporaryFolder folder = new();
        IEnumerable<string> texts = RavelReader.Domains(s_folder).Select(name => RavelReader.Read(s_folder, name)).SelectMany(domain =>
            domain.Templates.SelectMany(template => domain.Entities.Where((_, i) => i % 10 == 0).Select(entity =>
                template.Text.Replace(TemplateSlot.Mark, entity.Name) + " " + entity.Values.GetValueOrDefault(template.Attribute))));
        BpeTrainer.Train(texts, 2560).Save(folder.Path);
        return Tokenizer.Load(folder.Path);
    }
}
