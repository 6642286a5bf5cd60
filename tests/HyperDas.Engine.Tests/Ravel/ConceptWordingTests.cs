using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Tokenization;
using HyperDas.Engine.Tokenization;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel;

public sealed class ConceptWordingTests
{
    private static readonly Tokenizer s_tokenizer = TinyTokenizer.Build([]);
    private static readonly RavelDomain s_domain = RavelDescriptionReaderTests.Read();
    private static readonly RavelBuildOptions s_options = new()
    {
        TrainPerAttribute = 200, ValPerAttribute = 20, TestPerAttribute = 20, Seed = 7, InstructionStyle = InstructionStyle.Descriptions,
        OpeningShare = 0,
    };

    [Fact]
    public void Words_change_no_pair()
    {
        RavelDataset one = Build(s_options with { InstructionStyle = InstructionStyle.Concept }), many = Build();

        Assert.Equal(one.Train.Select(Pair), many.Train.Select(Pair));
        Assert.Equal(one.Test.Select(Pair), many.Test.Take(one.Test.Count).Select(Pair));
    }

    [Fact]
    public void Training_draws_from_the_training_descriptions_in_any_case()
    {
        RavelExample[] country = [.. Build().Train.Where(e => e is { Attribute: "Country", Wording: RavelWording.Trained })];

        Assert.All(
            country, e => Assert.Contains(e.Instruction, (string[])["the country of a town", "nation"], StringComparer.OrdinalIgnoreCase));
        Assert.Superset(
            new HashSet<string> { "nation", "Nation", "NATION", "the country of a town" }, country.Select(e => e.Instruction).ToHashSet());
    }

