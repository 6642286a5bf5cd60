using System.Globalization;
using System.Text.Json;
using HyperDas.Engine.Files;
using HyperDas.Engine.Tokenization.Unicode;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// Reads the datasets that the original repository publishes: Hugging Face folders with Arrow IPC streams of text columns
/// (docs/methods.md#published-datasets), one folder for each split or all of them in a folder with <c>dataset_dict.json</c>.
/// </summary>
/// <remarks>The split of a folder with one split is <c>_split</c> in <c>state.json</c>, as for Hugging Face's own reader; otherwise the
/// suffix of the folder's name (<c>_train</c>, <c>_val</c>, ...); otherwise test.</remarks>
public static class ArrowDatasetReader
{
    private const string InfoFile = "dataset_info.json";
    private const string StateFile = "state.json";
    private const string DictionaryFile = "dataset_dict.json";

    // Hugging Face begins a new file at half of this.
    private const long LargestFile = 1L << 30;

    private static readonly string[] s_columns =
    [
        "input_prefix", "input_suffix", "counterfactual_input_prefix", "counterfactual_input_suffix", "edit_instruction", "entity",
        "counterfactual_entity", "target", "counterfactual_target", "attribute_type", "domain", "attribute",
    ];

    /// <summary>Whether a folder is such a dataset.</summary>
    /// <param name="folder">Any folder.</param>
    public static bool IsDataset(string folder) => File.Exists(Path.Combine(folder, InfoFile))
        || File.Exists(Path.Combine(folder, DictionaryFile));

    /// <summary>Reads a dataset.</summary>
    /// <param name="folder">Folder with <c>dataset_info.json</c> and Arrow files, or with <c>dataset_dict.json</c> and a
    /// folder for each split.</param>
    /// <param name="warn">Receives warnings.</param>
    /// <returns>All rows in order, with prompts, instruction and values as stored.</returns>
    /// <exception cref="HyperDasException"><c>PathNotFound</c>, <c>DatasetFileCorrupt</c>, <c>DatasetEmpty</c>,
    /// <c>FileIsPointer</c>.</exception>
    public static RavelDataset Read(string folder, Action<string>? warn = null)
    {
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!IsDataset(folder))
        {
            throw new HyperDasException(
                "PathNotFound", HyperDasErrorKind.NotFound,
                $"The folder '{folder}' has neither {InfoFile} nor {DictionaryFile}, so it isn't a Hugging Face dataset.", folder);
        }
        Dictionary<ArrowSplit, List<RavelExample>> splits = File.Exists(Path.Combine(folder, DictionaryFile))
            ? ReadSplits(folder, warn)
            : new() { [SplitOf(folder, warn)] = Rows(folder, warn) };
        List<RavelExample> examples = [.. Enum.GetValues<ArrowSplit>().SelectMany(Of)];
        if (examples.Count == 0)
        {
            string list = Path.Combine(folder, File.Exists(Path.Combine(folder, DictionaryFile)) ? DictionaryFile : StateFile);
            throw new HyperDasException("DatasetEmpty", HyperDasErrorKind.NotFound, $"The files listed in '{list}' have no rows.", folder);
        }
        WarnOfOtherEntities(examples, warn);
        return new RavelDataset(
            Path.GetFileName(folder),
            [.. examples.Select(example => example.Domain).Distinct()],
            [.. examples.Select(example => example.Attribute).Distinct()],
            Of(ArrowSplit.Train),
            Of(ArrowSplit.Val),
            Of(ArrowSplit.Test),
            Seed: 0,
            new RavelBuildCounts(0, 0, 0, 0));

