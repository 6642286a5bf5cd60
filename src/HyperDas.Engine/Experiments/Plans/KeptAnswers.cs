using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using HyperDas.Engine.Files;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Ravel.Instances;
using HyperDas.Engine.Training.States;

namespace HyperDas.Engine.Experiments.Plans;

/// <summary>
/// A target model's answers while examples were built, as JSON Lines in a file named after everything on which the answers depend. Nearly
/// all the time of building examples is spent on these answers; with the file the same settings give the same examples without running the
/// model.
/// </summary>
internal sealed class KeptAnswers : IFactOracle, ICompletionSource
{
    private const string InvalidErrorId = "AnswersCorrupt";

    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly Dictionary<(string Prompt, string? Label), Answer> _answers = [];
    private readonly IFactOracle _oracle;
    private readonly ICompletionSource _completions;

    /// <summary>Creates an empty store.</summary>
    /// <param name="oracle">Tests facts.</param>
    /// <param name="completions">Completes prompts.</param>
    public KeptAnswers(IFactOracle oracle, ICompletionSource completions) => (_oracle, _completions) = (oracle, completions);

    /// <summary>Number of questions that required the model itself.</summary>
    public int Asked { get; private set; }

    /// <summary>The file for a model's answers about data.</summary>
    /// <param name="folder">Folder of such files.</param>
    /// <param name="model">The target model.</param>
    /// <param name="data">Settings of the examples; the location of their files doesn't matter.</param>
    /// <param name="domains">The domains from which the examples are built.</param>
    public static string FileOf(string folder, LanguageModel model, ExperimentData data, IEnumerable<RavelDomain> domains)
    {
        StateFingerprint parts = StateFingerprint.Of("Answers", model)
            .AddContent(
                "Data", ExperimentYaml.Section(new Experiment { Data = data with { Path = "" } }, nameof(Experiment.Data)))
            .AddDomains(domains);
        string text = string.Join('\n', parts.Parts.Select(part => $"{part.Key}={part.Value}"));
        return Path.Combine(folder, $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32]}.jsonl");
    }

    /// <summary>Adds the answers in a file.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="HyperDasException"><c>AnswersCorrupt</c>, <c>FileUnreadable</c>.</exception>
    public void Read(string file)
    {
        foreach (TextLine line in TextLines.Read(file, InvalidErrorId).Where(line => line.Text.Length > 0))
        {
            try
            {
                Answer answer = JsonSerializer.Deserialize<Answer>(line.Text, s_json) ?? throw new JsonException("null isn't an answer.");
                _answers[(answer.Prompt, answer.Label)] = answer;
            }
            catch (JsonException e)
            {
                throw new HyperDasException(
                    InvalidErrorId, HyperDasErrorKind.InvalidData,
                    $"'{file}', line {line.Number}: {e.Message} Remove the file to query the model again.", file, e);
            }
        }
    }

    /// <summary>Writes all answers.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public void Write(string file) => AtomicFile.Write(file, stream =>
    {
        foreach (Answer answer in _answers.Values)
        {
            JsonSerializer.Serialize(stream, answer, s_json);
            stream.Write("\n"u8);
        }
    });

    /// <inheritdoc/>
    public bool[] Knows(IReadOnlyList<Fact> facts, CancellationToken cancellationToken = default)
    {
        Fact[] open = [.. facts.Where(fact => !_answers.ContainsKey((fact.Prompt, fact.Label)))];
        bool[] known = open.Length == 0 ? [] : _oracle.Knows(open, cancellationToken);
        Asked += open.Length;
        for (int i = 0; i < open.Length; i++)
        {
            _answers[(open[i].Prompt, open[i].Label)] = new Answer(open[i].Prompt) { Label = open[i].Label, Known = known[i] };
        }
        return [.. facts.Select(fact => _answers[(fact.Prompt, fact.Label)].Known == true)];
    }

    /// <inheritdoc/>
    public Completion?[] Complete(
        IReadOnlyList<string> prompts, IProgress<WorkProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        string[] open = [.. prompts.Where(prompt => !_answers.ContainsKey((prompt, null)))];
        Completion?[] said = open.Length == 0 ? [] : _completions.Complete(open, progress, cancellationToken);
        Asked += open.Length;
        for (int i = 0; i < open.Length; i++)
        {
            _answers[(open[i], null)] = new Answer(open[i]) { Said = said[i]?.Text, IsOver = said[i]?.IsOver };
        }
        return [.. prompts.Select(Said)];

        Completion? Said(string prompt) =>
            _answers[(prompt, null)] is { Said: { } text, IsOver: { } over } ? new Completion(text, over) : null;
    }

    // With a label it is a fact, without one a completion, and without a text a prompt that is too long.
    private sealed record Answer(string Prompt)
    {
        public string? Label { get; init; }

        public bool? Known { get; init; }

        public string? Said { get; init; }

        public bool? IsOver { get; init; }
    }
}
