using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// A dataset as JSON Lines: a first line that describes it, then one line for each example. Equal datasets give identical bytes. Beside it
/// is a manifest, see <see cref="RavelManifestFile"/>.
/// </summary>
public static class RavelDatasetFile
{
    private const string Format = "hyperdas-ravel-dataset";
    private const int Version = 1;
    private const string CorruptErrorId = "DatasetFileCorrupt";
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly JsonSerializerOptions s_json = new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
    }.Strict();

    /// <summary>Writes a dataset and its manifest, each atomically.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="path">File to write; an existing file is replaced, a missing folder created.</param>
    /// <param name="created">Date in the manifest; null for now.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public static void Write(RavelDataset dataset, string path, DateTimeOffset? created = null)
    {
        // An old manifest would contradict the new file until it is replaced itself.
        string manifest = RavelManifestFile.PathFor(path);
        if (File.Exists(manifest))
        {
            File.Delete(manifest);
        }
        AtomicFile.Write(path, stream => Write(dataset, stream));
        RavelManifestFile.Write(dataset, path, created ?? DateTimeOffset.UtcNow);
    }

    private static void Write(RavelDataset dataset, Stream stream)
    {
        using StreamWriter writer = new(stream, s_utf8, leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine(JsonSerializer.Serialize(
            new Manifest(
                Format, Version, dataset.Name, dataset.Domains, dataset.Attributes, dataset.Seed, dataset.Counts,
                dataset.Train.Count, dataset.Val.Count, dataset.Test.Count,
                dataset.MaxTokens == RavelDatasetOptions.DefaultMaxTokens ? null : dataset.MaxTokens), s_json));
        foreach (RavelSplit split in Enum.GetValues<RavelSplit>())
        {
            foreach (RavelExample example in dataset.Split(split))
            {
                writer.WriteLine(JsonSerializer.Serialize(Row.Of(split, example), s_json));
            }
        }
    }

    /// <summary>Reads a dataset.</summary>
    /// <param name="path">File written by <see cref="Write(RavelDataset, string, DateTimeOffset?)"/>.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>DatasetFileCorrupt</c>, <c>DatasetManifestCorrupt</c>,
    /// <c>DatasetManifestMismatch</c>.</exception>
    public static RavelDataset Read(string path)
    {
        path = Path.GetFullPath(path);
        if (!File.Exists(path))
        {
            throw new HyperDasException("PathNotFound", HyperDasErrorKind.NotFound, $"The file '{path}' doesn't exist.", path);
        }
        int line = 0;
        try
        {
            Manifest? manifest = null;
            Dictionary<RavelSplit, List<RavelExample>> examples = Enum.GetValues<RavelSplit>()
                .ToDictionary(split => split, _ => new List<RavelExample>());
            foreach (TextLine text in TextLines.Read(path, CorruptErrorId))
            {
                line = text.Number;
                if (manifest is null)
                {
                    manifest = Parse<Manifest>(text.Text);
                    if (manifest.Format != Format || manifest.Version != Version)
                    {
                        throw Corrupt(path, line,
                            $"the format is '{manifest.Format}' version {manifest.Version}; it must be '{Format}' version {Version}");
                    }
                    continue;
                }
                Row row = Parse<Row>(text.Text);
                examples[row.Split].Add(row.Example());
            }
            if (manifest is null)
            {
                throw Corrupt(path, 1, "the file is empty");
            }
            if (manifest.Domains.Concat(manifest.Attributes).Any(name => name is null))
            {
                throw Corrupt(path, 1, "a domain or attribute is null");
            }
            if (manifest.MaxTokens < 2)
            {
                throw Corrupt(path, 1, $"maxTokens is {manifest.MaxTokens}; it must be at least 2");
            }
            (int, int, int) found = (examples[RavelSplit.Train].Count, examples[RavelSplit.Val].Count, examples[RavelSplit.Test].Count);
            if (found != (manifest.Train, manifest.Val, manifest.Test))
            {
                throw Corrupt(path, line,
                    $"the file contains {found} examples (train, val, test) instead of {(manifest.Train, manifest.Val, manifest.Test)}");
            }
            return new RavelDataset(
                manifest.Name, manifest.Domains, manifest.Attributes,
                examples[RavelSplit.Train], examples[RavelSplit.Val], examples[RavelSplit.Test], manifest.Seed, manifest.Counts)
            {
                MaxTokens = manifest.MaxTokens ?? RavelDatasetOptions.DefaultMaxTokens,
                Provenance = RavelManifestFile.Read(path),
            };
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw Corrupt(path, Math.Max(1, line), error.Message, error);
        }
    }

    private static T Parse<T>(string text) where T : class =>
        JsonSerializer.Deserialize<T>(text, s_json) ?? throw new JsonException("null isn't an object");

    private static HyperDasException Corrupt(string path, int line, string why, Exception? inner = null) => new(
        CorruptErrorId, HyperDasErrorKind.InvalidData, $"'{path}' is damaged at line {line}: {why}.", path, inner);

    private sealed record Manifest(
        string Format, int Version, string Name, IReadOnlyList<string> Domains, IReadOnlyList<string> Attributes, long Seed,
        RavelBuildCounts Counts, int Train, int Val, int Test,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int? MaxTokens = null);

    /// <summary>Contents of a line: an example without derived values.</summary>
    private sealed record Row(
        RavelSplit Split, string Domain, RavelExampleKind Kind, string Attribute, string AskedAttribute, string Instruction,
        string BaseEntity, string SourceEntity, string BasePrefix, string BaseSuffix, string SourcePrefix, string SourceSuffix,
        string BaseTemplate, string BaseValue, string SourceValue,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? SourceTemplate = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] RavelHeldOut HeldOut = RavelHeldOut.Unspecified,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool ValuesAreVerbatim = false,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? BaseGoldValue = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? SourceGoldValue = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] RavelWording Wording = RavelWording.Trained)
    {
        internal static Row Of(RavelSplit split, RavelExample example) => new(
            split, example.Domain, example.Kind, example.Attribute, example.AskedAttribute, example.Instruction, example.BaseEntity,
            example.SourceEntity, example.BasePrefix, example.BaseSuffix, example.SourcePrefix, example.SourceSuffix,
            example.BaseTemplate, example.BaseValue, example.SourceValue, example.SourceTemplate.Length > 0 ? example.SourceTemplate : null,
            example.HeldOut, example.ValuesAreVerbatim, example.BaseGoldValue, example.SourceGoldValue, example.Wording);

        internal RavelExample Example() => new()
        {
            Domain = Domain,
            Kind = Kind,
            Attribute = Attribute,
            AskedAttribute = AskedAttribute,
            Instruction = Instruction,
            BaseEntity = BaseEntity,
            SourceEntity = SourceEntity,
            BasePrefix = BasePrefix,
            BaseSuffix = BaseSuffix,
            SourcePrefix = SourcePrefix,
            SourceSuffix = SourceSuffix,
            BaseTemplate = BaseTemplate,
            BaseValue = BaseValue,
            SourceValue = SourceValue,
            SourceTemplate = SourceTemplate ?? "",
            HeldOut = HeldOut,
            ValuesAreVerbatim = ValuesAreVerbatim,
            BaseGoldValue = BaseGoldValue,
            SourceGoldValue = SourceGoldValue,
            Wording = Wording,
        };
    }
}
