using System.Buffers.Binary;
using System.Text;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Files;
using HyperDas.Engine.Tests.Golden;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Checkpoints;

public class SafetensorsFileTests
{
    private const string Pair =
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}}""";

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Byte)]
    [InlineData(ScalarType.Bool)]
    public void Every_element_type_comes_back_as_it_was_written(ScalarType dtype)
    {
        using TemporaryFolder folder = new();
        using DisposeScope scope = NewDisposeScope();
        string path = Path.Combine(folder.Path, "x.safetensors");
        Tensor values = tensor(new[] { 0f, 1, 2, 100, 7, 0 }).view(2, 3).to_type(dtype);

        SafetensorsWriter.Write(path, [new("values", values), new("scalar", values[0, 2]), new("none", values.narrow(0, 0, 0))]);

        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal(dtype, file.Entries["values"].Dtype);
        GoldenCase.AssertClose(values, file.Load("values"), 0);
        GoldenCase.AssertClose(values[0, 2], file.Load("scalar"), 0);
        Assert.Equal([0L, 3L], file.Load("none").shape);
        Assert.Equal(dtype, file.Load("values").dtype);
    }

    [Theory]
    [InlineData("<!DOCTYPE html><title>Access denied</title>", "'<!DOCTYP', as a web page")]
    [InlineData("""{"error": "Repository not found"}""", "as a web page or a message")]
    [InlineData("no header at all", "the header declares")]
    public void What_a_server_said_in_place_of_a_file_is_recognised(string content, string word)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("x.safetensors", content);

        HyperDasException error = Assert.Throws<HyperDasException>(() => SafetensorsFile.Open(path));

        Assert.Equal("CheckpointCorrupt", error.ErrorId);
        Assert.Contains(word, error.Message);
    }

    [Fact]
    public void A_tensor_is_converted_while_it_is_loaded()
    {
        using TemporaryFolder folder = new();
        using DisposeScope scope = NewDisposeScope();
        string path = Path.Combine(folder.Path, "x.safetensors");
        // More than one 16 MiB portion, and not a multiple of it.
        Tensor values = arange(5_000_001, ScalarType.Float32).remainder(251);
        SafetensorsWriter.Write(path, [new("v", values)]);

        using SafetensorsFile file = SafetensorsFile.Open(path);

        GoldenCase.AssertClose(values, file.Load("v"), 0);
        GoldenCase.AssertClose(values, file.Load("v", ScalarType.BFloat16), 0);
        GoldenCase.AssertClose(values, file.Load("v", ScalarType.Float64), 0);
    }

    [Fact]
    public void Metadata_names_and_transposed_tensors_survive()
    {
        using TemporaryFolder folder = new();
        using DisposeScope scope = NewDisposeScope();
        string path = Path.Combine(folder.Path, "x.safetensors");
        Tensor values = arange(6, ScalarType.Float32).view(2, 3).t();

        SafetensorsWriter.Write(path, [new("größe \"1\"", values)], new Dictionary<string, string> { ["format"] = "pt", ["ключ"] = "値" });

        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal("値", file.Metadata["ключ"]);
        GoldenCase.AssertClose(values, file.Load("größe \"1\""), 0);
    }

    [Fact]
    public void Wide_elements_come_first_so_that_all_are_aligned()
    {
        using TemporaryFolder folder = new();
        using DisposeScope scope = NewDisposeScope();
        string path = Path.Combine(folder.Path, "x.safetensors");

        SafetensorsWriter.Write(
            path, [new("narrow", zeros([3], ScalarType.Byte)), new("wide", zeros([3], ScalarType.Float64)), new("middle", zeros([3]))]);

        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.All(file.Entries.Values, e => Assert.Equal(0, e.Offset % SafetensorsDtype.ElementSize(e.Dtype)));
    }

    [Fact]
    public void A_stored_bool_of_any_byte_is_true_or_false()
    {
        using TemporaryFolder folder = new();
        using DisposeScope scope = NewDisposeScope();
        string path = Write(folder, """{"b":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}}""", [0, 1, 255]);

        using SafetensorsFile file = SafetensorsFile.Open(path);

        Assert.Equal(2, file.Load("b").to_type(ScalarType.Int64).sum().item<long>());
    }

    [Fact]
    public void A_header_padded_with_spaces_is_fine()
    {
        using TemporaryFolder folder = new();
        using SafetensorsFile file = SafetensorsFile.Open(Write(folder, Pair + "   ", new byte[11]));

        Assert.Equal(2, file.Entries.Count);
    }

    [Theory]
    [InlineData("I8", 2)]
    [InlineData("U16", 4)]
    [InlineData("U32", 8)]
    [InlineData("F8_E4M3", 2)]
    [InlineData("F8_E8M0", 2)]
    [InlineData("F4", 1)]
    [InlineData("OF_TOMORROW", 5)]
    public void A_type_that_is_not_read_does_no_harm_until_it_is_needed(string dtype, int bytes)
    {
        using TemporaryFolder folder = new();
        string header = $$$"""
            {"a":{"dtype":"{{{dtype}}}","shape":[2],"data_offsets":[0,{{{bytes}}}]},"b":{"dtype":"U8","shape":[1],"data_offsets":[{{{bytes}}},{{{bytes + 1}}}]}}
            """;
        using SafetensorsFile file = SafetensorsFile.Open(Write(folder, header, [.. new byte[bytes], 7]));

        using Tensor read = file.Load("b");
        HyperDasException error = Assert.Throws<HyperDasException>(() => file.Load("a"));

        Assert.Equal(7, read.item<byte>());
        Assert.Equal("TensorDtypeUnsupported", error.ErrorId);
        Assert.Contains("'a'", error.Message);
        Assert.Contains(dtype, error.Message);
    }

    public static TheoryData<string, string, int> LyingHeaders() => new()
    {
        { "not JSON", "{\"a\":", 0 },
        { "not an object", "[1,2]", 0 },
        { "a key twice",
            """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2 },
        { "a key twice inside", """{"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 1 },
        { "too few bytes of a type that isn't read", """{"a":{"dtype":"I16","shape":[1],"data_offsets":[0,1]}}""", 1 },
        { "a type without a name", """{"a":{"dtype":"","shape":[1],"data_offsets":[0,1]}}""", 1 },
        { "a dtype that is no text", """{"a":{"dtype":7,"shape":[1],"data_offsets":[0,1]}}""", 1 },
        { "no shape", """{"a":{"dtype":"U8","data_offsets":[0,1]}}""", 1 },
        { "a negative size", """{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}""", 1 },
        { "a fraction", """{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}}""", 1 },
        { "a size beyond 64 bits", """{"a":{"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,1]}}""", 1 },
        { "a product beyond 64 bits", """{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0 },
        { "a shape that needs more bytes", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4 },
        { "a range backwards", """{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}""", 1 },
        { "a range of three", """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}""", 1 },
        { "a range beyond the file", """{"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}""", 8 },
        { "an overlap",
            """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}""", 6 },
        { "a gap", """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[4,6]}}""", 6 },
        { "bytes left over", """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", 3 },
        { "a key twice, once as an escape",
            """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\u0061":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2 },
        { "half of a surrogate pair", """{"\ud800":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 1 },
        { "an empty tensor whose strides overflow", """{"a":{"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}}""", 0 },
        { "more dimensions than libtorch has",
            $$$"""{"a":{"dtype":"U8","shape":[{{{string.Join(',', Enumerable.Repeat(1, 65))}}}],"data_offsets":[0,1]}}""", 1 },
        { "a hundred terabytes", """{"a":{"dtype":"F32","shape":[25000000000000],"data_offsets":[0,100000000000000]}}""", 4 },
        { "metadata twice", """{"__metadata__":{"a":"1","a":"2"}}""", 0 },
        { "metadata that is no object", """{"__metadata__":"pt"}""", 0 },
        { "metadata that is no text", """{"__metadata__":{"n":1}}""", 0 },
    };

    [Theory]
    [MemberData(nameof(LyingHeaders))]
    public void A_header_with_a_lie_is_refused(string lie, string header, int dataLength)
    {
        using TemporaryFolder folder = new();
        string path = Write(folder, header, new byte[dataLength]);

        HyperDasException error = Assert.Throws<HyperDasException>(() => SafetensorsFile.Open(path));

        Assert.True(error.ErrorId == "CheckpointCorrupt", lie);
        Assert.Equal(HyperDasErrorKind.InvalidData, error.Kind);
        Assert.Contains(path, error.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(60)]
    [InlineData(120)]
    public void A_file_cut_short_is_refused(int length)
    {
        using TemporaryFolder folder = new();
        string path = Write(folder, Pair, new byte[11]);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..length]);

        Assert.Equal("CheckpointCorrupt", Assert.Throws<HyperDasException>(() => SafetensorsFile.Open(path)).ErrorId);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData((ulong)long.MaxValue + 1)]
    [InlineData(100_000_001)]
    [InlineData(1000)]
    public void An_absurd_header_length_is_refused(ulong length)
    {
        using TemporaryFolder folder = new();
        string path = Write(folder, Pair, new byte[11]);
        byte[] bytes = File.ReadAllBytes(path);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        File.WriteAllBytes(path, bytes);

        Assert.Equal("CheckpointCorrupt", Assert.Throws<HyperDasException>(() => SafetensorsFile.Open(path)).ErrorId);
    }

    [Fact]
    public void A_missing_file_and_a_missing_tensor_are_named()
    {
        using TemporaryFolder folder = new();
        string missing = Path.Combine(folder.Path, "none.safetensors");
        using SafetensorsFile file = SafetensorsFile.Open(Write(folder, Pair, new byte[11]));

        HyperDasException noFile = Assert.Throws<HyperDasException>(() => SafetensorsFile.Open(missing));
        HyperDasException noTensor = Assert.Throws<HyperDasException>(() => file.Load("c"));

        Assert.Equal(("PathNotFound", HyperDasErrorKind.NotFound), (noFile.ErrorId, noFile.Kind));
        Assert.Contains(missing, noFile.Message);
        Assert.Equal(("TensorNotFound", HyperDasErrorKind.NotFound), (noTensor.ErrorId, noTensor.Kind));
        Assert.Contains("'c'", noTensor.Message);
    }

    [Fact]
    public void A_closed_file_gives_an_exception_not_a_crash()
    {
        using TemporaryFolder folder = new();
        SafetensorsFile file = SafetensorsFile.Open(Write(folder, Pair, new byte[11]));
        file.Dispose();
        file.Dispose();

        Assert.Throws<ObjectDisposedException>(() => file.Load("a"));
    }

    [SkippableFact]
    public void A_file_that_is_cut_off_while_it_is_open_is_an_error_and_not_the_end_of_the_process()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows lets nobody cut off a file that is open.");
        using TemporaryFolder folder = new();
        string path = Write(folder, Pair, new byte[11]);
        using SafetensorsFile file = SafetensorsFile.Open(path);
        // What another process does: .NET's own streams heed each other's locks.
        Assert.Equal(
            0, System.Diagnostics.Process.Start("truncate", ["-s", "-11", path]) is { } cut && cut.WaitForExit(10000) ? cut.ExitCode : -1);

        HyperDasException error = Assert.Throws<HyperDasException>(() => file.Load("a"));

        Assert.Equal("CheckpointCorrupt", error.ErrorId);
        Assert.Contains(path, error.Message);
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file_and_no_temporary_one()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("x.safetensors", "old");

        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, stream =>
        {
            stream.WriteByte(1);
            throw new InvalidOperationException();
        }));

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_folder_in_the_way_is_a_write_error()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "x");
        Directory.CreateDirectory(path);

        HyperDasException error = Assert.Throws<HyperDasException>(() => AtomicFile.Write(path, stream => stream.WriteByte(1)));

        Assert.Equal(("WriteFailed", HyperDasErrorKind.WriteError), (error.ErrorId, error.Kind));
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Two_tensors_of_one_name_and_an_unknown_element_type_are_not_written()
    {
        using TemporaryFolder folder = new();
        using DisposeScope scope = NewDisposeScope();
        string path = Path.Combine(folder.Path, "x.safetensors");

        Assert.Equal("TensorNameDuplicate", Assert.Throws<HyperDasException>(() => SafetensorsWriter.Write(
            path, [new("a", ones(1)), new("a", ones(1))])).ErrorId);
        Assert.Equal("TensorDtypeUnsupported", Assert.Throws<HyperDasException>(() => SafetensorsWriter.Write(
            path, [new("a", ones(1, ScalarType.ComplexFloat32))])).ErrorId);
        Assert.False(File.Exists(path));
    }

    private static string Write(TemporaryFolder folder, string header, byte[] data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header), length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        string path = Path.Combine(folder.Path, "made.safetensors");
        File.WriteAllBytes(path, [.. length, .. json, .. data]);
        return path;
    }
}
