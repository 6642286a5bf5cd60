using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Files;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods.Concepts;
using HyperDas.Engine.Methods.Original;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods;

/// <summary>
/// An interpreter as a folder: <c>interpreter.json</c> describes it and identifies its target model and tokenizer;
/// <c>interpreter.safetensors</c> contains its parameters, HyperDAS's under the original's names, those of other methods by concept.
/// </summary>
public static class InterpreterStore
{
    /// <summary>Name of the description file.</summary>
    public const string DescriptionFile = "interpreter.json";

    /// <summary>Name of the parameter file.</summary>
    public const string ParametersFile = "interpreter.safetensors";

    private const int FormatVersion = 1;

    private static readonly JsonSerializerOptions s_json = new JsonSerializerOptions
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
    }.Strict();

    /// <summary>
    /// Writes an interpreter, the parameters first and the description last: a folder without description isn't an interpreter.
    /// </summary>
    /// <param name="interpreter">The interpreter.</param>
    /// <param name="folder">Folder; created if missing.</param>
    /// <param name="format">Float32, or BFloat16 for a file of half the size; rotations stay in float32, because rounding would destroy
    /// their orthogonality. Both are read as float32.</param>
    /// <exception cref="HyperDasException"><c>InterpreterDisposed</c>, <c>MethodNotStorable</c>, <c>OptionInvalid</c>,
    /// <c>WriteFailed</c>.</exception>
    public static void Save(Interpreter interpreter, string folder, ModelDtype format = ModelDtype.Float32)
    {
        if (format is not (ModelDtype.Float32 or ModelDtype.BFloat16))
        {
            throw new HyperDasException(
                "OptionInvalid", HyperDasErrorKind.InvalidArgument,
                $"An interpreter is stored in Float32 or BFloat16, not in {format}.", format);
        }
        interpreter.ThrowIfDisposed();
        MethodOptions options = interpreter.Options ?? throw new HyperDasException(
            "MethodNotStorable", HyperDasErrorKind.InvalidArgument,
            $"A {interpreter.Method} interpreter has no trained parameters, so there is nothing to save.", interpreter);
        Description description = new(
            FormatVersion, interpreter.Method, interpreter.Target.Name, interpreter.Target.Fingerprint,
            TokenizerFingerprint(interpreter.Target),
            JsonSerializer.SerializeToElement(options, options.GetType(), s_json), interpreter.TrainedWith,
            interpreter.LearnedConcepts);
        try
        {
            Directory.CreateDirectory(folder);
            using (DisposeScope scope = NewDisposeScope())
            {
                SafetensorsWriter.Write(Path.Combine(folder, ParametersFile), Stored(interpreter.Parameters, format),
                    new Dictionary<string, string> { ["format"] = "pt" });
            }
            KnownConceptsFile.Write(interpreter.Known, folder);
            AtomicFile.Write(Path.Combine(folder, DescriptionFile), stream => JsonSerializer.Serialize(stream, description, s_json));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HyperDasException(
                "WriteFailed", HyperDasErrorKind.WriteError, $"The interpreter couldn't be written to '{folder}': {e.Message}", folder, e);
        }
        interpreter.SavedPath = Path.GetFullPath(folder);
    }

    /// <summary>Loads an interpreter for a target model.</summary>
    /// <param name="folder">Folder.</param>
    /// <param name="target">The model that it was trained for.</param>
    /// <param name="network">Settings that a checkpoint of the original HyperDAS doesn't contain; null if its <c>config.json</c>
    /// does.</param>
    /// <exception cref="HyperDasException">
    /// <c>PathNotFound</c>, <c>InterpreterCorrupt</c>, <c>InterpreterMismatch</c> (another model), <c>TokenizerMismatch</c>,
    /// <c>MethodUnknown</c>, <c>CheckpointCorrupt</c>, <c>OptionInvalid</c>; of checkpoints of the original also
    /// <c>OriginalSettingsMissing</c> and <c>CheckpointUnsafe</c>.
    /// </exception>
    public static Interpreter Load(string folder, LanguageModel target, HypernetworkOptions? network = null)
    {
        target.ThrowIfDisposed();
        if (IsOriginal(folder))
        {
            return OriginalCheckpoint.Load(folder, target, network);
        }
        if (network is not null)
        {
            throw new HyperDasException(
                "OptionInvalid", HyperDasErrorKind.InvalidArgument,
                $"'{folder}' isn't a checkpoint of the original HyperDAS ({OriginalCheckpoint.NetworkFile}). Network options apply only to such a checkpoint; other interpreters contain their own.",
                network);
        }
        Description description = Read(folder);
        ThrowIfOfOther(description, folder, target);
        string file = Path.Combine(folder, DescriptionFile);
        using SafetensorsFile parameters = SafetensorsFile.Open(Path.Combine(folder, ParametersFile));
        Interpreter interpreter = Build(description, target, file, parameters);
        try
        {
            interpreter.Parameters.Restore((name, shape) => Parameter(parameters, name, shape));
            interpreter.SavedPath = Path.GetFullPath(folder);
            interpreter.Known = KnownConceptsFile.Read(folder, DefinitionStates.Width(target));
            return interpreter;
        }
        catch
        {
            interpreter.Dispose();
            throw;
        }
    }

    /// <summary>Whether a folder contains a checkpoint of the original HyperDAS instead of an interpreter of this module.</summary>
    /// <param name="folder">Any folder.</param>
    public static bool IsOriginal(string folder) => !File.Exists(Path.Combine(folder, DescriptionFile)) && OriginalCheckpoint.Is(folder);

    /// <summary>What a folder says about its interpreter, without reading parameters.</summary>
    /// <param name="folder">Folder.</param>
    /// <returns>The method; for HyperDAS what it consists of, else null; how it was trained, null when it wasn't.</returns>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>InterpreterCorrupt</c>.</exception>
    internal static (string Method, HypernetworkOptions? Network, TrainingOptions? Training) Describe(string folder)
    {
        Description description = Read(folder);
        try
        {
            return (
                description.Method,
                description.Method == nameof(InterpreterMethod.HyperDas)
                    ? description.Options.Deserialize<HypernetworkOptions>(s_json)
                    : null,
                description.Training);
        }
        catch (JsonException e)
        {
            throw Corrupt(Path.Combine(folder, DescriptionFile), e.Message, e);
        }
    }

    /// <summary>Refuses an interpreter of another target model.</summary>
    /// <param name="folder">The interpreter's folder.</param>
    /// <param name="target">The target model.</param>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>InterpreterCorrupt</c>, <c>InterpreterMismatch</c>,
    /// <c>TokenizerMismatch</c>.</exception>
    internal static void ThrowIfOfOther(string folder, LanguageModel target) => ThrowIfOfOther(Read(folder), folder, target);

    private static void ThrowIfOfOther(Description description, string folder, LanguageModel target)
    {
        string file = Path.Combine(folder, DescriptionFile);
        if (description.TargetFingerprint != target.Fingerprint)
        {
            throw new HyperDasException(
                "InterpreterMismatch",
                HyperDasErrorKind.Mismatch,
                $"'{file}' was trained for the model '{description.TargetName}' ({Short(description.TargetFingerprint)}), not for '{target.Name}' ({Short(target.Fingerprint)}). Import the model that it was trained for.",
                folder);
        }
        if (!IsSameTokenizer(description.TokenizerFingerprint, target))
        {
            throw new HyperDasException(
                "TokenizerMismatch",
                HyperDasErrorKind.Mismatch,
                $"'{file}' was trained with a different tokenizer from the one in '{target.Path}'. Restore the model's original tokenizer files, and import the model with -ChatTemplate if and only if the training used it.",
                folder);
        }
    }

    private static IReadOnlyList<KeyValuePair<string, Tensor>> Stored(ParameterStore parameters, ModelDtype format)
    {
        if (format == ModelDtype.Float32)
        {
            return parameters.State();
        }
        HashSet<string> narrowed =
            [.. parameters.Parameters.Where(p => p.Group == ParameterGroup.Main).SelectMany(p => p.Parts).Select(part => part.Name)];
        return
        [
            .. parameters.State().Select(
                p => narrowed.Contains(p.Key) ? new KeyValuePair<string, Tensor>(p.Key, p.Value.to_type(ScalarType.BFloat16)) : p),
        ];
    }

    private static Interpreter Build(Description description, LanguageModel target, string file, SafetensorsFile parameters)
    {
        // By name only: Enum.TryParse also accepts numbers and combinations of names.
        if (!Enum.GetNames<InterpreterMethod>().Contains(description.Method)
            || !Enum.TryParse(description.Method, out InterpreterMethod method))
        {
            throw new HyperDasException(
                "MethodUnknown",
                HyperDasErrorKind.InvalidData,
                $"'{file}' names the method '{description.Method}'; this version knows {string.Join(", ", Enum.GetNames<InterpreterMethod>())}.",
                file);
        }
        try
        {
            MethodDescription known = MethodCatalog.Of(method);
            MethodOptions options = (MethodOptions)description.Options.Deserialize(known.OptionsType, s_json)!;
            IReadOnlyList<ConceptKey> concepts = known.ReadsDescriptions ? [] : Concepts(description);
            ThrowIfMore(known.StoredNumbers(options, target, concepts), file, parameters);
            Interpreter interpreter = known.Create(target, options, concepts, seed: 0);
            interpreter.TrainedWith = description.Training;
            return interpreter;
        }
        catch (JsonException e)
        {
            throw Corrupt(file, e.Message, e);
        }
        catch (HyperDasException e) when (e.ErrorId is "OptionInvalid" or "LayerInvalid")
        {
            throw new HyperDasException(e.ErrorId, HyperDasErrorKind.InvalidData, $"'{file}': {e.Message}", file, e);
        }
    }

    private static IReadOnlyList<ConceptKey> Concepts(Description description)
    {
        IReadOnlyList<ConceptKey> concepts = description.Concepts ?? [];
        return concepts.Count > 0 && concepts.All(c => c is not null) && concepts.Distinct().Count() == concepts.Count
            ? concepts
            : throw new JsonException("concepts must contain at least one concept, without duplicates.");
    }

    // Before memory is allocated: a description may require more than there is.
    private static void ThrowIfMore(double needed, string file, SafetensorsFile parameters)
    {
        double there = parameters.Entries.Values.Sum(e => (double)e.ElementCount);
        if (needed > there)
        {
            throw Corrupt(file, FormattableString.Invariant(
                $"its options and concepts need at least {needed:G4} numbers, but '{parameters.Path}' contains {there:G4}"));
        }
    }

    private static Tensor Parameter(SafetensorsFile file, string name, long[] shape)
    {
        if (!file.Entries.TryGetValue(name, out TensorEntry? entry) || !entry.Shape.AsSpan().SequenceEqual(shape))
        {
            throw new HyperDasException(
                "InterpreterCorrupt",
                HyperDasErrorKind.InvalidData,
                $"'{file.Path}' must contain '{name}' with shape [{string.Join(", ", shape)}]; found {(entry is null ? "nothing" : $"[{string.Join(", ", entry.Shape)}]")}.",
                file.Path);
        }
        return file.Load(name, ScalarType.Float32);
    }

    private static Description Read(string folder)
    {
        string file = Path.Combine(folder, DescriptionFile);
        if (!File.Exists(file))
        {
            throw new HyperDasException(
                "PathNotFound", HyperDasErrorKind.NotFound,
                $"'{folder}' is not an interpreter: it has no {DescriptionFile}. "
                + (IsOriginal(folder)
                    ? "It contains a checkpoint of the original HyperDAS: open it with Import-HyperDasModel -Interpreter, and use the resulting interpreter."
                    : "Export-HyperDasInterpreter writes one."),
                folder);
        }
        using JsonDocument document = StrictJson.Open(file, "InterpreterCorrupt");
        // The version first: another format may contain values that this version can't read.
        string version = document.RootElement.TryGetProperty("formatVersion", out JsonElement number) ? number.ToString() : "missing";
        if (version != FormatVersion.ToString(CultureInfo.InvariantCulture))
        {
            throw new HyperDasException(
                "InterpreterCorrupt", HyperDasErrorKind.InvalidData,
                $"'{file}': formatVersion is {version}; this version reads {FormatVersion}.", file);
        }
        try
        {
            Description description = document.Deserialize<Description>(s_json)!;
            return description.Options.ValueKind == JsonValueKind.Object
                ? description
                : throw new JsonException("options must be an object.");
        }
        catch (JsonException e)
        {
            throw Corrupt(file, e.Message, e);
        }
    }

    private static HyperDasException Corrupt(string file, string why, Exception? inner = null) => new(
        "InterpreterCorrupt", HyperDasErrorKind.InvalidData, $"'{file}' isn't a valid interpreter description: {why}", file, inner);

    private static string? TokenizerFingerprint(LanguageModel target) =>
        Tokenization.Tokenizer.Exists(target.Path) ? target.Tokenizer.Fingerprint : null;

    private static bool IsSameTokenizer(string? kept, LanguageModel target) =>
        kept is null
            ? !Tokenization.Tokenizer.Exists(target.Path)
            : Tokenization.Tokenizer.Exists(target.Path) && target.Tokenizer.IsSame(kept);

    private static string Short(string fingerprint) => fingerprint[..Math.Min(12, fingerprint.Length)];

    private sealed record Description(
        int FormatVersion,
        string Method,
        string TargetName,
        string TargetFingerprint,
        string? TokenizerFingerprint,
        JsonElement Options,
        TrainingOptions? Training,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ConceptKey>? Concepts = null);
}
