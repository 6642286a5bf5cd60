using HyperDas.Engine.Checkpoints.Pickle;
using HyperDas.Engine.Tests.Golden;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Checkpoints.Pickle;

/// <summary>Files that PyTorch itself wrote (tests/Fixtures/torch).</summary>
public sealed class TorchFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string> Formats => ["state.bin", "state.old.bin"];

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_tensor_has_PyTorchs_numbers_and_shape(string name)
    {
        using TorchFile file = TorchFile.Open(Fixture(name));

        Tensor embedding = arange(12, ScalarType.Float32).view(3, 4) / 8, grid = arange(24, ScalarType.Float32).view(4, 6);
        Same("embed.weight", embedding, ScalarType.Float32);
        Same("head.weight", embedding, ScalarType.Float32);
        Same("head.bias", tensor((float[])[.5f, -1, 2]), ScalarType.Float32);
        Same("steps", tensor((long[])[1, 2, 3]), ScalarType.Int64);
        Same("turned", grid.t(), ScalarType.Float32);
        Same("part", grid[TensorIndex.Slice(1, 3), TensorIndex.Slice(2, 5)], ScalarType.Float32);
        Same("half", tensor((float[])[1.5f, -2.25f]), ScalarType.Float16);
        Same("brain", tensor((float[])[1.5f, -2.25f]), ScalarType.BFloat16);
        Same("double", tensor(3.25), ScalarType.Float64);
        Same("flags", tensor((bool[])[true, false, true]), ScalarType.Bool);
        Same("none", zeros(0, 3), ScalarType.Float32);
        Same("parameter", tensor((float[])[9]), ScalarType.Float32);
        Assert.Equal(12, file.Entries.Count);

        void Same(string tensor, Tensor expected, ScalarType dtype)
        {
            Tensor loaded = file.Load(tensor), doubled = file.Load(tensor, ScalarType.Float64);
            Assert.Equal(dtype, loaded.dtype);
            GoldenCase.AssertClose(expected, loaded, 0, tensor);
            GoldenCase.AssertClose(expected, doubled, 0, tensor);
            if (expected.numel() > 2)
            {
                GoldenCase.AssertClose(expected.reshape(-1).narrow(0, 1, 2), file.LoadRange(tensor, 1, 2), 0, tensor);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void What_cannot_be_read_does_no_harm_until_it_is_needed(string name)
    {
        using TorchFile file = TorchFile.Open(Fixture(name));

        Assert.Equal([("complex", "C64"), ("repeated", "a view with repeated numbers"), ("small", "I8")],
            file.Unreadable.Select(u => (u.Key, u.Value)).Order());
        HyperDasException error = Assert.Throws<HyperDasException>(() => file.Load("small"));
        Assert.Equal("TensorDtypeUnsupported", error.ErrorId);
        Assert.Contains("'small'", error.Message);
        Assert.Contains("I8", error.Message);
    }

    [Fact]
    public void A_command_is_refused_by_name_and_not_run()
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => TorchFile.Open(Fixture("evil.bin")));

        Assert.Equal("CheckpointUnsafe", error.ErrorId);
        Assert.Contains("'posix.system'", error.Message);
        Assert.Contains("evil.bin", error.Message);
        Assert.False(File.Exists("evil-was-here"));
    }

    [Theory]
    [InlineData("cos\nsystem\n", "os.system")]
    [InlineData("cbuiltins\neval\n", "builtins.eval")]
    [InlineData("c__builtin__\ngetattr\n", "__builtin__.getattr")]
    [InlineData("ctorch\nload\n", "torch.load")]
    [InlineData("ctorch.storage\n_load_from_bytes\n", "torch.storage._load_from_bytes")]
    [InlineData("ctorch\n_utils._rebuild_tensor_v2.__globals__\n", "torch._utils._rebuild_tensor_v2.__globals__")]
    [InlineData("cnumpy.core.multiarray\n_reconstruct\n", "numpy.core.multiarray._reconstruct")]
    [InlineData("ccollections\nOrderedDict \n", "collections.OrderedDict ")]
    [InlineData("\u008c\u0002os\u008c\u0006system\u0093", "os.system")]
    public void Every_name_that_is_not_in_the_list_is_refused(string operations, string name)
    {
        HyperDasException error = Refused([0x80, 4, .. operations.Select(letter => (byte)letter), (byte)'.']);

        Assert.Equal("CheckpointUnsafe", error.ErrorId);
        Assert.Contains($"'{name}'", error.Message);
    }

    [Fact]
    public void A_float8_tensor_of_todays_PyTorch_is_described_and_not_read()
    {
        string path = Path.Combine(_folder.Path, "new.bin");
        byte[] pickle = new PickleText().Do("}(").Text("scaled").Global("torch._utils", "_rebuild_tensor_v3").Do("(")
            .Storage("UntypedStorage", "0", 6, "torch.storage").Number(0)
            .Tuple([2, 3]).Tuple([3, 1]).Do(0x89).Do(")").Global("torch", "float8_e4m3fn").Do("tR").Text("plain")
            .Tensor("FloatStorage", "1", [1]).Do("u").Stop();
        TorchWriter.Write(path, pickle, ("data/0", new byte[6]), ("data/1", [0, 0, 128, 63]));

        using TorchFile file = TorchFile.Open(path);

        Assert.Equal("F8_E4M3", file.Unreadable["scaled"]);
        Assert.Equal(1, file.Load("plain").item<float>());
    }

    [Fact]
    public void Tensors_of_a_class_are_tensors()
    {
        string path = Path.Combine(_folder.Path, "class.bin");
        byte[] pickle = new PickleText().Do("}").Text("w").Global("torch._tensor", "_rebuild_from_type_v2").Do("(")
            .Global("torch._utils", "_rebuild_tensor_v2")
            .Global("torch.nn.parameter", "Parameter").Do("(").Storage("FloatStorage", "0", 1).Number(0).Tuple([1]).Tuple([1]).Do(0x89)
            .Do(")t").Do("}tRs").Stop();
        TorchWriter.Write(path, pickle, ("data/0", [0, 0, 128, 63]));

        using TorchFile file = TorchFile.Open(path);

        Assert.Equal(1, file.Load("w").item<float>());
    }

    [Fact]
    public void A_training_checkpoint_is_told_from_a_state_dictionary()
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => TorchFile.Open(Fixture("training.bin")));

        Assert.Equal("ModelFormatUnsupported", error.ErrorId);
        Assert.Contains("epoch, state_dict", error.Message);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_file_cut_short_anywhere_is_refused(string name)
    {
        byte[] whole = File.ReadAllBytes(Fixture(name));
        string path = Path.Combine(_folder.Path, name);
        for (int length = 0; length < whole.Length; length += 37)
        {
            File.WriteAllBytes(path, whole[..length]);

            HyperDasException error = Assert.Throws<HyperDasException>(() => TorchFile.Open(path));

            Assert.Equal("CheckpointCorrupt", error.ErrorId);
            Assert.Contains(path, error.Message);
        }
    }

    [Fact]
    public void A_compressed_archive_a_program_and_another_byte_order_are_told()
    {
        string path = Path.Combine(_folder.Path, "x.bin");
        byte[] pickle = new PickleText().Do("}").Text("w").Tensor("FloatStorage", "0", [1]).Do("s").Stop();
        (string, byte[])[] sound = [("data.pkl", pickle), ("data/0", new byte[4])];

        Assert.Contains("is compressed",
            Error(System.IO.Compression.CompressionLevel.Optimal, [("data.pkl", [.. pickle, .. new byte[999]]), sound[1]]));
        Assert.Contains("TorchScript", Error(System.IO.Compression.CompressionLevel.NoCompression, [.. sound, ("constants.pkl", pickle)]));
        Assert.Contains(
            "byte order", Error(System.IO.Compression.CompressionLevel.NoCompression, [.. sound, ("byteorder", "big"u8.ToArray())]));
        Assert.Contains("storage '0' is missing", Error(System.IO.Compression.CompressionLevel.NoCompression, sound[..1]));
        Assert.Contains("need more", Error(System.IO.Compression.CompressionLevel.NoCompression, [sound[0], ("data/0", new byte[3])]));
        Assert.Contains("without data.pkl", Error(System.IO.Compression.CompressionLevel.NoCompression, sound[1..]));

        string Error(System.IO.Compression.CompressionLevel level, (string, byte[])[] records)
        {
            TorchWriter.Write(path, level, records);
            HyperDasException error = Assert.Throws<HyperDasException>(() => TorchFile.Open(path));
            Assert.Equal("CheckpointCorrupt", error.ErrorId);
            return error.Message;
        }
    }

    public static TheoryData<string, byte[]> Lies() => new()
    {
        { "a text longer than the file", new PickleText().Do(0x8d, 0, 0, 0, 0, 0, 0, 0, 64).Stop() },
        { "a number of a gigabyte", new PickleText().Do(0x8b, 0, 0, 0, 64).Stop() },
        { "a value that was never kept", new PickleText().Do("h").Do(5).Stop() },
        { "nothing on the stack", new PickleText().Do("R").Stop() },
        { "a key without a value", new PickleText().Do("}(").Text("a").Do("u").Stop() },
        { "a call of a number", new PickleText().Number(1).Do(")R").Stop() },
        { "an unknown operation", new PickleText().Do("i").Stop() },
        { "more than its storage", new PickleText().Do("}").Text("w").Tensor("FloatStorage", "0", [2]).Do("s").Stop() },
        { "negative sizes", new PickleText().Do("}").Text("w").Tensor("FloatStorage", "0", [-1]).Do("s").Stop() },
        { "sizes beyond 64 bits", new PickleText().Do("}").Text("w").Tensor("FloatStorage", "0", [1L << 40, 1L << 40]).Do("s").Stop() },
        { "a storage that is none", new PickleText().Text("storage").Do("Q").Stop() },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public void A_pickle_with_a_lie_is_refused(string lie, byte[] pickle)
    {
        HyperDasException error = Refused(pickle);

        Assert.True(error.ErrorId == "CheckpointCorrupt", lie);
    }

    private HyperDasException Refused(byte[] pickle)
    {
        string path = Path.Combine(_folder.Path, "refused.bin");
        TorchWriter.Write(path, pickle, ("data/0", new byte[4]));
        HyperDasException error = Assert.Throws<HyperDasException>(() => TorchFile.Open(path));
        Assert.Equal(HyperDasErrorKind.InvalidData, error.Kind);
        Assert.Contains(path, error.Message);
        return error;
    }

    private static string Fixture(string name) => Path.Combine(SharedData.RepositoryRoot(), "tests", "Fixtures", "torch", name);
}
