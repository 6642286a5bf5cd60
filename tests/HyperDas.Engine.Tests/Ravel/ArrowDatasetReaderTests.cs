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
        Assert.Equal(("Country", "Country", RavelExampleKind.Cause, "Thailand"), (example.Attribute, example.AskedAttribute, example.Kind, example.Label));
        Assert.Equal(("It is known that Zürich is in", "I love Pattani"), (example.BasePrompt, example.SourcePrompt));
        Assert.Equal(("It is known that %s is in", "I love %s"), (example.BaseTemplate, example.SourceTemplate));
        Assert.Equal("Zürich ; Pattani - Country", example.Instruction);
        Assert.Equal(["city"], dataset.Domains);
        Assert.Equal(["Country"], dataset.Attributes);
    }

    [Fact]
    public void The_target_attribute_of_an_isolate_row_is_the_instructions()
    {
        RavelExample example = ArrowDatasetReader.Read(Write("x", [TinyArrow.With("attribute_type", "isolate", "edit_instruction", "A - b ; Pattani - Country of Birth")])).Test[0];

        Assert.Equal(("Country of Birth", "Country", "Switzerland"), (example.Attribute, example.AskedAttribute, example.Label));
    }

    [Theory]
    [InlineData("city_train", 1, 0, 0)]
    [InlineData("city_val", 0, 1, 0)]
    [InlineData("city_test", 0, 0, 1)]
    [InlineData("city", 0, 0, 1)]
    public void The_folders_name_says_which_split_it_holds(string name, int train, int val, int test)
    {
        RavelDataset dataset = ArrowDatasetReader.Read(Write(name, [TinyArrow.Row]));

        Assert.Equal((name, train, val, test), (dataset.Name, dataset.Train.Count, dataset.Val.Count, dataset.Test.Count));
    }

    [Fact]
    public void Record_batches_and_files_follow_each_other_in_order()
    {
        string folder = Write("x", [TinyArrow.Row, TinyArrow.With("entity", "B")], [TinyArrow.With("entity", "C")]);
        File.Copy(Path.Combine(folder, "data-0.arrow"), Path.Combine(folder, "data-1.arrow"));
        File.WriteAllText(Path.Combine(folder, "state.json"), """{"_data_files": [{"filename": "data-0.arrow"}, {"filename": "data-1.arrow"}]}""");

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
        AssertCorrupt(Write("x", [TinyArrow.With([.. Enumerable.Range(0, 300).SelectMany(i => (string[])[$"column {i}", "x"])])]), "columns");

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
        Assert.All(dataset.Test.Where(example => example.Kind == RavelExampleKind.Cause), example => Assert.Equal(example.Attribute, example.AskedAttribute));
        Assert.All(dataset.Test.Where(example => example.Kind == RavelExampleKind.Isolate), example => Assert.NotEqual(example.Attribute, example.AskedAttribute));
        Assert.All(dataset.Test, example => Assert.Contains(TemplateSlot.Mark, example.BaseTemplate));
    }

    public void Dispose() => _folder.Dispose();

    private static void AssertCorrupt(string folder, string named)
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => ArrowDatasetReader.Read(folder));
        Assert.Equal("DatasetFileCorrupt", error.ErrorId);
        Assert.Contains(named, error.Message);
    }

    private string Write(string name, params Dictionary<string, string>[][] batches) => TinyArrow.Write(_folder, name, batches);
}