    [Fact]
    public void What_has_no_descriptions_keeps_the_benchmarks_sentence_and_this_is_said_once()
    {
        Assert.All(
            Build().Train.Where(e => e is { Attribute: "Altitude", Wording: RavelWording.Trained }),
            e => Assert.Equal("the altitude of a town", e.Instruction, ignoreCase: true));
        Assert.StartsWith("Descriptions are missing for Altitude of town:", ConceptWording.Shortcoming([s_domain]));
        Assert.StartsWith("Descriptions are missing for town:", ConceptWording.Shortcoming([MiniRavel.Read()]));
        Assert.Null(ConceptWording.Shortcoming([s_domain with { Attributes = ["Country", "Language"] }]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.15)]
    [InlineData(1)]
    public void A_share_of_the_isolate_examples_describes_what_is_not_there(double share)
    {
        RavelDataset dataset = Build(s_options with { AbsentShare = share });

        RavelExample[] absent = [.. dataset.Train.Where(e => e.Wording == RavelWording.Absent)];
        Assert.InRange(absent.Length / 300.0, share - 0.06, share + 0.06);
        Assert.All(absent, e =>
        {
            Assert.Equal(RavelExampleKind.Isolate, e.Kind);
            Assert.Equal("a shoe size", e.Instruction, ignoreCase: true);
            Assert.Equal(e.BaseValue, e.Label);
        });
    }

    [Fact]
    public void A_share_of_what_is_not_there_comes_from_other_domains_unless_it_could_be_meant_of_the_own_one()
    {
        RavelDomain person = s_domain with
        {
            Name = "person",
            Descriptions =
            [
                new RavelDescription("the gender of a person", "Gender", RavelSplit.Train),
                new RavelDescription("a nation of a person", "Home", RavelSplit.Train),
                new RavelDescription("their nation", "Nation", RavelSplit.Train),
                new RavelDescription("the state", "Nation", RavelSplit.Train),
                new RavelDescription("somebody's height", "Height", RavelSplit.Test),
            ],
        };
        RavelDataset plain = Build(s_options with { InstructionStyle = InstructionStyle.Concept });

        string[] Absent(double share) =>
        [
            .. new ConceptWording([s_domain, person]).Describe(plain, absentShare: 1, share).Train
                .Where(e => e.Wording == RavelWording.Absent).Select(e => e.Instruction.ToLowerInvariant()),
        ];

        // "Their" is a word that no town has; "nation" and "state" describe towns, too, and the height is never trained on.
        Assert.Equal(["a nation of a person", "the gender of a person", "their nation"], Absent(1).Distinct().Order());
        Assert.InRange(Absent(0.5).Count(text => text == "a shoe size") / 300.0, 0.4, 0.6);
        Assert.Equal(["a shoe size"], Absent(0).Distinct());
        Assert.Equal(
            new ConceptWording([s_domain]).Describe(plain, 0.5).Train, new ConceptWording([s_domain, person]).Describe(plain, 0.5).Train);
    }

    [Fact]
    public void Openings_stand_around_training_descriptions_alone_and_leave_them_whole()
    {
        RavelDataset plain = Build(s_options with { InstructionStyle = InstructionStyle.Concept });
        RavelDataset Opened(double share) => new ConceptWording([s_domain]).Describe(plain, 0.5, openingShare: share);
        RavelDataset all = Opened(1), none = Opened(0);
        string[] texts = [.. none.Train.Select(e => e.Instruction.TrimEnd('?').ToLowerInvariant()).Distinct()];

        Assert.All(all.Train, e =>
        {
            string text = e.Instruction.ToLowerInvariant();
            Assert.Contains(texts, whole => text.Contains(whole, StringComparison.Ordinal) && text.TrimEnd('?') != whole);
        });
        // Some also name what isn't meant.
        RavelExample[] contrasts =
            [.. all.Train.Where(e => texts.Count(t => e.Instruction.Contains(t, StringComparison.OrdinalIgnoreCase)) > 1)];
        Assert.InRange(contrasts.Length, 1, all.Train.Count / 2);
        Assert.Equal(none.Val, all.Val);
        Assert.Equal(none.Test, all.Test);
        Assert.Equal(none.Train, new ConceptWording([s_domain]).Describe(plain, 0.5).Train);
        int opened = Opened(0.5).Train.Count(e => !texts.Contains(e.Instruction.TrimEnd('?').ToLowerInvariant()));
        Assert.InRange(opened / (double)all.Train.Count, 0.4, 0.6);
        Assert.True(all.Train.Select(e => e.Instruction).Distinct().Count() > 50);
    }

    [Fact]
    public void Test_has_each_pair_in_trained_words_in_unseen_words_and_about_what_is_not_there()
    {
        ILookup<RavelWording, RavelExample> test = Build().Test.ToLookup(e => e.Wording);

        Assert.Equal(
            (60, 20, 60), (test[RavelWording.Trained].Count(), test[RavelWording.Unseen].Count(), test[RavelWording.Absent].Count()));
        Assert.All(test[RavelWording.Unseen], e => Assert.Equal(("Country", "I need the state"), (e.Attribute, e.Instruction)));
        Assert.All(test[RavelWording.Absent], e => Assert.Equal("nothing", e.Instruction));
        Assert.Equal(test[RavelWording.Trained].Select(Pair), test[RavelWording.Absent].Select(Pair));
        // Validation has no absent descriptions to draw from.
        Assert.DoesNotContain(Build().Val, e => e.Wording == RavelWording.Absent);
    }

    [Fact]
    public void About_what_is_not_there_every_answer_must_stay()
    {
        RavelExample cause = Build().Test.First(e => e is { Kind: RavelExampleKind.Cause, Wording: RavelWording.Absent });

        Assert.Equal((cause.BaseValue, cause.BaseValue, false), (cause.Label, cause.GoldLabel, cause.MustChange));
        Assert.False(new RavelCollator(s_tokenizer).Tokenize(cause).IsCause);
    }

    [Fact]
    public void The_same_seed_gives_the_same_words_and_another_gives_others()
    {
        Assert.Equal(Build().Train, Build().Train);
        Assert.NotEqual(
            Build().Train.Select(e => e.Instruction), Build(s_options with { Seed = 8 }).Train.Select(e => e.Instruction));
    }

    [Fact]
    public void A_file_keeps_the_wording_and_files_of_before_have_the_trained_one()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "town.jsonl");
        RavelDataset dataset = Build();

        RavelDatasetFile.Write(dataset, path, DateTimeOffset.UnixEpoch);

        Assert.Equal(dataset.Test, RavelDatasetFile.Read(path).Test);
        Assert.DoesNotContain(
            "wording", File.ReadLines(path).ElementAt(1 + dataset.Train.ToList().FindIndex(e => e.Wording == RavelWording.Trained)));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.5)]
    [InlineData(double.NaN)]
    public void An_impossible_share_is_refused(double share)
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => Build(s_options with { AbsentShare = share }));

        Assert.Equal("DatasetOptionsInvalid", error.ErrorId);
        Assert.Contains("AbsentShare", error.Message);
    }

    private static (string, string, string, RavelExampleKind) Pair(RavelExample e) => (e.BasePrompt, e.SourcePrompt, e.Attribute, e.Kind);

    private static RavelDataset Build(RavelBuildOptions? options = null) =>
        RavelDatasetBuilder.Build([s_domain], s_tokenizer, new FactFilter(new FakeOracle()), options ?? s_options);
}
