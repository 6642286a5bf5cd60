using HyperDas.Engine.Interventions;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Numerics.Kernels;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training;

/// <summary>
/// The optimisation of one interpreter, step by step (docs/methods.md#training): forward through proposal, edit and upper blocks,
/// backward, clip, AdamW.
/// </summary>
public sealed class TrainingLoop : IDisposable
{
    private const double DecayFloor = 0.1;
    private readonly Interpreter _interpreter;
    private readonly TrainingOptions _options;
    private readonly FlatAdamW _optimiser;
    private readonly LinearSchedule _sparsity, _temperature;
    private readonly CountedRandom _coin;
    private readonly int _totalSteps;

    /// <summary>Prepares the optimiser and schedules.</summary>
    /// <param name="interpreter">The interpreter to train.</param>
    /// <param name="options">Options of the training.</param>
    /// <param name="totalSteps">Number of steps of the schedules.</param>
    public TrainingLoop(Interpreter interpreter, TrainingOptions options, int totalSteps)
    {
        _interpreter = interpreter;
        _options = options;
        _totalSteps = totalSteps;
        string? rate = interpreter.Options is { } method
            ? MethodCatalog.Of(method).Setting(nameof(TrainingOptions.LearningRate))?.Property
            : null;
        LearningRate = (double)typeof(TrainingOptions).GetProperty(rate ?? nameof(TrainingOptions.LearningRate))!.GetValue(options)!;
        _optimiser = new FlatAdamW(interpreter.Parameters, format: options.MomentFormat ?? MomentFormat.Float32);
        _sparsity = new LinearSchedule(options.SparsityStart, options.SparsityEnd, totalSteps, options.SparsityWarmUp);
        _temperature = new LinearSchedule(options.TemperatureStart, options.TemperatureEnd, totalSteps);
        _coin = new CountedRandom(unchecked((int)(options.Seed * 7919) + 17));
        interpreter.SetTemperature(_temperature.At(0));
    }

    /// <summary>Learning rate of the method's parameters at the start of the schedule, as in metrics and messages.</summary>
    public double LearningRate { get; }

    /// <summary>Number of steps taken.</summary>
    public int Steps => _optimiser.Steps;

    /// <summary>Number of steps of the schedules.</summary>
    public int TotalSteps => _totalSteps;

    /// <summary>Whether <see cref="TokenLosses"/> are recorded.</summary>
    internal bool KeepsTokenLosses { get; init; }

    /// <summary>
    /// Unweighted cross entropy of each label token of the last step, in the order of its examples; empty if not recorded.
    /// </summary>
    internal ReadOnlyMemory<float> TokenLosses { get; private set; }

    /// <summary>Number of random numbers drawn.</summary>
    internal long Draws => _coin.Draws;

    /// <summary>The optimiser's moments by name. They belong to the loop.</summary>
    internal IReadOnlyList<KeyValuePair<string, Tensor>> Moments() => _optimiser.State();

    /// <summary>Restores the position of another loop; the interpreter must have the parameters of that position.</summary>
    /// <param name="steps">Number of steps taken.</param>
    /// <param name="draws">Number of random numbers drawn.</param>
    /// <param name="moments">Returns the moment with a name and shape, or throws.</param>
    internal void Restore(int steps, long draws, Func<string, long[], Tensor> moments)
    {
        _optimiser.Restore(steps, moments);
        _coin.SkipTo(draws);
        _interpreter.SetTemperature(_temperature.At(steps));
    }

    /// <summary>Takes one step on a batch.</summary>
    /// <param name="batch">At least one label token among its examples.</param>
    /// <param name="epoch">Epoch for the record.</param>
    /// <returns>Metrics of the step.</returns>
    /// <exception cref="HyperDasException"><c>TrainingDiverged</c> when loss or gradient isn't finite; parameters are then
    /// as before the step.</exception>
    public TrainingStep Step(InterchangeBatch batch, double epoch) => Step([() => batch], batch.Count, batch.LabelExamples.Count, epoch);

