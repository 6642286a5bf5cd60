using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;

namespace HyperDas.Engine.Tests.Ravel;

/// <summary>Writes Hugging Face folders with Arrow streams as the published datasets have them.</summary>
internal static class TinyArrow
{
    internal static readonly Dictionary<string, string> Row = new()
    {
        ["input_prefix"] = "It is known that Zürich", ["input_suffix"] = " is in", ["counterfactual_input_prefix"] = "I love Pattani",
        ["counterfactual_input_suffix"] = "", ["edit_instruction"] = "Zürich ; Pattani - Country", ["entity"] = "Zürich",
        ["counterfactual_entity"] = "Pattani",
        ["target"] = "Switzerland", ["counterfactual_target"] = "Thailand", ["attribute_type"] = "causal", ["domain"] = "city",
        ["attribute"] = "Country",
        ["verify_text"] = "It is known that Pattani is in",
    };

    /// <summary>The row with other cells: names and values in turn.</summary>
    internal static Dictionary<string, string> With(params string[] cells)
    {
        Dictionary<string, string> row = new(Row);
        for (int i = 0; i < cells.Length; i += 2)
        {
            row[cells[i]] = cells[i + 1];
        }
        return row;
    }

    /// <summary>Writes a dataset with one file.</summary>
    /// <returns>The dataset's folder.</returns>
    internal static string Write(TemporaryFolder parent, string name, params Dictionary<string, string>[][] batches)
    {
        string folder = Directory.CreateDirectory(Path.Combine(parent.Path, name)).FullName;
        Write(folder, batches);
        return folder;
    }

    /// <summary>Writes a dataset into a folder.</summary>
    internal static void Write(string folder, Dictionary<string, string>[][] batches)
    {
        File.WriteAllText(Path.Combine(folder, "dataset_info.json"), "{}");
        File.WriteAllText(Path.Combine(folder, "state.json"), """{"_data_files": [{"filename": "data-0.arrow"}]}""");
        Schema schema = new([.. batches[0][0].Keys.Select(column => new Field(column, StringType.Default, nullable: true))], []);
        using FileStream file = File.Create(Path.Combine(folder, "data-0.arrow"));
        using ArrowStreamWriter writer = new(file, schema);
        foreach (Dictionary<string, string>[] rows in batches)
        {
            writer.WriteRecordBatch(new RecordBatch(schema, schema.FieldsList.Select(field => new StringArray.Builder()
                .AppendRange(rows.Select(row => row[field.Name])).Build()), rows.Length));
        }
        writer.WriteEnd();
    }

    /// <summary>Writes a folder with several splits.</summary>
    /// <returns>The folder.</returns>
    internal static string WriteSplits(
        TemporaryFolder parent, string name, params (string Split, Dictionary<string, string>[] Rows)[] splits)
    {
        string folder = Directory.CreateDirectory(Path.Combine(parent.Path, name)).FullName;
        foreach ((string split, Dictionary<string, string>[] rows) in splits)
        {
            Write(Directory.CreateDirectory(Path.Combine(folder, split)).FullName, [rows]);
        }
        File.WriteAllText(
            Path.Combine(folder, "dataset_dict.json"), $$"""{"splits": [{{string.Join(", ", splits.Select(s => $"\"{s.Split}\""))}}]}""");
        return folder;
    }
}
