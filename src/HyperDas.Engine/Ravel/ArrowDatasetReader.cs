using System.Text.Json;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// Reads the datasets that the original repository publishes: Hugging Face folders with Arrow IPC streams of text columns
/// (docs/methods.md#published-datasets).
/// </summary>
/// <remarks>
/// A folder holds one split and doesn't say which: a name that ends in <c>_train</c> or <c>_val</c> does, everything else counts as test.
/// </remarks>
public static class ArrowDatasetReader
{
    private const string InfoFile = "dataset_info.json";
    private const string StateFile = "state.json";

    // Hugging Face begins a new file at half of this.
    private const long LargestFile = 1L << 30;

    private static readonly string[] s_columns =
    [
        "input_prefix", "input_suffix", "counterfactual_input_prefix", "counterfactual_input_suffix", "edit_instruction", "entity",
        "counterfactual_entity", "target", "counterfactual_target", "attribute_type", "domain", "attribute",
    ];

    /// <summary>Whether a folder is such a dataset.</summary>
    /// <param name="folder">Any folder.</param>
    public static bool IsDataset(string folder) => File.Exists(Path.Combine(folder, InfoFile));

    /// <summary>Reads a dataset.</summary>
    /// <param name="folder">Folder with <c>dataset_info.json</c> and Arrow files.</param>
    /// <returns>All rows, in order; prompts, instruction and values as they are written there.</returns>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>DatasetFileCorrupt</c>.</exception>
    public static RavelDataset Read(string folder)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!IsDataset(folder))
        {
            throw new HyperDasException("PathNotFound", HyperDasErrorKind.NotFound, $"The folder '{folder}' has no {InfoFile}; a Hugging Face dataset folder is needed.", folder);
        }
        List<RavelExample> examples = [.. DataFiles(folder).SelectMany(ReadFile)];
        string name = Path.GetFileName(folder);
        bool train = name.EndsWith("_train", StringComparison.Ordinal), val = name.EndsWith("_val", StringComparison.Ordinal);
        return new RavelDataset(
            name,
            [.. examples.Select(example => example.Domain).Distinct()],
            [.. examples.Select(example => example.Attribute).Distinct()],
            train ? examples : [],
            val ? examples : [],
            train || val ? [] : examples,
            Seed: 0,
            new RavelBuildCounts(0, 0, 0, 0));
    }

    private static IEnumerable<string> DataFiles(string folder)
    {
        string state = Path.Combine(folder, StateFile);
        if (!File.Exists(state))
        {
            throw new HyperDasException("PathNotFound", HyperDasErrorKind.NotFound, $"There is no file '{state}'; it names the Arrow files of the dataset.", state);
        }
        try
        {
            using JsonDocument document = StrictJson.Open(state, "DatasetFileCorrupt");
            string[] names = [.. document.RootElement.GetProperty("_data_files").EnumerateArray().Select(file => file.GetProperty("filename").GetString() ?? "")];
            // Names only, each once: the file can't send us elsewhere, nor round in circles.
            return Array.Find(names, name => name.Length == 0 || name != Path.GetFileName(name)) is string other
                ? throw Corrupt(state, $"'{other}' isn't the name of a file in the folder")
                : names.CountBy(name => name).Any(name => name.Value > 1)
                    ? throw Corrupt(state, "it names a file twice")
                    : names.Select(name => Path.Combine(folder, name));
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException)
        {
            throw Corrupt(state, $"its \"_data_files\" don't name the Arrow files ({error.Message})", error);
        }
    }

    private static List<RavelExample> ReadFile(string path)
    {
        if (!File.Exists(path))
        {
            throw new HyperDasException("PathNotFound", HyperDasErrorKind.NotFound, $"There is no file '{path}', which '{Path.Combine(Path.GetDirectoryName(path)!, StateFile)}' names.", path);
        }
        try
        {
            (IReadOnlyList<string> columns, IReadOnlyList<string?[]> rows) = ArrowTextStream.Read(WholeFile.Read(path, LargestFile, "DatasetFileCorrupt"));
            Dictionary<string, int> places = s_columns.ToDictionary(name => name, name => Place(path, columns, name));
            return [.. rows.Select((row, i) => Example(path, i, name => row[places[name]]))];
        }
        catch (InvalidDataException error)
        {
            throw Corrupt(path, error.Message, error);
        }
    }

    private static int Place(string path, IReadOnlyList<string> columns, string name)
    {
        int place = columns.ToList().IndexOf(name);
        return place >= 0 ? place : throw Corrupt(path, $"the text column '{name}' is missing");
    }

    private static RavelExample Example(string path, int row, Func<string, string?> column)
    {
        string prefix = Text("input_prefix"), suffix = Text("input_suffix"), entity = Text("entity"), instruction = Text("edit_instruction");
        int mark = instruction.LastIndexOf(RavelInstruction.AttributeMark, StringComparison.Ordinal);
        if (mark < 0)
        {
            throw Corrupt(path, $"the instruction of row {row}, '{instruction}', doesn't name an attribute after '{RavelInstruction.AttributeMark}'");
        }
        return new RavelExample
        {
            Domain = Text("domain"),
            Kind = Text("attribute_type") switch
            {
                "causal" => RavelExampleKind.Cause,
                "isolate" => RavelExampleKind.Isolate,
                string other => throw Corrupt(path, $"the attribute_type of row {row} is '{other}', not causal or isolate"),
            },
            Attribute = instruction[(mark + RavelInstruction.AttributeMark.Length)..],
            AskedAttribute = Text("attribute"),
            Instruction = instruction,
            BaseEntity = entity,
            SourceEntity = Text("counterfactual_entity"),
            BasePrefix = prefix,
            BaseSuffix = suffix,
            SourcePrefix = Text("counterfactual_input_prefix"),
            SourceSuffix = Text("counterfactual_input_suffix"),
            BaseTemplate = Template(prefix, entity) + suffix,
            SourceTemplate = Template(Text("counterfactual_input_prefix"), Text("counterfactual_entity")) + Text("counterfactual_input_suffix"),
            BaseValue = Text("target"),
            SourceValue = Text("counterfactual_target"),
        };

        string Text(string name) => column(name) ?? throw Corrupt(path, $"'{name}' of row {row} is missing");
    }

    private static string Template(string prefix, string entity) =>
        prefix.EndsWith(entity, StringComparison.Ordinal) ? prefix[..^entity.Length] + TemplateSlot.Mark : prefix;

    private static HyperDasException Corrupt(string path, string why, Exception? inner = null) => new(
        "DatasetFileCorrupt", HyperDasErrorKind.InvalidData, $"'{path}' is damaged: {why}.", path, inner);
}