    /// <summary>Takes one step on a batch that is processed in parts, whose gradients add up to those of the whole.</summary>
    /// <param name="parts">Build the parts in order; each is released before the next.</param>
    /// <param name="count">Number of examples of all parts.</param>
    /// <param name="labels">Number of label tokens of all parts.</param>
    /// <param name="epoch">Epoch for the record.</param>
    /// <returns>Metrics of the step.</returns>
    /// <exception cref="HyperDasException">As for a whole batch.</exception>
    internal TrainingStep Step(IReadOnlyList<Func<InterchangeBatch>> parts, int count, int labels, double epoch)
    {
        using DisposeScope scope = NewDisposeScope();
        int step = _optimiser.Steps;
        if (parts.Count == 1)
        {
            _interpreter.Parameters.ClearGradients();
        }
        else
        {
            _interpreter.Parameters.SumGradients();
        }
        RepeatedRandom coin = new(_coin);
        Tensor? sums = null;
        List<Tensor> tokens = [];
        ContrastPull? pull = Pull(parts, coin);
        for (int i = 0; i < parts.Count; i++)
        {
            coin.Rewind();
            Tensor losses = Backward(parts[i], i, count, labels, coin, step, tokens, pull);
            sums = sums is null ? losses : sums + losses;
        }

        // One transfer per step: three losses, the norm, and token losses if recorded.
        float[] all = cat([sums!, _interpreter.Parameters.GradientNorm().unsqueeze(0), .. tokens]).cpu().data<float>().ToArray();
        float[] f = all[..4];
        TokenLosses = all.AsMemory(4);
        double norm = f[3], rate = Rate(step);
        if (!f.All(float.IsFinite))
        {
            throw Diverged(parts, count, labels, coin, step, f[0], f[3]);
        }
        _optimiser.Step(
            group => group switch
            {
                ParameterGroup.Rotation => new GroupRate(_options.RotationLearningRate * rate, 0),
                ParameterGroup.MaskProjection => new GroupRate(_options.MaskLearningRate * rate, _options.WeightDecay),
                _ => new GroupRate(_options.LearningRate * rate, _options.WeightDecay),
            },
            Math.Min(1, _options.ClipNorm / (norm + 1e-6)));
        _interpreter.SetTemperature(_temperature.At(step + 1));
        return new TrainingStep(step + 1, epoch, f[0], f[1], f[2], norm, LearningRate * rate);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _optimiser.Dispose();
        _interpreter.Parameters.ClearGradients();
    }

    // Adds a part's gradients; the part is built here, so that its memory is released before the next. [loss, prediction, sparsity].
    private Tensor Backward(
        Func<InterchangeBatch> part, int index, int count, int labels, Random coin, int step, List<Tensor> tokens, ContrastPull? pull)
    {
        using DisposeScope scope = NewDisposeScope();
        InterchangeBatch batch = part();
        ForwardPass forward = Forward(batch, index, count, labels, coin, step, pull);
        OwnGradient.Backward(forward.Loss);
        if (KeepsTokenLosses)
        {
            using IDisposable noGradient = no_grad();
            tokens.Add(Losses.OfTokens(forward.Logits, batch.Labels).MoveToOuterDisposeScope());
        }
        return stack([forward.Loss.detach(), forward.Prediction.detach(), forward.Sparsity.detach()]).MoveToOuterDisposeScope();
    }

    // Means over the whole batch are weighted sums over its parts.
    private ForwardPass Forward(
        InterchangeBatch batch, int index, int count, int labels, Random coin, int step, ContrastPull? pull)
    {
        double lambda = _interpreter.LearnsSelection ? _sparsity.At(step) : 0;
        Patch patch = _interpreter.Propose(batch, coin);
        Tensor edited = Interpreter.Edit(batch, Hardened(patch, batch, step), SelectionMode.Soft);
        Tensor logits = _interpreter.LabelLogits(batch, edited, _options.Recompute == true);
        Tensor prediction = Losses.Prediction(logits, batch.Labels, TokenWeights(batch));
        Tensor sparsity = Losses.Sparsity(patch.Weights, _options.SparsityCharge);
        if (batch.Count < count)
        {
            prediction *= (double)batch.LabelExamples.Count / labels;
            sparsity *= (double)batch.Count / count;
        }
        Tensor loss = lambda == 0 ? prediction : prediction + (sparsity * lambda);
        if (_options.ContrastWeight is > 0 and var weight && patch.Concept is { } concept)
        {
            // A part's examples are compared with those of the other parts, too.
            Tensor? contrast = batch.Count == count
                ? ConceptContrast.Loss(concept, ConceptContrast.GroupsOf(batch))
                : pull?.Of(index, concept);
            loss = contrast is null ? loss : loss + (contrast * weight);
        }
        if (index == 0 && _interpreter.Penalty() is Tensor penalty)
        {
            loss += penalty;
        }
        return new ForwardPass(patch, logits, prediction, sparsity, loss);
    }

