using HyperDas.Engine.LanguageModels;

namespace HyperDas.Handles;

/// <summary>
/// A target model as the pipeline sees it: what <see cref="ModelHandle"/> promises and nothing else. The engine's own object has
/// tensors among its properties, and a formatter or ConvertTo-Json reads every property there is.
/// </summary>
internal sealed class PipedModel(LanguageModel model) : ModelHandle
{
    public override string Name => model.Name;

    public override string Path => model.Path;

    public override string Architecture => model.Architecture;

    public override long ParameterCount => model.ParameterCount;

    public override int HiddenSize => model.HiddenSize;

    public override int BlockCount => model.BlockCount;

    public override int VocabularySize => model.VocabularySize;

    public override ModelDtype Dtype => model.Dtype;

    public override ModelDtype ComputeDtype => model.ComputeDtype;

    public override string Device => model.Device;

    public override string Fingerprint => model.Fingerprint;

    internal LanguageModel Engine => model;

    // Only when nothing works on it any more: the engine would refuse its next step.
    protected override void Dispose(bool disposing) => model.Dispose();
}
