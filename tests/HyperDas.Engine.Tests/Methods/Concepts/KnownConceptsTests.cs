using System.Text.Json;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.Concepts;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Ravel;
using HyperDas.Engine.Tests.Tokenization;
using Xunit;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Methods.Concepts;

/// <summary>How near words are to known concepts, measured on descriptions that were written for this test and chose nothing.</summary>
public sealed class KnownConceptsTests(ITestOutputHelper output) : IDisposable
{
    private static readonly string s_root = SharedData.RepositoryRoot();
    private static readonly string s_ravel = Path.Combine(s_root, "examples", "data", "ravel-mini");
    private static readonly RavelDomain[] s_domains = [.. RavelReader.Domains(s_ravel).Select(domain => RavelReader.Read(s_ravel, domain))];
    private static readonly RavelDescription[] s_trained =
        [.. s_domains[0].Descriptions.Where(d => d.Split == RavelSplit.Train && d.Attribute is not null)];

    // Of a thing it isn't known, of a city it is.
    private const string OfOther = "the country it comes from";

    private const string Begin = "{\"formatVersion\": 1, \"domains\": [";
    private const string City = "{\"domain\": \"city\", \"attributes\": {\"Country\": [\"a\"]}, \"absent\": ";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    [Trait("Lane", "Second")]
    public void The_ready_interpreter_tells_fresh_descriptions_apart()
    {
        using LanguageModel target = Bundled();
        using Interpreter ready = InterpreterStore.Load(Path.Combine(s_root, "examples", "models", "mini-llama-interpreter"), target);
        (Fresh, ConceptNearness)[] all = [.. Read().Where(f => f.Text != OfOther).Select(f => (f, ready.Nearness(f.Text)!))];

        Assert.Empty(all.Select(d => d.Item1.Text).Intersect(ready.Known!.Classifier!.Texts, StringComparer.OrdinalIgnoreCase));
        // Measured: 0.89 and 0.01 (docs/methods.md); some lie so close to the limit that another processor may see them on its other side.
        Assert.InRange(Flagged(all, absent: true), 0.85, 1);
        Assert.InRange(Flagged(all, absent: false), 0, 0.08);
        (Fresh Description, ConceptNearness Near)[] known = [.. all.Where(f => f.Item1.Concept is not null)];
        Assert.InRange(known.Count(d => d.Description.Concept == d.Near.Concept), known.Length * 0.9, known.Length);
    }

    [Fact]
    [Trait("Lane", "Second")]
    public void So_does_an_interpreter_of_one_domain()
    {
        using LanguageModel target = Bundled();
        KnownConcepts known = KnownConceptsBuilder.Of(Dataset([s_domains[0]], 2), target)!;
        (Fresh, ConceptNearness)[] fresh = [.. Read().Where(f => f.Domain == "city").Select(f => (f, known.Near(f.Text, target)))];

        Assert.InRange(Flagged(fresh, absent: true), 0.75, 1);
        Assert.InRange(Flagged(fresh, absent: false), 0, 0.15);
    }

    [Fact]
    public void Trained_descriptions_are_near_and_signs_are_outside()
    {
        using LanguageModel target = Bundled();
        using Interpreter ready = InterpreterStore.Load(Path.Combine(s_root, "examples", "models", "mini-llama-interpreter"), target);
        // The classifier is fitted to a part of a concept's descriptions.
        HashSet<string> fitted = new(ready.Known!.Classifier!.Texts, StringComparer.OrdinalIgnoreCase);
        ILookup<bool, RavelDescription> some = s_trained.Where((_, i) => i % 5 == 0).ToLookup(d => fitted.Contains(d.Text));

        // Words without their order can't tell "not its continent but the state it belongs to".
        Assert.InRange(Share(some[true], IsRight), 0.98, 1);
        Assert.InRange(Share(some[true], IsOutside), 0, 0.01);
        Assert.InRange(Share(some[false], IsRight), 0.8, 1);
        Assert.InRange(Share(some[false], IsOutside), 0, 0.15);
        Assert.Equal(1, ready.Nearness("?!")!.Distance);
        Assert.InRange(ready.Nearness(string.Concat(Enumerable.Repeat("the lake ", 2000)))!.Distance!.Value, 0, 1);

        bool IsRight(RavelDescription d) => ready.Nearness(d.Text)!.Concept == new ConceptKey("city", d.Attribute!);
        bool IsOutside(RavelDescription d) => ready.Nearness(d.Text)!.IsOutside;
        double Share(IEnumerable<RavelDescription> all, Func<RavelDescription, bool> what)
        {
            double share = all.Count(what) / (double)all.Count();
            output.WriteLine($"{share:P1} of {all.Count()}");
            return share;
        }
    }

