using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Files;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Concepts;

/// <summary>
/// The known concepts in an interpreter's folder: a safetensors file with the numbers of the classifier and, as JSON in its metadata, the
/// descriptions.
/// </summary>
internal static class KnownConceptsFile
{
    /// <summary>Name of the file; interpreters without known descriptions, and those of earlier versions, don't have it.</summary>
    public const string Name = "concepts.safetensors";

    private const string CorruptErrorId = "InterpreterCorrupt", MetadataKey = "concepts";
    private const int FormatVersion = 1;

    private static readonly JsonSerializerOptions s_json = new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
    }.Strict();

    /// <summary>Writes the file, or deletes that of an earlier interpreter in the same folder.</summary>
    /// <param name="concepts">The known concepts, or null.</param>
    /// <param name="folder">The interpreter's existing folder.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public static void Write(KnownConcepts? concepts, string folder)
    {
        string path = Path.Combine(folder, Name);
        if (concepts is null)
        {
            File.Delete(path);
            return;
        }
        using DisposeScope scope = NewDisposeScope();
        // The classifier's other training texts follow the concepts' own descriptions.
        string[] others = [.. concepts.Classifier?.Texts.Skip(KnownConceptsBuilder.KnownRows(concepts.Domains).Count) ?? []];
        Content content = new(FormatVersion, concepts.Domains, others);
        SafetensorsWriter.Write(path, Tensors(concepts), new Dictionary<string, string>
        {
            [MetadataKey] = JsonSerializer.Serialize(content, s_json),
        });
    }

    /// <summary>Reads the file; null where there is none.</summary>
    /// <param name="folder">The interpreter's folder.</param>
    /// <param name="width">Length of a description's state in the interpreter's target.</param>
    /// <exception cref="HyperDasException"><c>InterpreterCorrupt</c>, <c>CheckpointCorrupt</c>, <c>FileUnreadable</c>.</exception>
    public static KnownConcepts? Read(string folder, int width)
    {
        string path = Path.Combine(folder, Name);
        if (!File.Exists(path))
        {
            return null;
        }
        using SafetensorsFile file = SafetensorsFile.Open(path);
        try
        {
            using JsonDocument document = StrictJson.Parse(Encoding.UTF8.GetBytes(
                file.Metadata.GetValueOrDefault(MetadataKey) ?? throw new JsonException($"its metadata has no '{MetadataKey}'.")));
            Content content = document.Deserialize<Content>(s_json) ?? throw new JsonException($"'{MetadataKey}' of its metadata is null.");
            if (content.FormatVersion != FormatVersion)
            {
                throw new JsonException($"formatVersion is {content.FormatVersion}; this version reads {FormatVersion}.");
            }
            return Problem(content.Domains) is { } problem ? throw new JsonException(problem) : Known(content, file, width);
        }
        catch (JsonException e)
        {
            throw new HyperDasException(
                CorruptErrorId, HyperDasErrorKind.InvalidData,
                $"'{path}' isn't a valid file of known concepts: {e.Message} Without the file the interpreter opens, but has no concept distances.",
                path, e);
        }
    }

    private static KnownConcepts Known(Content content, SafetensorsFile file, int width)
    {
        double limit = Numbers("limit", 1)[0];
        if (content.Others.Count == 0)
        {
            return new KnownConcepts(content.Domains, limit: limit);
        }
        IReadOnlyList<ConceptKey> concepts = KnownConcepts.ConceptsOf(content.Domains);
        string[] texts = [.. KnownConceptsBuilder.KnownRows(content.Domains).Select(row => row.Text), .. content.Others];
        int classes = concepts.Count + 1;
        ConceptNumbers numbers = new(
            Numbers("descriptions", texts.Length, classes), Numbers("states", width, classes), Numbers("biases", classes),
            Numbers("mean", width), Numbers("scale", width));
        return numbers.Scale.All(scale => scale > 0)
            ? new KnownConcepts(content.Domains, new ConceptClassifier(concepts, texts, numbers), limit)
            : throw new JsonException("'scale' must be greater than 0.");

        float[] Numbers(string name, params long[] shape)
        {
            if (!file.Entries.TryGetValue(name, out TensorEntry? entry) || !entry.Shape.AsSpan().SequenceEqual(shape))
            {
                string found = entry is null ? "nothing" : $"[{string.Join(", ", entry.Shape)}]";
                throw new JsonException($"it must contain '{name}' with shape [{string.Join(", ", shape)}]; found {found}.");
            }
            using Tensor tensor = file.Load(name, ScalarType.Float32);
            float[] values = tensor.data<float>().ToArray();
            return values.All(float.IsFinite) ? values : throw new JsonException($"'{name}' contains a number that isn't finite.");
        }
    }

    private static KeyValuePair<string, Tensor>[] Tensors(KnownConcepts concepts)
    {
        KeyValuePair<string, Tensor> limit = new("limit", tensor([(float)concepts.Limit]));
        if (concepts.Classifier is not { } classifier)
        {
            return [limit];
        }
        ConceptNumbers numbers = classifier.Numbers;
        int classes = classifier.Concepts.Count + 1;
        return
        [
            limit, new("descriptions", tensor(numbers.Descriptions).to_type(ScalarType.Float16).view(-1, classes)),
            new("states", tensor(numbers.States).view(-1, classes)),
            new("biases", tensor(numbers.Biases)), new("mean", tensor(numbers.Mean)), new("scale", tensor(numbers.Scale)),
        ];
    }

    private static string? Problem(IReadOnlyList<DomainConcepts> domains) =>
        domains.Count == 0 ? "domains is empty; it must have at least one."
        : domains.Select(d => d?.Domain).Distinct().Count() < domains.Count ? "domains has a duplicate domain."
        : domains.Select(Problem).FirstOrDefault(problem => problem is not null);

    private static string? Problem(DomainConcepts domain) =>
        domain is null || string.IsNullOrWhiteSpace(domain.Domain) ? "a domain has no name."
        : domain.Attributes.Count == 0
            || domain.Attributes.Any(a => a.Value is not { Count: > 0 } || a.Value.Any(string.IsNullOrWhiteSpace))
            ? $"the domain '{domain.Domain}' must have attributes, each with nonempty descriptions."
        : domain.Absent.Any(string.IsNullOrWhiteSpace) ? $"an absent description of '{domain.Domain}' is empty."
        : null;

    private sealed record Content(int FormatVersion, IReadOnlyList<DomainConcepts> Domains, IReadOnlyList<string> Others);
}
