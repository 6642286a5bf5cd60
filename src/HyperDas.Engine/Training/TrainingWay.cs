using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Training.States;

namespace HyperDas.Engine.Training;

/// <summary>A way in which methods learn: what <see cref="InterpreterTraining"/> leaves to it.</summary>
/// <param name="request">The training.</param>
internal abstract class TrainingWay(TrainingRequest request)
{
    /// <summary>The training.</summary>
    public TrainingRequest Request { get; } = request;

    /// <summary>The method.</summary>
    public MethodDescription Description { get; } = MethodCatalog.Of(request.Method);

    /// <summary>How it is trained, after what there is nothing for was left out.</summary>
    public TrainingOptions Options { get; protected set; } = request.Options;

    /// <summary>Looks at the examples and makes the untrained interpreter.</summary>
    /// <param name="cancellation">Checked while examples are made.</param>
    /// <exception cref="HyperDasException"><c>DatasetEmpty</c>, <c>MemoryInsufficient</c>, <c>LayerInvalid</c>,
    /// <c>OptionInvalid</c>.</exception>
    public abstract Interpreter Begin(CancellationToken cancellation);

    /// <summary>Adds what a state must agree in beside model, method and options.</summary>
    /// <param name="fingerprint">What has these.</param>
    public abstract StateFingerprint Fingerprint(StateFingerprint fingerprint);

    /// <summary>Trains, or goes on where the keeper's state stands.</summary>
    /// <param name="interpreter">What <see cref="Begin"/> made.</param>
    /// <param name="cache">Hidden states at its layer.</param>
    /// <param name="keeper">The run.</param>
    /// <param name="progress">Told where the training stands.</param>
    /// <param name="cancellation">Checked before every step.</param>
    public abstract void Train(
        Interpreter interpreter, ActivationCache cache, RunKeeper keeper, IProgress<WorkProgress>? progress,
        CancellationToken cancellation);

    /// <summary>
    /// What the hidden states of an epoch take in bytes, and how many epochs have states of their own; after <see cref="Begin"/>.
    /// </summary>
    public virtual (double Bytes, int Epochs) States => (0, 1);

    /// <summary>Options that the finished interpreter says it was trained with; null where it wasn't.</summary>
    public virtual TrainingOptions? TrainedWith => Options;

    /// <summary>Learns how concepts may be called, after <see cref="Train"/> or where a finished state was read.</summary>
    /// <param name="interpreter">The trained interpreter.</param>
    /// <param name="progress">Told where it stands.</param>
    /// <param name="cancellation">Checked often.</param>
    public virtual void LearnWords(Interpreter interpreter, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
    }

    /// <summary>Adds what a way knows of its result.</summary>
    /// <param name="result">The result.</param>
    public virtual TrainingResult Complete(TrainingResult result) => result;
}
