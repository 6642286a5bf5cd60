using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Files;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tests.Ravel;
using HyperDas.Engine.Training.States;
using Xunit;

namespace HyperDas.Engine.Tests.Training.States;

public sealed class TrainingStateTests : IDisposable
{
    private static readonly CheckpointInterval s_everyStep = new() { Steps = 1 };
    private readonly TemporaryFolder _folder = new();

    private string StateFile => Path.Combine(_folder.Path, TrainingState.StateFile);

    [Fact]
    public void A_folder_without_a_state_has_no_position()
    {
        using TrainingState state = TrainingState.Open(Path.Combine(_folder.Path, "new"));

        Assert.Null(state.Position);
        Assert.False(TrainingState.Exists(state.Folder));
    }

    [Fact]
    public void A_second_training_is_told_which_process_has_the_folder()
    {
        using (TrainingState first = TrainingState.Open(_folder.Path))
        {
            HyperDasException error = Assert.Throws<HyperDasException>(() => TrainingState.Open(_folder.Path));

            Assert.Equal("StateLocked", error.ErrorId);
            Assert.Contains($"process {Environment.ProcessId} ", error.Message, StringComparison.Ordinal);
        }
        TrainingState.Open(_folder.Path).Dispose();
    }

    [Fact]
    public void What_a_killed_process_was_writing_is_removed()
    {
        string half = _folder.Write(TrainingState.StateFile + ".0123.tmp", "half");

        using TrainingState state = TrainingState.Open(_folder.Path);

        Assert.Null(state.Position);
        Assert.False(File.Exists(half));
    }

    [Theory]
    [InlineData("")]
    [InlineData("this is not a safetensors file")]
    public void A_damaged_state_is_named_and_can_be_discarded(string content)
    {
        File.WriteAllText(StateFile, content);

        HyperDasException error = Assert.Throws<HyperDasException>(() => TrainingState.Open(_folder.Path));

        Assert.Equal("StateCorrupt", error.ErrorId);
        Assert.Contains(TrainingState.StateFile, error.Message, StringComparison.Ordinal);
        using TrainingState restarted = TrainingState.Open(_folder.Path, restart: true);
        Assert.Null(restarted.Position);
    }

    [Fact]
    public void A_safetensors_file_that_is_no_state_is_refused()
    {
        SafetensorsWriter.Write(StateFile, [], new Dictionary<string, string> { ["format"] = "pt" });

        Assert.Equal("StateCorrupt", Assert.Throws<HyperDasException>(() => TrainingState.Open(_folder.Path)).ErrorId);
    }

    [Fact]
    public void A_disk_that_fills_up_stops_the_training_and_leaves_the_earlier_state()
    {
        int writes = 0;
        using (LanguageModel target = TinyLlama.CreateWithTokenizer())
        using (TrainingState state = TrainingState.Open(
            _folder.Path, s_everyStep, restart: false,
            (path, write) => AtomicFile.Write(path, stream => write(++writes == 3 ? new FullDisk(stream, 1000) : stream))))
        {
            HyperDasException error = Assert.Throws<HyperDasException>(() => TrainingRuns.Run(
                target, TinyDataset.Create(), new HypernetworkOptions { Layer = 2, FeatureDimension = 4, Reflections = 2 },
                new TrainingOptions { BatchSize = 4 }, state: state));

            Assert.Equal("WriteFailed", error.ErrorId);
            Assert.Contains("No space left", error.Message, StringComparison.Ordinal);
            Assert.Equal(2, state.Position?.Step);
        }
        using TrainingState after = TrainingState.Open(_folder.Path);
        Assert.Equal(2, after.Position?.Step);
        Assert.Equal(["lock", "lock.owner", TrainingState.StateFile],
            Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [SkippableFact]
    public void A_folder_that_cannot_be_written_to_is_one_clear_error()
    {
        Skip.If(OperatingSystem.IsWindows(), "Needs a file system of Unix.");
        string file = _folder.Write("file", "");

        HyperDasException error = Assert.Throws<HyperDasException>(() => TrainingState.Open(Path.Combine(file, "state")));

        Assert.Equal("WriteFailed", error.ErrorId);
    }

    [Theory]
    [InlineData(0, 1.0)]
    [InlineData(-1, 1.0)]
    [InlineData(null, 0.0)]
    public void An_interval_that_never_comes_is_refused(int? steps, double seconds)
    {
        Assert.Equal("OptionInvalid", Assert.Throws<HyperDasException>(
            () => TrainingState.Open(
                _folder.Path, new CheckpointInterval { Steps = steps, Time = TimeSpan.FromSeconds(seconds) })).ErrorId);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A stream that takes so many bytes and then says what a full disk says.</summary>
    private sealed class FullDisk(Stream inner, long room) : Stream
    {
        private long _room = room;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => inner.Length;

        public override long Position { get => inner.Position; set => throw new NotSupportedException(); }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _room -= buffer.Length;
            if (_room < 0)
            {
                throw new IOException("No space left on device");
            }
            inner.Write(buffer);
        }
    }
}
