using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Files;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Ravel.Instances;
using HyperDas.Engine.Training.States;

namespace HyperDas.Engine.Experiments.Plans;

/// <summary>
/// What a target model answered while examples were made, as JSON Lines in a file that is named after everything the answers depend on.
/// Asking the model is nearly all the work of making examples; with the file the same settings give the same examples without it.
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

    /// <summary>Answers that are kept nowhere yet.</summary>
    /// <param name="oracle">Who knows facts.</param>
    /// <param name="completions">Who continues prompts.</param>
    public KeptAnswers(IFactOracle oracle, ICompletionSource completions) => (_oracle, _completions) = (oracle, completions);

    /// <summary>Questions that the model itself had to be asked.</summary>
    public int Asked { get; private set; }

    /// <summary>The file for a model's answers about data.</summary>
    /// <param name="folder">Folder of such files.</param>
    /// <param name="model">The target model.</param>
    /// <param name="data">Which examples; where the files lie doesn't matter.</param>
    /// <param name="domains">What the examples are made from.</param>
    public static string FileOf(string folder, LanguageModel model, ExperimentData data, IEnumerable<RavelDomain> domains)
    {
        StateFingerprint parts = StateFingerprint.Of("Answers", model)
            .AddContent(
                "Data", ExperimentYaml.Section(new Experiment { Data = data with { Path = "" } }, nameof(Experiment.Data)))
            .AddDomains(domains);
        string text = string.Join('\n', parts.Parts.Select(part => $"{part.Key}={part.Value}"));
        return Path.Combine(folder, $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32]}.jsonl");
    }

    /// <summary>Takes over what a file holds.</summary>
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
                    $"'{file}', line {line.Number}: {e.Message} Remove the file: the model is then asked again.", file, e);
            }
        }
    }

    /// <summary>Writes everything that was answered.</summary>
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

    // A label makes it a fact; without one it is a completion, and without words a prompt that is too long to be asked.
    private sealed record Answer(string Prompt)
    {
        public string? Label { get; init; }

        public bool? Known { get; init; }

        public string? Said { get; init; }

        public bool? IsOver { get; init; }
    }
}
