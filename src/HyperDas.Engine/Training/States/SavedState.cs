using HyperDas.Engine.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training.States;

/// <summary>A state that was read; it stays open until its contents are restored.</summary>
internal sealed class SavedState : IDisposable
{
    private readonly SafetensorsFile _file;

    private SavedState(SafetensorsFile file, StateHeader header)
    {
        _file = file;
        Header = header;
    }

    /// <summary>The file.</summary>
    public string Path => _file.Path;

    /// <summary>The file's header.</summary>
    public StateHeader Header { get; }

    /// <summary>Opens a state file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="HyperDasException"><c>StateCorrupt</c>, <c>CheckpointUnreadable</c>.</exception>
    public static SavedState Open(string path)
    {
        SafetensorsFile? file = null;
        try
        {
            file = SafetensorsFile.Open(path);
            return new SavedState(file, StateHeader.Read(file.Metadata, path));
        }
        catch (HyperDasException e) when (e.ErrorId == "CheckpointCorrupt")
        {
            throw StateHeader.Corrupt(path, e.Message, e);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    /// <summary>A cursor or a word of a random number generator's state.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="HyperDasException"><c>StateCorrupt</c>.</exception>
    public long Counter(string name) =>
        Header.Counters.TryGetValue(name, out long value) ? value : throw StateHeader.Corrupt(_file.Path, $"it has no '{name}'");

    /// <summary>Reads tensors whose names begin with a prefix, with which stores and optimisers restore themselves.</summary>
    /// <param name="prefix">E.g. <c>parameters/</c>.</param>
    /// <exception cref="HyperDasException">The result throws <c>StateCorrupt</c>.</exception>
    public Func<string, long[], Tensor> Reader(string prefix) => (name, shape) =>
        _file.Entries.TryGetValue(prefix + name, out TensorEntry? entry) && entry.Shape.AsSpan().SequenceEqual(shape)
            ? _file.Load(prefix + name)
            : throw StateHeader.Corrupt(_file.Path, $"it must contain '{prefix + name}' with shape [{string.Join(", ", shape)}]");

    /// <summary>The steps' metrics.</summary>
    /// <exception cref="HyperDasException"><c>StateCorrupt</c>.</exception>
    public IReadOnlyList<TrainingStep> Metrics()
    {
        using DisposeScope scope = NewDisposeScope();
        return _file.Entries.TryGetValue(MetricsTensor.Name, out TensorEntry? entry) && entry.Shape is [_, MetricsTensor.Columns]
            && entry.Dtype == ScalarType.Float64
            ? [.. MetricsTensor.Read(_file.Load(MetricsTensor.Name))
                .Select(step => step with
                {
                    Validation = Header.Validations?.GetValueOrDefault(step.Step), Weights = Header.Weights?.GetValueOrDefault(step.Step),
                })]
            : throw StateHeader.Corrupt(_file.Path, $"it has no '{MetricsTensor.Name}'");
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
