using System.Diagnostics;
using HyperDas.Engine.Tokenization;
using Xunit;
using Xunit.Abstractions;

namespace HyperDas.Engine.Tests.Tokenization;

public sealed class BpeTrainerTests(ITestOutputHelper output)
{
    private static readonly string[] s_texts =
        ["Vienna is in Austria. Vienna is old.", "Paris is in France.", "Wien, Vienna, Vienne: 1234 and 12345", "naïve Zürich 東京"];

    [Fact]
    public void Frequent_words_become_single_tokens_and_rare_ones_stay_bytes()
    {
        Tokenizer tokenizer = Trained(s_texts, 300);

        Assert.Equal([" is", " in"], tokenizer.Encode(" is in").Select(tokenizer.TokenText));
        Assert.Equal(6, tokenizer.Encode("東京").Length);
    }

    [Fact]
    public void The_most_frequent_pair_is_merged_first_and_ties_go_to_the_smaller_bytes()
    {
        Tokenizer tokenizer = Trained(["cd", "cd", "ab", "ab", "ef", "ef", "ef"], 260);

        Assert.Equal(["ef", "ab"], [tokenizer.TokenText(256), tokenizer.TokenText(257)]);
    }

    [Fact]
    public void Numbers_split_into_at_most_three_digits()
    {
        Tokenizer tokenizer = Trained([string.Concat(Enumerable.Repeat("123456 ", 50))], 400);

        Assert.Equal(["123", "456"], tokenizer.Encode("123456").Select(tokenizer.TokenText));
    }

    [Fact]
    public void Special_tokens_come_last_and_are_found_again()
    {
        TrainedBpe trained = BpeTrainer.Train(s_texts, 270);
        Tokenizer tokenizer = Reloaded(trained);

        Assert.Equal((trained.BosId, trained.EosId), (tokenizer.BosId, tokenizer.EosId));
        Assert.Equal(trained.VocabularySize, tokenizer.VocabularySize);
        Assert.Equal(270, trained.VocabularySize);
        Assert.Equal(tokenizer.VocabularySize - 1, tokenizer.EosId);
    }

    [Fact]
    public void Pairs_that_occur_once_are_not_merged()
    {
        Assert.Equal(BpeTrainer.SmallestVocabulary, BpeTrainer.Train(["abc"], 300).VocabularySize);
    }

    [Fact]
    public void Repeated_letters_merge_from_the_left()
    {
        Tokenizer tokenizer = Trained(["aaa aaa aaa"], 259);

        Assert.Equal(["aa", "a"], tokenizer.Encode("aaa").Select(tokenizer.TokenText));
    }

    [Fact]
    public void The_same_texts_give_the_same_file()
    {
        Assert.Equal(Trained(s_texts, 270).Fingerprint, Trained(s_texts, 270).Fingerprint);
        Assert.NotEqual(Trained(s_texts, 270).Fingerprint, Trained(s_texts, 269).Fingerprint);
    }

    [Fact]
    public void A_vocabulary_below_the_bytes_is_refused()
    {
        Assert.Equal("VocabularySizeInvalid", Assert.Throws<HyperDasException>(() => BpeTrainer.Train(s_texts, 257)).ErrorId);
    }

    [Fact]
    public void Training_can_be_cancelled()
    {
        Assert.Throws<OperationCanceledException>(() => BpeTrainer.Train(s_texts, 300, new CancellationToken(canceled: true)));
    }

    [SkippableFact]
    public void A_vocabulary_of_2560_over_a_megabyte_of_prompts_round_trips()
    {
        string[] texts =
        [
            .. Directory.GetFiles(SharedData.Require("data", "ravel"), "*_prompt*.json").Order(StringComparer.Ordinal)
                .SelectMany(File.ReadLines)
        ];
        Stopwatch watch = Stopwatch.StartNew();

        TrainedBpe trained = BpeTrainer.Train(texts, 2560);
        output.WriteLine($"{texts.Sum(text => text.Length) / 1e6:F2} million characters in {watch.ElapsedMilliseconds} ms");
        Tokenizer tokenizer = Reloaded(trained);

        Assert.Equal(2560, tokenizer.VocabularySize);
        Assert.All(texts.Take(200), text => Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text))));
    }

    private static Tokenizer Trained(string[] texts, int size) => Reloaded(BpeTrainer.Train(texts, size));

    private static Tokenizer Reloaded(TrainedBpe trained)
    {
        using TemporaryFolder folder = new();
        trained.Save(folder.Path);
        return Tokenizer.Load(folder.Path);
    }
}
