using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using HyperDas.Engine.Ravel;
using Xunit;

namespace HyperDas.Engine.Tests.Ravel;

public sealed class ArrowDatasetReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_row_becomes_an_example_letter_by_letter()
    {
        RavelDataset dataset = ArrowDatasetReader.Read(Write("town_test", [TinyArrow.Row]));

        RavelExample example = Assert.Single(dataset.Test);
        Assert.Equal(("Country", "Country", RavelExampleKind.Cause, "Thailand"),
            (example.Attribute, example.AskedAttribute, example.Kind, example.Label));
        Assert.Equal(("It is known that Zürich is in", "I love Pattani"), (example.BasePrompt, example.SourcePrompt));
        Assert.Equal(("It is known that %s is in", "I love %s"), (example.BaseTemplate, example.SourceTemplate));
        Assert.Equal("Zürich ; Pattani - Country", example.Instruction);
        Assert.Equal(["city"], dataset.Domains);
        Assert.Equal(["Country"], dataset.Attributes);
    }

    [Fact]
    public void The_target_attribute_of_an_isolate_row_is_the_instructions()
    {
        RavelExample example = ArrowDatasetReader.Read(
            Write("x", [TinyArrow.With("attribute_type", "isolate", "edit_instruction", "A - b ; Pattani - Country of Birth")])).Test[0];

        Assert.Equal(("Country of Birth", "Country", "Switzerland"), (example.Attribute, example.AskedAttribute, example.Label));
    }

    [Theory]
    [InlineData("city_train", 1, 0, 0)]
    [InlineData("city_val", 0, 1, 0)]
    [InlineData("city_validation", 0, 1, 0)]
    [InlineData("city_dev", 0, 1, 0)]
    [InlineData("train", 1, 0, 0)]
    [InlineData("city_test", 0, 0, 1)]
    [InlineData("city", 0, 0, 1)]
    public void The_folders_name_says_which_split_it_holds(string name, int train, int val, int test)
    {
        RavelDataset dataset = ArrowDatasetReader.Read(Write(name, [TinyArrow.Row]));

        Assert.Equal((name, train, val, test), (dataset.Name, dataset.Train.Count, dataset.Val.Count, dataset.Test.Count));
    }

    [Theory]
    [InlineData("city", "train", 1, 0, 0, null)]
    [InlineData("city", "train[:80%]", 1, 0, 0, null)]
    [InlineData("city", "validation", 0, 1, 0, null)]
    [InlineData("city_test", "train", 1, 0, 0, "are read as Train")]
    [InlineData("city_train", "all", 1, 0, 0, "are read as Train")]
    [InlineData("city", "train+test", 0, 0, 1, "are read as Test")]
    [InlineData("city", "", 0, 0, 1, null)]
    public void The_state_says_which_split_it_is_before_the_folders_name_does(
        string name, string said, int train, int val, int test, string? warning)
    {
        string folder = Write(name, [TinyArrow.Row]);
        File.WriteAllText(
            Path.Combine(folder, "state.json"), $$"""{"_data_files": [{"filename": "data-0.arrow"}], "_split": "{{said}}"}""");
        List<string> warnings = [];

        RavelDataset dataset = ArrowDatasetReader.Read(folder, warnings.Add);

        Assert.Equal((train, val, test), (dataset.Train.Count, dataset.Val.Count, dataset.Test.Count));
        Assert.Equal(warning is not null, warnings.Count == 1);
        Assert.All(warnings, text => Assert.Contains(warning!, text));
    }

    [Fact]
    public void A_folder_of_splits_is_one_dataset()
    {
        RavelDataset dataset = ArrowDatasetReader.Read(TinyArrow.WriteSplits(
            _folder, "cities", ("train", [TinyArrow.Row, TinyArrow.With("entity", "B")]), ("validation", [TinyArrow.Row]),
            ("test", [TinyArrow.With("domain", "town")])));

        Assert.Equal(("cities", 2, 1, 1), (dataset.Name, dataset.Train.Count, dataset.Val.Count, dataset.Test.Count));
        Assert.Equal(["city", "town"], dataset.Domains);
    }

    [Theory]
    [InlineData("state.json", """{"_data_files": [{"filename": "data-0.arrow"}], "_split": "test"}""", "calls it 'train'")]
    [InlineData("state.json", """{"_data_files": [{"filename": "data-0.arrow"}], "_split": 5}""", "calls it 'train'")]
    [InlineData("state.json", """{"_data_files": [{"filename": "data-0.arrow"}], "_split": "train[:5]"}""", null)]
    [InlineData("state.json", """{"_data_files": []}""", "has no rows", "doesn't list 'data-0.arrow'")]
    [InlineData("data-00001-of-00002.arrow", "", "doesn't list 'data-00001-of-00002.arrow'")]
    [InlineData("cache-1f2e.arrow", "", null)]
    [InlineData("../validation/dataset_info.json", "{}", "doesn't list 'validation'")]
    public void What_is_not_read_or_contradicts_is_told(string file, string content, string? word, string? second = null)
    {
        string[] words = [.. new[] { word, second }.OfType<string>()];
        string folder = TinyArrow.WriteSplits(_folder, "cities", ("train", [TinyArrow.Row]), ("test", [TinyArrow.Row]));
        string path = Path.Combine(folder, "train", file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        List<string> warnings = [];

        ArrowDatasetReader.Read(folder, warnings.Add);

        Assert.Equal(words.Length, warnings.Count);
        Assert.All(words, told => Assert.Contains(warnings, warning => warning.Contains(told, StringComparison.Ordinal)));
    }

    [Fact]
    public void Files_that_are_missing_according_to_the_names_of_the_others_are_told()
    {
        string folder = Write("city", [TinyArrow.Row]);
        File.Move(Path.Combine(folder, "data-0.arrow"), Path.Combine(folder, "data-00000-of-00003.arrow"));
        File.WriteAllText(Path.Combine(folder, "state.json"), """{"_data_files": [{"filename": "data-00000-of-00003.arrow"}]}""");
        List<string> warnings = [];

        ArrowDatasetReader.Read(folder, warnings.Add);

        Assert.Contains("lists 1 of 3 files", Assert.Single(warnings));
    }

    [Fact]
    public void Splits_within_a_split_are_refused_with_the_folder_to_import()
    {
        string folder = TinyArrow.WriteSplits(_folder, "cities", ("train", [TinyArrow.Row]));
        File.WriteAllText(Path.Combine(folder, "train", "dataset_dict.json"), """{"splits": ["train"]}""");

        HyperDasException error = Assert.Throws<HyperDasException>(() => ArrowDatasetReader.Read(folder));

        Assert.Equal("DatasetFileCorrupt", error.ErrorId);
        Assert.Contains("import that folder", error.Message);
    }

    [Theory]
    [InlineData("Zu\u0308rich", "in another Unicode form")]
    [InlineData("Zurich", "e.g. \"It is known that Zürich\" with \"Zurich\". They")]
    public void Prompts_that_do_not_end_with_their_entity_are_told(string entity, string word)
    {
        List<string> warnings = [];

        RavelDataset dataset = ArrowDatasetReader.Read(Write("city", [TinyArrow.With("entity", entity)]), warnings.Add);

        Assert.Contains(word, Assert.Single(warnings));
        Assert.StartsWith("It is known that Zürich", dataset.Test[0].BasePrompt, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"splits": ["train", "extra"]}""", "DatasetFileCorrupt", "extra")]
    [InlineData("""{"splits": ["train", "../train"]}""", "DatasetFileCorrupt", "../train")]
    [InlineData("""{"splits": ["train", "training"]}""", "PathNotFound", "training")]
    [InlineData("""{"splits": ["train", "train"]}""", "DatasetFileCorrupt", "two train splits")]
    [InlineData("""{"splits": "train"}""", "DatasetFileCorrupt", "dataset_dict.json")]
    [InlineData("""{"splits": [1]}""", "DatasetFileCorrupt", "dataset_dict.json")]
    [InlineData("""{"splits": []}""", "DatasetEmpty", "no row")]
    [InlineData("[]", "DatasetFileCorrupt", "dataset_dict.json")]
    public void A_list_of_splits_that_is_none_is_refused(string list, string id, string word)
    {
        string folder = TinyArrow.WriteSplits(_folder, "cities", ("train", [TinyArrow.Row]));
        File.WriteAllText(Path.Combine(folder, "dataset_dict.json"), list);

        HyperDasException error = Assert.Throws<HyperDasException>(() => ArrowDatasetReader.Read(folder));

        Assert.Equal(id, error.ErrorId);
        Assert.Contains(word, error.Message);
    }

    [Theory]
    [InlineData("state.json")]
    [InlineData("data-0.arrow")]
    public void A_pointer_is_recognised(string name)
    {
        string folder = Write("x", [TinyArrow.Row]);
        File.WriteAllText(Path.Combine(folder, name), "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1234567\n");

        HyperDasException error = Assert.Throws<HyperDasException>(() => ArrowDatasetReader.Read(folder));

        Assert.Equal("FileIsPointer", error.ErrorId);
        Assert.Contains(name, error.Message);
    }

    [Theory]
    [InlineData("""{"_data_files": []}""", "DatasetEmpty", "no row")]
    [InlineData("""{"_data_files": [{"filename": "data-0.arrow"}], "_indices_data_files": [{"filename": "i.arrow"}]}""",
        "DatasetFileCorrupt", "_indices_data_files")]
    public void Nothing_is_not_a_dataset_and_a_choice_of_rows_is_not_passed_over(string state, string id, string word)
    {
        string folder = Write("x", [TinyArrow.Row]);
        File.WriteAllText(Path.Combine(folder, "state.json"), state);

        HyperDasException error = Assert.Throws<HyperDasException>(() => ArrowDatasetReader.Read(folder));

        Assert.Equal(id, error.ErrorId);
        Assert.Contains(word, error.Message);
    }

    [Fact]
    public void Columns_of_numbers_are_passed_over_and_long_offsets_read()
    {
        string folder = Write("x", [TinyArrow.Row]), path = Path.Combine(folder, "data-0.arrow");
        Field[] fields =
        [
            new("index", Int64Type.Default, true),
            .. TinyArrow.Row.Keys.Select(name => new Field(name, name == "entity" ? LargeStringType.Default : StringType.Default, true)),
            new("score", DoubleType.Default, true), new("nothing", NullType.Default, true),
        ];
        Schema schema = new(fields, []);
        IArrowArray[] columns =
        [
            new Int64Array.Builder().Append(7).Append(8).Build(),
            .. TinyArrow.Row.Select(cell => cell.Key == "entity"
                ? new LargeStringArray(2, LongOffsets(cell.Value), Utf8(cell.Value + cell.Value), ArrowBuffer.Empty)
                : (IArrowArray)new StringArray.Builder().Append(cell.Value).Append(cell.Value).Build()),
            new DoubleArray.Builder().Append(1).Append(2).Build(), new NullArray(2),
        ];
        using (FileStream file = File.Create(path))
        using (ArrowStreamWriter writer = new(file, schema))
        {
            writer.WriteRecordBatch(new RecordBatch(schema, columns, 2));
            writer.WriteEnd();
        }

        RavelDataset dataset = ArrowDatasetReader.Read(folder);

        Assert.Equal(["Zürich", "Zürich"], dataset.Test.Select(example => example.BaseEntity));
        Assert.Equal("Thailand", dataset.Test[1].SourceValue);
    }

    [Fact]
    public void Record_batches_and_files_follow_each_other_in_order()
    {
        string folder = Write("x", [TinyArrow.Row, TinyArrow.With("entity", "B")], [TinyArrow.With("entity", "C")]);
        File.Copy(Path.Combine(folder, "data-0.arrow"), Path.Combine(folder, "data-1.arrow"));
        File.WriteAllText(
            Path.Combine(folder, "state.json"), """{"_data_files": [{"filename": "data-0.arrow"}, {"filename": "data-1.arrow"}]}""");

        Assert.Equal(["Zürich", "B", "C", "Zürich", "B", "C"], ArrowDatasetReader.Read(folder).Test.Select(example => example.BaseEntity));
    }

    [Theory]
    [InlineData("attribute_type", "both")]
    [InlineData("edit_instruction", "the country of a city")]
    public void A_row_that_makes_no_sense_is_named(string column, string value)
    {
        AssertCorrupt(Write("x", [TinyArrow.Row, TinyArrow.With(column, value)]), "row 1");
    }

    [Fact]
    public void More_columns_than_any_dataset_has_are_refused() =>
        AssertCorrupt(
            Write("x", [TinyArrow.With([.. Enumerable.Range(0, 300).SelectMany(i => (string[])[$"column {i}", "x"])])]), "columns");

    [Fact]
    public void A_missing_column_is_named()
    {
        AssertCorrupt(Write("x", [TinyArrow.Row.Where(cell => cell.Key != "target").ToDictionary()]), "'target'");
    }

    [Fact]
    public void A_stream_that_is_cut_off_anywhere_is_refused()
    {
        string folder = Write("x", [TinyArrow.Row]);
        string path = Path.Combine(folder, "data-0.arrow");
        byte[] whole = File.ReadAllBytes(path);

        for (int length = 0; length < whole.Length; length += 7)
        {
            File.WriteAllBytes(path, whole[..length]);
            AssertCorrupt(folder, "damaged");
        }
    }

    [Fact]
    public void A_stream_with_any_byte_spoilt_is_read_or_refused_but_nothing_else()
    {
        string folder = Write("x", [TinyArrow.Row]);
        string path = Path.Combine(folder, "data-0.arrow");
        byte[] whole = File.ReadAllBytes(path);

        for (int at = 0; at < whole.Length; at++)
        {
            byte[] spoilt = [.. whole];
            spoilt[at] ^= (byte)(at % 2 == 0 ? 0xFF : 0x40);
            File.WriteAllBytes(path, spoilt);
            if (Record.Exception(() => ArrowDatasetReader.Read(folder)) is Exception error)
            {
                Assert.Equal("DatasetFileCorrupt", Assert.IsType<HyperDasException>(error).ErrorId);
            }
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("""{"_data_files": [{"filename": null}]}""")]
    [InlineData("""{"_data_files": [{"filename": ""}]}""")]
    [InlineData("""{"_data_files": [{"filename": "../x/data-0.arrow"}]}""")]
    [InlineData("""{"_data_files": [{"filename": "data-0.arrow"}, {"filename": "data-0.arrow"}]}""")]
    [InlineData("""{"_data_files": [{"filename": "\ud800"}]}""")]
    [InlineData("""{"_data_files": [], "_data_files": []}""")]
    public void A_state_file_that_names_no_files_is_refused(string state)
    {
        string folder = Write("x", [TinyArrow.Row]);
        File.WriteAllText(Path.Combine(folder, "state.json"), state);

        AssertCorrupt(folder, "state.json");
    }

    [Theory]
    [InlineData("dataset_info.json")]
    [InlineData("state.json")]
    [InlineData("data-0.arrow")]
    public void A_missing_file_is_named(string name)
    {
        string folder = Write("x", [TinyArrow.Row]);
        File.Delete(Path.Combine(folder, name));

        HyperDasException error = Assert.Throws<HyperDasException>(() => ArrowDatasetReader.Read(folder));

        Assert.Equal("PathNotFound", error.ErrorId);
        Assert.Contains(name, error.Message);
    }

    [SkippableTheory]
    [InlineData("city_country_test", 1544, 1078, 1)]
    [InlineData("occupation_test", 1582, 864, 3)]
    public void The_published_datasets_have_the_published_numbers_of_rows(string name, int cause, int isolate, int attributes)
    {
        RavelDataset dataset = ArrowDatasetReader.Read(SharedData.Require("data", "hyperdas-arrow", name));

        Assert.Equal(cause, dataset.Test.Count(example => example.Kind == RavelExampleKind.Cause));
        Assert.Equal(isolate, dataset.Test.Count(example => example.Kind == RavelExampleKind.Isolate));
        Assert.Equal(attributes, dataset.Attributes.Count);
        Assert.All(dataset.Test.Where(example => example.Kind == RavelExampleKind.Cause), example => Assert.Equal(
            example.Attribute, example.AskedAttribute));
        Assert.All(dataset.Test.Where(example => example.Kind == RavelExampleKind.Isolate), example => Assert.NotEqual(
            example.Attribute, example.AskedAttribute));
        Assert.All(dataset.Test, example => Assert.Contains(TemplateSlot.Mark, example.BaseTemplate));
    }

    public void Dispose() => _folder.Dispose();

    private static ArrowBuffer LongOffsets(string text)
    {
        long length = System.Text.Encoding.UTF8.GetByteCount(text);
        return new ArrowBuffer.Builder<long>().Append(0).Append(length).Append(2 * length).Build();
    }

    private static ArrowBuffer Utf8(string text) => new(System.Text.Encoding.UTF8.GetBytes(text));

    private static void AssertCorrupt(string folder, string named)
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => ArrowDatasetReader.Read(folder));
        Assert.Equal("DatasetFileCorrupt", error.ErrorId);
        Assert.Contains(named, error.Message);
    }

    private string Write(string name, params Dictionary<string, string>[][] batches) => TinyArrow.Write(_folder, name, batches);
}
