using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using HyperDas.Engine.Files;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Experiments;

/// <summary>
/// Provenance of a run: enough to determine later whether a difference is caused by it. It contains no paths and no names of persons or
/// machines.
/// </summary>
internal sealed record RunManifest
{
    private const int CurrentVersion = 1;

    private static readonly JsonSerializerOptions s_json = new JsonSerializerOptions
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        // A score is NaN if validation has no examples of a kind.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectRequiredConstructorParameters = true,
    }.Strict();

    /// <summary>Version of this format.</summary>
    public required int FormatVersion { get; init; }

    /// <summary>Name of the run.</summary>
    public required string Name { get; init; }

    /// <summary>The swept keys and their values.</summary>
    public required IReadOnlyDictionary<string, string> Values { get; init; }

    /// <summary>Seed of the training.</summary>
    public required long Seed { get; init; }

    /// <summary>SHA-256 of <c>experiment.yaml</c>.</summary>
    public required string ConfigSha256 { get; init; }

    /// <summary>Versions of the software.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary>The machine.</summary>
    public required IReadOnlyDictionary<string, string> Machine { get; init; }

    /// <summary>The target model.</summary>
    public required ManifestModel Model { get; init; }

    /// <summary>The examples.</summary>
    public required ManifestData Data { get; init; }

    /// <summary>Start of the run; of an interrupted run, the first start.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>End of the run; null for an unfinished one.</summary>
    public DateTimeOffset? Finished { get; init; }

    /// <summary>Number of training steps.</summary>
    public int Steps { get; init; }

    /// <summary>
    /// For a run whose layer is found: the layers, best first, with the results of the search; the first is the run's. Null before the
    /// search, and where the document specifies the layer.
    /// </summary>
    public IReadOnlyList<LayerCandidate>? Layers { get; init; }

    /// <summary>SHA-256 of the parameters from which the training started; null where it didn't start from an interpreter.</summary>
    public string? StartedFrom { get; init; }

    /// <summary>Origin of the training's hidden states; null before the end, or when the training was finished already.</summary>
    public ActivationUse? Activations { get; init; }

    /// <summary>Seconds spent on data, training and scoring, over all attempts.</summary>
    public double DurationSeconds { get; init; }

    /// <summary>Creates the manifest of a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="model">Its target model.</param>
    /// <param name="dataset">Its examples.</param>
    /// <param name="dataSha256">SHA-256 of the dataset's file, if it has one.</param>
    /// <param name="started">First start of the run.</param>
    public static RunManifest Begin(
        ExperimentRun run, LanguageModel model, RavelDataset dataset, string? dataSha256, DateTimeOffset started) => new()
    {
        FormatVersion = CurrentVersion,
        Name = run.Name,
        Values = run.Values,
        Seed = run.Settings.Seed,
        ConfigSha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(run.Yaml))),
        Versions = new SortedDictionary<string, string>
        {
            ["hyperdas"] = Version(typeof(RunManifest).Assembly),
            ["torchsharp"] = Version(typeof(TorchSharp.torch).Assembly),
            ["dotnet"] = Environment.Version.ToString(),
        },
        Machine = new SortedDictionary<string, string>
        {
            ["system"] = RuntimeInformation.OSDescription,
            ["instructions"] = InstructionSet.Current.Name,
            ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString(),
            ["processors"] = Environment.ProcessorCount.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["device"] = model.Device,
        },
        Model = new ManifestModel(model.Name, model.Fingerprint, model.Tokenizer.Fingerprint, model.ParameterCount, model.Dtype,
            model.ComputeDtype, model.IsWrapping ? model.Tokenizer.Chat!.Form : null),
        Data = new ManifestData(
            dataset.Name, dataset.Domains, dataset.Attributes, dataset.Train.Count, dataset.Val.Count, dataset.Test.Count, dataset.Counts,
            dataset.Provenance?.SourceFiles ?? [], dataSha256),
        Started = started,
    };

    /// <summary>Writes the manifest; an existing file is replaced.</summary>
    /// <param name="path">File.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public void Write(string path) => AtomicFile.Write(path, stream =>
    {
        JsonSerializer.Serialize(stream, this, s_json);
        stream.Write("\n"u8);
    });

    /// <summary>Reads a manifest.</summary>
    /// <param name="path">File.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>ManifestCorrupt</c>.</exception>
    public static RunManifest Read(string path)
    {
        using JsonDocument document = StrictJson.Open(path, "ManifestCorrupt");
        try
        {
            RunManifest manifest = document.Deserialize<RunManifest>(s_json)!;
            return !(manifest.DurationSeconds >= 0 && manifest.DurationSeconds < TimeSpan.MaxValue.TotalSeconds)
                ? throw new JsonException("durationSeconds isn't a duration.")
                : manifest.Layers is { Count: 0 }
                ? throw new JsonException("layers is empty.")
                : manifest;
        }
        catch (JsonException e)
        {
            throw new HyperDasException(
                "ManifestCorrupt", HyperDasErrorKind.InvalidData, $"'{path}' isn't a run's manifest: {e.Message}", path, e);
        }
    }

    private static string Version(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? assembly.GetName().Version?.ToString() ?? "";
}

/// <summary>
/// The target model of a manifest. Earlier versions lack the number format of computations, which was that of the weights.
/// </summary>
internal sealed record ManifestModel(string Name, string Fingerprint, string TokenizerFingerprint, long ParameterCount, ModelDtype Dtype,
    ModelDtype? ComputeDtype = null, string? ChatTemplate = null);

/// <summary>The examples of a manifest.</summary>
internal sealed record ManifestData(
    string Name, IReadOnlyList<string> Domains, IReadOnlyList<string> Attributes, int Train, int Val, int Test, RavelBuildCounts Counts,
    IReadOnlyList<RavelSourceFile> Files, string? Sha256);
