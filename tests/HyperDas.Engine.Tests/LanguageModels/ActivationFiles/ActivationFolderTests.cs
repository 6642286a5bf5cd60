using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.LanguageModels.ActivationFiles;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.LanguageModels.ActivationFiles;

/// <summary>
/// States that come out of files are the ones that went in, bit by bit; whatever is wrong with the files costs time and nothing else.
/// </summary>
public sealed class ActivationFolderTests : IDisposable
{
    private const int Layer = 2, Length = 9;

    private static readonly int[][] s_sequences =
        [.. Enumerable.Range(1, 100).Select(n => Enumerable.Range(0, 1 + (n * 7 % 9)).Select(t => ((n * 13) + (t * 5)) % 50).ToArray())];
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly LanguageModel _model = TinyLlama.Create();
    private readonly TemporaryFolder _folder = new();

    private static int Distinct { get; } = s_sequences.DistinctBy(s => string.Join(',', s)).Count();

    [Theory]
    [InlineData(StackDepth.InterventionLayer)]
    [InlineData(StackDepth.AllLayers)]
    public void A_second_process_computes_nothing(StackDepth depth)
    {
        (Tensor first, ActivationUse computed) = Read(depth);
        (Tensor second, ActivationUse found) = Read(depth);

        Assert.True(first.equal(second).all().item<bool>());
        Assert.Equal((0, Distinct), (computed.FromFiles, computed.Computed));
        Assert.Equal((Distinct, 0), (found.FromFiles, found.Computed));
    }

    [Fact]
    public void What_is_computed_is_written_even_where_it_has_no_room_in_memory()
    {
        Read(StackDepth.InterventionLayer, memory: 1);

        (_, ActivationUse found) = Read(StackDepth.InterventionLayer);

        Assert.Equal(0, found.Computed);
    }

    [Fact]
    public void Another_layer_depth_number_format_or_model_shares_nothing()
    {
        Read(StackDepth.InterventionLayer);
        using LanguageModel other = TinyLlama.Create(TinyLlama.Config with { RopeTheta = 20000 });

        Assert.Equal(0, Read(StackDepth.AllLayers).Use.FromFiles);
        Assert.Equal(0, Read(StackDepth.InterventionLayer, layer: 1).Use.FromFiles);
        Assert.Equal(0, Read(StackDepth.InterventionLayer, model: other).Use.FromFiles);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.4)]
    [InlineData(0.99)]
    public void A_file_that_is_cut_off_gives_what_is_whole_and_the_rest_is_computed(double kept)
    {
        Tensor right = Read(StackDepth.InterventionLayer).States;
        string file = Assert.Single(Files());
        using (FileStream stream = File.OpenWrite(file))
        {
            stream.SetLength((long)(stream.Length * kept));
        }

        (Tensor states, ActivationUse use) = Read(StackDepth.InterventionLayer);

        Assert.True(states.allclose(right, 1e-5, 1e-6));
        Assert.True(use.Computed > 0);
        Assert.Equal(Distinct, use.Computed + use.FromFiles);
    }

    [Fact]
    public void A_changed_byte_anywhere_changes_no_state()
    {
        Tensor right = Read(StackDepth.InterventionLayer).States;
        string file = Assert.Single(Files());
        byte[] whole = File.ReadAllBytes(file);
        Random random = new(3);

        for (int i = 0; i < 60; i++)
        {
            byte[] damaged = [.. whole];
            // The head and the lengths more often than the many numbers.
            damaged[random.Next(i % 2 == 0 ? 80 : whole.Length)] ^= (byte)(1 << random.Next(8));
            foreach (string old in Files())
            {
                File.Delete(old);
            }
            File.WriteAllBytes(file, damaged);

            double off = (Read(StackDepth.InterventionLayer).States - right).abs().max().item<float>();
            Assert.True(off < 1e-5, $"variant {i}: {off}");
        }
    }

    [Fact]
    public void What_a_killed_process_left_is_of_use()
    {
        Read(StackDepth.InterventionLayer);
        string file = Assert.Single(Files());
        File.Move(file, file + ".part");

        Assert.Equal(0, Read(StackDepth.InterventionLayer).Use.Computed);
    }

    [Fact]
    public void What_another_process_is_writing_is_left_alone()
    {
        using ActivationFolder writing = new(_folder.Path);
        using ActivationCache cache = new(_model, Layer, StackDepth.InterventionLayer, files: writing);
        cache.Layers(s_sequences, Length);

        (_, ActivationUse use) = Read(StackDepth.InterventionLayer);

        Assert.Equal(Distinct, use.Computed);
        Assert.Null(writing.Problem);
        Assert.Single(Directory.GetFiles(_folder.Path, "*.part", SearchOption.AllDirectories));
    }

    [Fact]
    public void The_files_used_longest_ago_give_way()
    {
        Read(StackDepth.InterventionLayer, layer: 1);
        string old = Assert.Single(Files());
        long size = new FileInfo(old).Length;
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-1));

        Read(StackDepth.InterventionLayer, layer: 2, limit: size + 1000);

        string left = Assert.Single(Files());
        Assert.NotEqual(old, left);
    }

    [Fact]
    public void With_a_limit_of_zero_nothing_is_written()
    {
        Read(StackDepth.InterventionLayer, limit: 0);

        Assert.Empty(Files());
    }

    [Fact]
    public void A_place_that_cannot_be_written_costs_the_files_and_not_the_states()
    {
        File.WriteAllText(Path.Combine(_folder.Path, _model.Fingerprint[..16]), "no folder");
        using ActivationFolder files = new(_folder.Path);
        using ActivationCache cache = new(_model, Layer, StackDepth.InterventionLayer, files: files);

        Tensor states = cache.Layers(s_sequences, Length);

        Assert.Equal(s_sequences.Length, states.shape[0]);
        Assert.Contains(_folder.Path, files.Problem);
    }

    [Fact]
    public void A_file_is_no_folder_and_a_negative_limit_no_limit()
    {
        string file = Path.Combine(_folder.Path, "file");
        File.WriteAllText(file, "");

        Assert.Equal("PathInvalid", Assert.Throws<HyperDasException>(() => new ActivationFolder(file)).ErrorId);
        Assert.Equal("OptionInvalid", Assert.Throws<HyperDasException>(() => new ActivationFolder(_folder.Path, -1)).ErrorId);
    }

    public void Dispose()
    {
        _model.Dispose();
        _scope.Dispose();
        _folder.Dispose();
    }

    private string[] Files() => Directory.GetFiles(_folder.Path, "*.activations", SearchOption.AllDirectories);

    // A process of its own, as far as the folder can tell: it opens the files and closes them.
    private (Tensor States, ActivationUse Use) Read(
        StackDepth depth, int layer = Layer, LanguageModel? model = null, long memory = ActivationCache.DefaultByteLimit,
        long limit = ActivationFolder.DefaultByteLimit)
    {
        using ActivationFolder files = new(_folder.Path, limit);
        using ActivationCache cache = new(model ?? _model, layer, depth, memory, files);
        cache.Prefetch(s_sequences, []);
        Tensor states = cache.Stacks(s_sequences, Length);
        return (states, cache.Use);
    }
}