        List<RavelExample> Of(ArrowSplit split) => splits.TryGetValue(split, out List<RavelExample>? rows) ? rows : [];
    }

    private static Dictionary<ArrowSplit, List<RavelExample>> ReadSplits(string folder, Action<string>? warn)
    {
        string path = Path.Combine(folder, DictionaryFile);
        Dictionary<ArrowSplit, List<RavelExample>> splits = [];
        List<string> names = SplitNames(path);
        foreach (string name in names)
        {
            ArrowSplit split = ArrowSplits.Parse(name) ?? throw Corrupt(path, $"its split '{name}' isn't one of {ArrowSplits.Known}");
            string inside = Path.Combine(folder, name);
            if (File.Exists(Path.Combine(inside, DictionaryFile)))
            {
                throw Corrupt(path, $"its split '{name}' has splits of its own ('{Path.Combine(inside, DictionaryFile)}'): import that folder");
            }
            if (!File.Exists(Path.Combine(inside, InfoFile)))
            {
                throw new HyperDasException("PathNotFound", HyperDasErrorKind.NotFound,
                    $"'{path}' names the split '{name}', but '{inside}' has no {InfoFile}.", inside);
            }
            List<RavelExample> rows = Rows(inside, warn);
            if (!splits.TryAdd(split, rows))
            {
                throw Corrupt(path, $"it names two {split.ToString().ToLowerInvariant()} splits");
            }
            WarnOfSplit(inside, name, split, rows.Count, warn);
        }
        foreach (string other in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            if (File.Exists(Path.Combine(other, InfoFile)) && !names.Contains(Path.GetFileName(other)))
            {
                warn?.Invoke($"'{path}' doesn't list '{Path.GetFileName(other)}', so its rows aren't read.");
            }
        }
        return splits;
    }

    // The folder's name counts, as for Hugging Face's own reader.
    private static void WarnOfSplit(string folder, string name, ArrowSplit split, int rows, Action<string>? warn)
    {
        if (SaidSplit(folder) is { } said && ArrowSplits.Parse(PartOf(said)) != split)
        {
            warn?.Invoke(
                $"'{Path.Combine(folder, StateFile)}' has \"_split\": \"{said}\", but {DictionaryFile} calls it '{name}': its rows are read as {split}.");
        }
        if (rows == 0)
        {
            warn?.Invoke($"The split '{name}' in '{folder}' has no rows.");
        }
    }

    // Their prompts are used unchanged, and what precedes the suffix counts as the entity's end.
    private static void WarnOfOtherEntities(List<RavelExample> examples, Action<string>? warn)
    {
        (string Prefix, string Entity)[] odd =
        [
            .. examples.SelectMany(e => ((string Prefix, string Entity)[])[(e.BasePrefix, e.BaseEntity), (e.SourcePrefix, e.SourceEntity)])
                .Where(side => !side.Prefix.TrimEnd().EndsWith(side.Entity.TrimEnd(), StringComparison.Ordinal))
        ];
        if (odd.Length > 0)
        {
            bool isForm = ComposedForm.Of(odd[0].Prefix).EndsWith(ComposedForm.Of(odd[0].Entity.TrimEnd()), StringComparison.Ordinal);
            warn?.Invoke(
                $"{odd.Length} prompts don't end with their entity before the suffix, e.g. \"{odd[0].Prefix}\" with \"{odd[0].Entity}\"{(isForm ? " in another Unicode form" : "")}. They are used unchanged, and their last token before the suffix counts as the entity's.");
        }
    }

    private static List<string> SplitNames(string path)
    {
        StandIn.ThrowIfPointer(path);
        using JsonDocument document = StrictJson.Open(path, "DatasetFileCorrupt");
        return document.RootElement.TryGetProperty("splits", out JsonElement names) && names.ValueKind == JsonValueKind.Array
            && names.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String)
            ? [.. names.EnumerateArray().Select(name => name.GetString()!)]
            : throw Corrupt(path, "its \"splits\" aren't a list of names");
    }

    private static ArrowSplit SplitOf(string folder, Action<string>? warn)
    {
        ArrowSplit? named = ArrowSplits.ParseEnd(Path.GetFileName(folder));
        string? said = SaidSplit(folder);
        if (said is null)
        {
            return named ?? ArrowSplit.Test;
        }
        if (ArrowSplits.Parse(PartOf(said)) is not { } split)
        {
            split = named ?? ArrowSplit.Test;
            warn?.Invoke(
                $"'{Path.Combine(folder, StateFile)}' has \"_split\": \"{said}\", which isn't one of {ArrowSplits.Known}: its rows are read as {split}.");
        }
        else if (named is { } other && other != split)
        {
            warn?.Invoke(
                $"'{Path.Combine(folder, StateFile)}' has \"_split\": \"{said}\", but the folder's name indicates {other}: its rows are read as {split}. Correct the file if that is wrong.");
        }
        return split;
    }

    // "train[:80%]" is a part of "train".
    private static string PartOf(string split) => split.Split('[')[0];

    // "_split" in state.json, as text; null where it is missing, null or empty.
    private static string? SaidSplit(string folder) => State(folder, root => root.ValueKind == JsonValueKind.Object
        && root.TryGetProperty("_split", out JsonElement split) && split.ToString() is { Length: > 0 } said ? said : null);

    private static List<RavelExample> Rows(string folder, Action<string>? warn)
    {
        string[] files = [.. DataFiles(folder)];
        List<RavelExample> rows = [.. files.SelectMany(ReadFile)];
        HashSet<string> listed = [.. files.Select(file => Path.GetFileName(file))];
        string[] others =
        [
            .. Directory.EnumerateFiles(folder, "*.arrow").Select(file => Path.GetFileName(file))
                .Where(name => !listed.Contains(name) && !name.StartsWith("cache-", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
        ];
        if (others.Length > 0)
        {
            warn?.Invoke(
                $"'{Path.Combine(folder, StateFile)}' doesn't list {string.Join(", ", others.Select(name => $"'{name}'"))}, whose rows aren't read.");
        }
        else if (listed.Select(CountInName).Max() is int count && count > listed.Count)
        {
            warn?.Invoke(
                $"'{Path.Combine(folder, StateFile)}' lists {listed.Count} of {count} files, according to their names; the rows of the others are missing.");
        }
        return rows;
    }

    // 3 for data-00000-of-00003.arrow.
    private static int? CountInName(string name)
    {
        string[] parts = Path.GetFileNameWithoutExtension(name).Split("-of-");
        return parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : null;
    }

    private static T State<T>(string folder, Func<JsonElement, T> read)
    {
        string state = Path.Combine(folder, StateFile);
        if (!File.Exists(state))
        {
            throw new HyperDasException(
                "PathNotFound", HyperDasErrorKind.NotFound,
                $"The file '{state}', which lists the dataset's Arrow files, doesn't exist.", state);
        }
        StandIn.ThrowIfPointer(state);
        using JsonDocument document = StrictJson.Open(state, "DatasetFileCorrupt");
        return read(document.RootElement);
    }

    private static IEnumerable<string> DataFiles(string folder)
    {
        string state = Path.Combine(folder, StateFile);
        try
        {
            return State(folder, root =>
            {
                // Versions before 2.0 could store a selection of rows separately.
                if (root.TryGetProperty("_indices_data_files", out JsonElement choice) && choice.ValueKind == JsonValueKind.Array
                    && choice.GetArrayLength() > 0)
                {
                    throw Corrupt(state,
                        "it is from an old version of datasets that stored row indices (\"_indices_data_files\"); call flatten_indices() and save it again");
                }
                string[] names =
                    [.. root.GetProperty("_data_files").EnumerateArray().Select(file => file.GetProperty("filename").GetString() ?? "")];
                // Only file names, without duplicates: the file can't refer to other folders, or in circles.
                return Array.Find(names, name => name.Length == 0 || name != Path.GetFileName(name)) is string other
                    ? throw Corrupt(state, $"'{other}' isn't a file name")
                    : names.CountBy(name => name).Any(name => name.Value > 1)
                        ? throw Corrupt(state, "it names a file twice")
                        : names.Select(name => Path.Combine(folder, name));
            });
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException)
        {
            throw Corrupt(state, $"its \"_data_files\" don't list the Arrow files ({error.Message})", error);
        }
    }

    private static List<RavelExample> ReadFile(string path)
    {
        if (!File.Exists(path))
        {
            throw new HyperDasException("PathNotFound", HyperDasErrorKind.NotFound,
                $"The file '{path}', which '{Path.Combine(Path.GetDirectoryName(path)!, StateFile)}' lists, doesn't exist.", path);
        }
        StandIn.ThrowIfPointer(path);
        try
        {
            (IReadOnlyList<string> columns, IReadOnlyList<string?[]> rows) = ArrowTextStream.Read(
                WholeFile.Read(path, LargestFile, "DatasetFileCorrupt"));
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
        string prefix = Text("input_prefix"), suffix = Text("input_suffix"), entity = Text("entity"),
            instruction = Text("edit_instruction");
        int mark = instruction.LastIndexOf(RavelInstruction.AttributeMark, StringComparison.Ordinal);
        if (mark < 0)
        {
            throw Corrupt(
                path, $"the instruction of row {row}, '{instruction}', doesn't name an attribute after '{RavelInstruction.AttributeMark}'");
        }
        (string basePrefix, string baseSuffix) = TemplateSlot.Cut(prefix, suffix, entity);
        (string sourcePrefix, string sourceSuffix) = TemplateSlot.Cut(
            Text("counterfactual_input_prefix"), Text("counterfactual_input_suffix"), Text("counterfactual_entity"));
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
            BasePrefix = basePrefix,
            BaseSuffix = baseSuffix,
            SourcePrefix = sourcePrefix,
            SourceSuffix = sourceSuffix,
            BaseTemplate = Template(prefix, entity) + suffix,
            SourceTemplate = Template(Text("counterfactual_input_prefix"), Text("counterfactual_entity"))
                + Text("counterfactual_input_suffix"),
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