    [Fact]
    public void With_one_description_of_each_there_is_a_nearest_concept_and_no_distance()
    {
        using LanguageModel target = TinyLlama.CreateWithTokenizer();
        RavelDataset dataset = Dataset([s_domains[0]], 2, InstructionStyle.Concept);
        KnownConcepts known = KnownConceptsBuilder.Of(dataset, target)!;

        ConceptNearness near = known.Near("which country is it in", target);
        Assert.Equal(("Country", null, false), (near.Concept.Attribute, near.Distance, near.IsOutside));
        Assert.Null(KnownConceptsBuilder.Of(dataset with { Train = [] }, target));
    }

    [Fact]
    public void A_target_that_reads_nothing_leaves_the_nearest_concept_without_a_distance()
    {
        using LanguageModel target = TinyLlama.CreateWithTokenizer();
        KnownConcepts known = KnownConceptsBuilder.Of(Dataset([s_domains[0]], 2), target, reads: false)!;

        ConceptNearness near = known.Near("which country is it in", target);
        Assert.Equal(("Country", null, false), (near.Concept.Attribute, near.Distance, near.IsOutside));
    }

    [Fact]
    public void An_interpreter_keeps_them_and_an_older_one_opens_without()
    {
        using LanguageModel target = TinyLlama.CreateWithTokenizer();
        using HyperDasInterpreter interpreter = new(
            target, new HypernetworkOptions { Layer = 2, FeatureDimension = 4, Reflections = 2, SubspaceInner = 20 }, seed: 1);
        // Without its files a dataset says what its rows say.
        interpreter.LearnWords(Dataset([s_domains[0]], 100) with { Pool = null });
        InterpreterStore.Save(interpreter, _folder.Path);

        using (Interpreter again = InterpreterStore.Load(_folder.Path, target))
        {
            Assert.Equal(interpreter.Known!.Concepts, again.Known!.Concepts);
            Assert.Equal(interpreter.Known.Limit, again.Known.Limit, 5);
            foreach (string text in new[] { "the mayor", "its country", "what nation" })
            {
                ConceptNearness before = interpreter.Nearness(text)!, after = again.Nearness(text)!;
                Assert.Equal(before.Concept, after.Concept);
                Assert.Equal(before.Distance!.Value, after.Distance!.Value, 3);
            }
            InterventionResult result = InterventionRunner.Run(again, new InterventionRequest("Vienna is", "Paris", "the mayor"));
            ConceptNearness near = again.Nearness("the mayor")!;
            Assert.Equal((near.Concept.ToString(), near.Distance), (result.NearestConcept, result.ConceptDistance));
        }
        interpreter.Known = null;
        InterpreterStore.Save(interpreter, _folder.Path);
        using Interpreter without = InterpreterStore.Load(_folder.Path, target);
        Assert.Null(without.Known);
        Assert.Null(InterventionRunner.Run(without, new InterventionRequest("Vienna is", "Paris", "the mayor")).ConceptDistance);
    }

    [Fact]
    public void The_same_descriptions_are_not_read_again()
    {
        using LanguageModel target = TinyLlama.CreateWithTokenizer();
        RavelDataset two = Dataset([s_domains[0], s_domains[1]], 20) with { Pool = null };
        KnownConcepts both = KnownConceptsBuilder.Of(two, target)!;
        RavelDataset one = two with { Train = [.. two.Train.Where(row => row.Domain == s_domains[0].Name)] };

        Assert.Same(both, KnownConceptsBuilder.Of(one, target, before: both));
        Assert.Same(both, KnownConceptsBuilder.Of(two, target));
        using (LanguageModel other = TinyLlama.CreateWithTokenizer())
        {
            Assert.NotSame(both, KnownConceptsBuilder.Of(two, other));
        }
        RavelExample changed = one.Train[0] with { Instruction = "a word that was never read" };
        KnownConcepts anew = KnownConceptsBuilder.Of(one with { Train = [changed, .. one.Train.Skip(1)] }, target, before: both)!;
        Assert.NotSame(both, anew);
        Assert.Equal(both.Concepts.ToHashSet(), anew.Concepts.ToHashSet());
    }

