using System.Management.Automation;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Pump;

namespace HyperDas.Handles;

/// <summary>
/// A target model on the pipeline: only the members of <see cref="ModelHandle"/>. The engine's own object has tensors among its properties,
/// and a formatter or ConvertTo-Json reads every property.
/// </summary>
internal sealed class PipedModel : ModelHandle, IWaitingHandle
{
    private readonly string _path;
    private LanguageModel? _model;

    /// <summary>Wraps a loaded model.</summary>
    /// <param name="model">The engine's object, which the handle then owns.</param>
    public PipedModel(LanguageModel model)
    {
        _path = model.Path;
        _model = model;
        OpenHandles.Add(this);
    }

    private PipedModel(string path) => _path = path;

    public override string Name => _model?.Name ?? HubFolder.NameOf(_path);

    public override string Path => _model?.Path ?? _path;

    public override string Architecture => Engine.Architecture;

    public override long ParameterCount => Engine.ParameterCount;

    public override int HiddenSize => Engine.HiddenSize;

    public override int BlockCount => Engine.BlockCount;

    public override int VocabularySize => Engine.VocabularySize;

    public override ModelDtype Dtype => Engine.Dtype;

    public override ModelDtype ComputeDtype => Engine.ComputeDtype;

    public override string Device => Engine.Device;

    public override string Fingerprint => Engine.Fingerprint;

    internal LanguageModel Engine => _model ?? throw new InvalidOperationException($"'{_path}' hasn't been loaded.");

    bool IWaitingHandle.IsOpen => _model is not null;

    string IWaitingHandle.GivenPath => _path;

    /// <summary>A model given to a command as the path of its folder. The command loads it when it is needed.</summary>
    /// <param name="path">The path as written by the user.</param>
    public static PipedModel At(string path) => new(path);

    IReadOnlyList<string> IWaitingHandle.Find(PSCmdlet cmdlet) => cmdlet.ResolveModel(_path);

    void IWaitingHandle.Open(string path, IProgress<WorkProgress> progress, CancellationToken cancellation)
    {
        _model = LanguageModel.Load(path, progress: progress, cancellationToken: cancellation);
        OpenHandles.Add(this);
    }

    // Only when it is no longer in use: otherwise the engine's next step would fail.
    protected override void Dispose(bool disposing) => _model?.Dispose();
}
