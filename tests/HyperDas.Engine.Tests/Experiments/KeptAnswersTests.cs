using HyperDas.Engine.Experiments.Plans;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Ravel.Instances;
using Xunit;

namespace HyperDas.Engine.Tests.Experiments;

public sealed class KeptAnswersTests
{
    private static readonly Fact[] s_facts =
        [new("Paris is in", " France"), new("Paris is in", " \"Asia\"\n"), new("Wien liegt in", " Österreich")];

    [Fact]
    public void What_a_file_holds_is_not_asked_again()
    {
        using TemporaryFolder folder = new();
        string file = Path.Combine(folder.Path, "answers", "a.jsonl");
        Model model = new();
        KeptAnswers first = new(model, model);
        bool[] known = first.Knows(s_facts);
        Completion?[] said = first.Complete(["Paris", "a prompt that is too long"]);
        first.Write(file);

        KeptAnswers second = new(new Model(), new Model());
        second.Read(file);

        Assert.Equal([true, false, true], known);
        Assert.Equal(known, second.Knows(s_facts));
        Assert.Equal(said, second.Complete(["Paris", "a prompt that is too long"]));
        Assert.Null(said[1]);
        Assert.Equal((5, 0), (first.Asked, second.Asked));
        Assert.Equal([true, true], second.Knows([s_facts[0], new("Oslo is in", " Norway")]));
        Assert.Equal(1, second.Asked);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"prompt\":\"a\"")]
    public void A_damaged_file_is_named_with_its_line(string line)
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("a.jsonl", line);
        Model model = new();

        HyperDasException error = Assert.Throws<HyperDasException>(() => new KeptAnswers(model, model).Read(file));

        Assert.Equal("AnswersCorrupt", error.ErrorId);
        Assert.Contains(file + "', line 1", error.Message, StringComparison.Ordinal);
    }

    private sealed class Model : IFactOracle, ICompletionSource
    {
        public bool[] Knows(IReadOnlyList<Fact> facts, CancellationToken cancellationToken = default) =>
            [.. facts.Select(f => !f.Label.Contains("Asia", StringComparison.Ordinal))];

        public Completion?[] Complete(
            IReadOnlyList<string> prompts, IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default) =>
            [.. prompts.Select(p => p.Length > 10 ? (Completion?)null : new Completion(p + "!", true))];
    }
}