    [Fact]
    public void Learning_stops_when_it_is_told_to()
    {
        using LanguageModel target = TinyLlama.CreateWithTokenizer();
        using CancellationTokenSource stop = new();
        stop.Cancel();

        Assert.Throws<OperationCanceledException>(
            () => KnownConceptsBuilder.Of(Dataset([s_domains[0]], 2), target, cancellation: stop.Token));
    }

    [Theory]
    [InlineData(null, "its metadata has no 'concepts'")]
    [InlineData("null", "'concepts' of its metadata is null")]
    [InlineData("{\"formatVersion\": 2, \"domains\": [], \"others\": []}", "formatVersion is 2; this version reads 1")]
    [InlineData("{\"formatVersion\": 1, \"domains\": [], \"others\": []}", "domains is empty")]
    [InlineData(
        Begin + "{\"domain\": \"city\", \"attributes\": {\"Country\": []}, \"absent\": []}], \"others\": []}",
        "'city' must have attributes")]
    [InlineData(Begin + City + "[\" \"]}], \"others\": []}", "an absent description of 'city' is empty")]
    [InlineData(Begin + "null], \"others\": []}", "has no name")]
    [InlineData(Begin + City + "[]}], \"others\": [\"b\"]}", "'descriptions' with shape [2, 2]; found nothing")]
    public void A_damaged_file_is_one_error(string? content, string expected)
    {
        using Tensor limit = zeros(1);
        SafetensorsWriter.Write(
            Path.Combine(_folder.Path, KnownConceptsFile.Name), [new("limit", limit)],
            content is null ? null : new Dictionary<string, string> { ["concepts"] = content });

        HyperDasException error = Assert.Throws<HyperDasException>(() => KnownConceptsFile.Read(_folder.Path, width: 4));

        Assert.Equal("InterpreterCorrupt", error.ErrorId);
        Assert.Contains(expected, error.Message);
        Assert.Contains(KnownConceptsFile.Name, error.Message);
    }

    public void Dispose() => _folder.Dispose();

    private double Flagged((Fresh Description, ConceptNearness Near)[] all, bool absent)
    {
        (Fresh Description, ConceptNearness Near)[] own = [.. all.Where(d => d.Description.Concept is null == absent)];
        foreach ((Fresh description, ConceptNearness near) in own.Where(d => d.Near.IsOutside != absent))
        {
            output.WriteLine($"{(absent ? "not flagged" : "flagged")}: {description} ({near.Concept}, {near.Distance:F2})");
        }
        double share = (double)own.Count(d => d.Near.IsOutside) / own.Length;
        output.WriteLine($"{(absent ? "absent" : "known")}: {share:P1} of {own.Length}");
        return share;
    }

    private static LanguageModel Bundled() =>
        LanguageModel.Load(Path.Combine(s_root, "examples", "models", "mini-llama"), ModelDtype.Float32);

    private static IEnumerable<Fresh> Read()
    {
        string text = File.ReadAllText(Path.Combine(s_root, "tests", "Fixtures", "descriptions", "fresh.json"));
        return
            from domain in JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, string[]>>>(text)!
            from concept in domain.Value
            from description in concept.Value
            select new Fresh(domain.Key, concept.Key == "absent" ? null : new ConceptKey(domain.Key, concept.Key), description);
    }

    private static RavelDataset Dataset(
        IReadOnlyList<RavelDomain> domains, int rows, InstructionStyle style = InstructionStyle.Descriptions) => RavelDatasetBuilder.Build(
        domains, TinyTokenizer.Build([]), new FactFilter(new FakeOracle()),
        new RavelBuildOptions { TrainPerAttribute = rows, ValPerAttribute = rows, TestPerAttribute = 0, InstructionStyle = style });

    private sealed record Fresh(string Domain, ConceptKey? Concept, string Text);
}