    // Where the contrast loss of the whole batch pulls each of its concept vectors; null if the batch is one part or has no such loss.
    private ContrastPull? Pull(IReadOnlyList<Func<InterchangeBatch>> parts, RepeatedRandom coin)
    {
        if (parts.Count == 1 || _options.ContrastWeight is not > 0 || !_interpreter.ReadsDescription)
        {
            return null;
        }
        List<Tensor> concepts = [];
        List<ConceptKey?> groups = [];
        using (no_grad())
        {
            foreach (Func<InterchangeBatch> part in parts)
            {
                using DisposeScope scope = NewDisposeScope();
                coin.Rewind();
                InterchangeBatch batch = part();
                if (_interpreter.Propose(batch, coin).Concept is not { } own)
                {
                    return null;
                }
                concepts.Add(own.MoveToOuterDisposeScope());
                groups.AddRange(ConceptContrast.GroupsOf(batch));
            }
        }
        return ContrastPull.Of([.. concepts], groups);
    }

    private HyperDasException Diverged(
        IReadOnlyList<Func<InterchangeBatch>> parts, int count, int labels, RepeatedRandom coin, int step, float loss, float norm)
    {
        string culprit = FiniteCheck.Culprit(_interpreter.Parameters, Again());
        return new HyperDasException(
            "TrainingDiverged",
            HyperDasErrorKind.OperationStopped,
            $"Training stopped at step {step + 1}: loss {loss}, gradient norm {norm}. The parameters are those of step {step}.{culprit} Lower the learning rate (now {LearningRate}).",
            _interpreter);

        // The step's tensors are gone; the parameters haven't changed, so the result is the same.
        IEnumerable<KeyValuePair<string, Tensor>> Again()
        {
            ContrastPull? pull = Pull(parts, coin);
            using IDisposable noGradient = no_grad();
            for (int i = 0; i < parts.Count; i++)
            {
                coin.Rewind();
                InterchangeBatch batch = parts[i]();
                ForwardPass f = Forward(batch, i, count, labels, coin, step, pull);
                yield return new("base hidden states", batch.BaseHidden);
                yield return new("source hidden states", batch.SourceHidden);
                yield return new("selection weights", f.Patch.Weights);
                yield return new("logits", f.Logits);
                yield return new("prediction loss", f.Prediction);
                yield return new("sparsity loss", f.Sparsity);
                yield return new("loss", f.Loss);
            }
        }
    }

    /// <summary>
    /// Straight-through selection: from <see cref="TrainingOptions.DiscreteFrom"/> on, the edit uses one-to-one weights while gradients
    /// flow to the soft ones, which trains the selection that is used later.
    /// </summary>
    private Patch Hardened(Patch patch, InterchangeBatch batch, int step)
    {
        if (!_interpreter.LearnsSelection || step < _options.DiscreteFrom * _totalSteps)
        {
            return patch;
        }
        Tensor soft = patch.Weights;
        Tensor hard = TokenSelection.Apply(soft.detach(), SelectionMode.OneToOne, batch.SourceEntity, batch.BaseEntity);
        return patch with { Weights = soft + (hard - soft.detach()) };
    }

    private double Rate(int step)
    {
        double from = _options.DecayFrom * _totalSteps;
        return step < from ? 1 : 1 - ((1 - DecayFloor) * (step - from) / Math.Max(1, _totalSteps - from));
    }

    private Tensor TokenWeights(InterchangeBatch batch)
    {
        float[] weights =
        [
            .. batch.LabelExamples.Select(
                n => (float)(batch.Weights[n] * (batch.IsCause[n] ? _options.CauseWeight : _options.IsolateWeight))),
        ];
        return tensor(weights, device: batch.Labels.device);
    }

    private readonly record struct ForwardPass(Patch Patch, Tensor Logits, Tensor Prediction, Tensor Sparsity, Tensor Loss);
}
