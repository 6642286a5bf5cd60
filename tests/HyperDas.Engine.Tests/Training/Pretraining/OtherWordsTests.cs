using System.Text.RegularExpressions;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.Ravel;
using HyperDas.Engine.Tokenization;
using HyperDas.Engine.Training.Pretraining;
using Xunit;

namespace HyperDas.Engine.Tests.Training.Pretraining;

public class OtherWordsTests
{
    private static readonly Regex s_notWords = new("[^a-z0-9 ]");

    public static TheoryData<string> Domains => ["city", "nobel_prize_winner", "occupation", "physical_object", "verb"];

    [Theory]
    [MemberData(nameof(Domains))]
    public void Every_attribute_of_a_bundled_domain_has_other_words(string domain)
    {
        RavelDomain read = Read(domain);
        IReadOnlyDictionary<string, OtherWords> words = OtherWords.For(read);

        Assert.Equal(read.Attributes.Order(), words.Keys.Order());
        Assert.All(words.Values, w => Assert.All(w.Sentences, s => Assert.Equal(2, s.Split("%s").Length)));
        Assert.All(words.Values, w => Assert.True(w.Words.Count >= 10 && w.Phrases.Count >= 20 && w.Sentences.Count >= 8));
    }

    // What interpreters are validated and tested with must be new to their target, too.
    [Theory]
    [MemberData(nameof(Domains))]
    public void No_held_out_description_or_template_is_among_them(string domain)
    {
        RavelDomain read = Read(domain);
        OtherWords[] words = [.. OtherWords.For(read).Values];
        HashSet<string> phrases = [.. words.SelectMany(w => w.Words.Concat(w.Phrases)).Concat(OtherWords.ElsewhereUsed.Keys).Select(Bare)];
        string[] templates = [.. read.Templates.Where(t => t.Split != RavelSplit.Train).Select(t => t.Text)];

        Assert.All(read.Descriptions.Where(d => d.Split != RavelSplit.Train), d => Assert.DoesNotContain(Bare(d.Text), phrases));
        Assert.All(words.SelectMany(w => w.Sentences), sentence => Assert.DoesNotContain(
            templates, t => t.StartsWith(sentence, StringComparison.Ordinal) || sentence.StartsWith(t, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_domain_that_is_not_bundled_has_none()
    {
        Assert.Empty(OtherWords.For(MiniRavel.Read()));
        Assert.Empty(OtherWords.For(MiniRavel.Read() with { Name = "general" }));
    }

    [Fact]
    public void A_phrase_begins_with_a_capital_where_its_frame_does()
    {
        Assert.Equal(
            ["%s, which tongue:", "%s. Which tongue:"], OtherWords.Frames.Take(2).Select(frame => OtherWords.Fill(frame, "which tongue")));
    }

    [Fact]
    public void The_corpus_asks_in_them_and_says_what_they_mean_unless_told_not_to()
    {
        RavelDomain city = Read("city");
        city = city with { Entities = [.. city.Entities.Take(4)] };
        PretrainingTextEncoder encoder = new(
            Tokenizer.Load(Path.Combine(SharedData.RepositoryRoot(), "tests", "Fixtures", "mini-llama-2026-11")));

        PretrainingText[] with =
            Epoch(new PretrainingOptions { WordingsPerFact = 2 }), without = Epoch(new PretrainingOptions { WordingsPerFact = 0 });

        Assert.DoesNotContain(without, text => text.Mention.Domain != city);
        PretrainingText[] definitions = [.. with.Where(text => text.Mention.Domain != city)];
        Assert.All(definitions, text => Assert.True(text.HasValue && text.Mention.Attribute < 0));
        Assert.Contains(definitions, text => text.Mention.Entity.Name == "tongue");
        Assert.Equal(2 * 4 * city.Attributes.Count, with.Length - definitions.Length - without.Length);

        PretrainingText[] Epoch(PretrainingOptions options) =>
            new PretrainingCorpus([city], options with { DistractorShare = 0 }, encoder).Epoch(new SeededRandom(1, "test"));
    }

    private static RavelDomain Read(string domain) =>
        RavelReader.Read(Path.Combine(SharedData.RepositoryRoot(), "examples", "data", "ravel-mini"), domain);

    private static string Bare(string text) =>
        string.Join(' ', s_notWords.Replace(text.ToLowerInvariant(), " ").Split(' ',
            StringSplitOptions.RemoveEmptyEntries).Where(w => w is not ("the" or "a" or "an")));
}
