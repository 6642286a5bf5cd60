using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Training.States;

namespace HyperDas.Engine.Training;

/// <summary>Base of the ways in which methods learn: the part of <see cref="InterpreterTraining"/> that depends on the method.</summary>
/// <param name="request">The training.</param>
internal abstract class TrainingWay(TrainingRequest request)
{
    /// <summary>The training.</summary>
    public TrainingRequest Request { get; } = request;

    /// <summary>The method.</summary>
    public MethodDescription Description { get; } = MethodCatalog.Of(request.Method);

    /// <summary>Options of the training without those that have nothing to apply to.</summary>
    public TrainingOptions Options { get; protected set; } = request.Options;

    /// <summary>Inspects the examples and creates the untrained interpreter.</summary>
    /// <param name="cancellation">Checked while examples are built.</param>
    /// <exception cref="HyperDasException"><c>DatasetEmpty</c>, <c>MemoryInsufficient</c>, <c>LayerInvalid</c>,
    /// <c>OptionInvalid</c>.</exception>
    public abstract Interpreter Begin(CancellationToken cancellation);

    /// <summary>Adds parts of the fingerprint besides model, method and options.</summary>
    /// <param name="fingerprint">The fingerprint with these parts.</param>
    public abstract StateFingerprint Fingerprint(StateFingerprint fingerprint);

    /// <summary>Trains, or resumes from the keeper's state.</summary>
    /// <param name="interpreter">The result of <see cref="Begin"/>.</param>
    /// <param name="cache">Hidden states at its layer.</param>
    /// <param name="keeper">The run.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Checked before every step.</param>
    public abstract void Train(
        Interpreter interpreter, ActivationCache cache, RunKeeper keeper, IProgress<WorkProgress>? progress,
        CancellationToken cancellation);

    /// <summary>
    /// What the hidden states of an epoch take in bytes, and how many epochs have states of their own; after <see cref="Begin"/>.
    /// </summary>
    public virtual (double Bytes, int Epochs) States => (0, 1);

    /// <summary>Options that the finished interpreter records as its training; null if it isn't trained.</summary>
    public virtual TrainingOptions? TrainedWith => Options;

    /// <summary>Learns the descriptions of concepts, after <see cref="Train"/> or after reading a finished state.</summary>
    /// <param name="interpreter">The trained interpreter.</param>
    /// <param name="progress">Receives progress.</param>
    /// <param name="cancellation">Checked often.</param>
    public virtual void LearnWords(Interpreter interpreter, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
    }

    /// <summary>Adds details to the result.</summary>
    /// <param name="result">The result.</param>
    public virtual TrainingResult Complete(TrainingResult result) => result;
}
