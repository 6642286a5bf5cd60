using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.HyperDas;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Training;

/// <summary>
/// A trained HyperDAS interpreter from which another training starts instead of from the target's blocks: open, or in a folder.
/// </summary>
public sealed class TrainingStart
{
    private const string MismatchErrorId = "InterpreterMismatch";
    private const long HashedAtOnce = 1 << 24;

    private readonly Interpreter? _interpreter;
    private readonly string? _folder;

    private TrainingStart(Interpreter? interpreter, string? folder, string name, HypernetworkOptions network, TrainingOptions? training) =>
        (_interpreter, _folder, Name, Network, Training) = (interpreter, folder, name, network, training);

    /// <summary>Display name of the interpreter: its folder, or a note that it has none.</summary>
    public string Name { get; }

    /// <summary>Its parts.</summary>
    public HypernetworkOptions Network { get; }

    /// <summary>Options of its training; null if it wasn't trained.</summary>
    public TrainingOptions? Training { get; }

    /// <summary>An open interpreter; it belongs to the caller and must exist until the training has begun.</summary>
    /// <param name="interpreter">The interpreter.</param>
    /// <exception cref="HyperDasException"><c>InterpreterDisposed</c>; <c>InterpreterMismatch</c>: it is of another method.</exception>
    public static TrainingStart Of(Interpreter interpreter)
    {
        interpreter.ThrowIfDisposed();
        string name = interpreter.SavedPath is { } path ? $"'{path}'" : "the given interpreter";
        return interpreter is HyperDasInterpreter hyperDas
            ? new TrainingStart(interpreter, null, name, hyperDas.Options, interpreter.TrainedWith)
            : throw OtherMethod(name, interpreter.Method, interpreter);
    }

    /// <summary>An interpreter in a folder; its parameters are read when a training starts from it.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="HyperDasException">
    /// <c>PathNotFound</c>, <c>InterpreterCorrupt</c>; <c>InterpreterMismatch</c>: it is of another method.
    /// </exception>
    public static TrainingStart At(string folder)
    {
        (string method, HypernetworkOptions? network, TrainingOptions? training) = InterpreterStore.Describe(folder);
        return network is not null
            ? new TrainingStart(null, folder, $"'{folder}'", network, training)
            : throw OtherMethod($"'{folder}'", method, folder);
    }

    /// <summary>Throws for an interpreter of another target model, before anything is allocated.</summary>
    /// <param name="model">The target model of the new training.</param>
    /// <exception cref="HyperDasException"><c>InterpreterMismatch</c>, <c>TokenizerMismatch</c>, <c>InterpreterDisposed</c>.</exception>
    public void ThrowIfOfOther(LanguageModel model)
    {
        if (_interpreter is null)
        {
            InterpreterStore.ThrowIfOfOther(_folder!, model);
            return;
        }
        _interpreter.ThrowIfDisposed();
        if (_interpreter.Target.Fingerprint != model.Fingerprint)
        {
            throw Mismatch(
                $"{Name} was trained for the model '{_interpreter.Target.Name}', not for '{model.Name}'. Start from an interpreter of the same model.");
        }
    }

    /// <summary>The differences in its parts, for display, e.g. <c>Layer 4 (was 3)</c>; empty for none.</summary>
    /// <param name="network">Parts of the new interpreter.</param>
    public IReadOnlyList<string> DifferencesTo(HypernetworkOptions network) => Differences(network, Network);

    /// <summary>The differences that change shapes of parameters, for the same target.</summary>
    /// <param name="network">Parts of the new interpreter.</param>
    public IReadOnlyList<string> DifferencesInShape(HypernetworkOptions network) => Differences(Shape(network), Shape(Network));

    /// <summary>Throws if the new interpreter has another shape, before anything is allocated.</summary>
    /// <param name="network">Parts of the new interpreter.</param>
    /// <exception cref="HyperDasException"><c>InterpreterMismatch</c>.</exception>
    public void ThrowIfOfOtherShape(HypernetworkOptions network)
    {
        if (DifferencesInShape(network) is { Count: > 0 } differences)
        {
            throw OtherShape(string.Join(", ", differences));
        }
    }

    /// <summary>The differences in its training, for display; empty for none, or if it wasn't trained.</summary>
    /// <param name="training">Options of the new training.</param>
    public IReadOnlyList<string> DifferencesTo(TrainingOptions training) =>
        Training is null
            ? []
            // Undecided is no difference: the dataset decides.
            : Differences(
                training with
                {
                    From = null,
                    EntityOnlyShare = training.EntityOnlyShare ?? Training.EntityOnlyShare,
                    ContrastWeight = training.ContrastWeight ?? Training.ContrastWeight,
                },
                Training with { From = null });

    /// <summary>Copies the parameters to an interpreter.</summary>
    /// <param name="interpreter">A new interpreter of the same target model.</param>
    /// <returns>SHA-256 of the parameters.</returns>
    /// <exception cref="HyperDasException">As <see cref="ThrowIfOfOther"/>; <c>InterpreterMismatch</c>: its parameters
    /// have other shapes.</exception>
    internal string CopyTo(HyperDasInterpreter interpreter)
    {
        ThrowIfOfOther(interpreter.Target);
        using Interpreter? read = _interpreter is null ? InterpreterStore.Load(_folder!, interpreter.Target) : null;
        using DisposeScope scope = NewDisposeScope();
        KeyValuePair<string, Tensor>[] from = [.. (_interpreter ?? read!).Parameters.State().OrderBy(p => p.Key, StringComparer.Ordinal)];
        Dictionary<string, Tensor> byName = from.ToDictionary();
        string[] other =
        [
            .. interpreter.Parameters.State()
                .Where(p => !byName.TryGetValue(p.Key, out Tensor? own)
                    || !own.shape.AsSpan().SequenceEqual(p.Value.shape)).Select(p => p.Key),
            .. byName.Keys.Except(interpreter.Parameters.State().Select(p => p.Key)),
        ];
        if (other.Length > 0)
        {
            throw OtherShape(string.Join(", ", [.. DifferencesTo(interpreter.Options), .. other.Take(2)]));
        }
        interpreter.Parameters.Restore((name, _) => byName[name].alias());
        interpreter.Known = (_interpreter ?? read!).Known;
        return Sha256(from);
    }

    // Options without influence on shapes have their defaults; a width determined by the target isn't known here.
    private HypernetworkOptions Shape(HypernetworkOptions network) => new()
    {
        Layer = 0,
        Blocks = network.Blocks,
        Subspace = network.Subspace,
        FeatureDimension = network.Subspace is SubspaceKind.None or SubspaceKind.Boundless ? 1 : network.FeatureDimension,
        Reflections = network.Subspace == SubspaceKind.Householder ? network.Reflections : 1,
        SubspaceInner = network.Subspace is SubspaceKind.Householder or SubspaceKind.Generated or SubspaceKind.Mask
            && Network.SubspaceInner is not null
            ? network.SubspaceInner ?? Network.SubspaceInner : null,
        SubspaceSpan = network.SubspaceSpan is > 0 ? network.SubspaceSpan : null,
        Selection = network.Selection,
        EndBias = network.EndBias,
        AblateBaseAttention = network.AblateBaseAttention,
        AblateSourceAttention = network.AblateSourceAttention,
    };

    private HyperDasException OtherShape(string differences) => Mismatch(
        $"{Name} has a different shape: {differences}. Use its options, or start from another interpreter.");

    private static string[] Differences<T>(T now, T before)
    {
        JsonElement was = JsonSerializer.SerializeToElement(before), isNow = JsonSerializer.SerializeToElement(now);
        return
        [
            .. typeof(T).GetProperties().Where(p => p.CanWrite)
                .Where(p => isNow.GetProperty(p.Name).ToString() != was.GetProperty(p.Name).ToString())
                .Select(p => FormattableString.Invariant($"{p.Name} {p.GetValue(now) ?? "null"} (was {p.GetValue(before) ?? "null"})")),
        ];
    }

    private static string Sha256(IEnumerable<KeyValuePair<string, Tensor>> parameters)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string name, Tensor value) in parameters)
        {
            using DisposeScope scope = NewDisposeScope();
            hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{name}[{string.Join(",", value.shape)}]")));
            Tensor numbers = value.reshape(-1);
            for (long start = 0; start < numbers.NumberOfElements; start += HashedAtOnce)
            {
                using DisposeScope piece = NewDisposeScope();
                hash.AppendData(numbers.narrow(0, start, Math.Min(HashedAtOnce, numbers.NumberOfElements - start)).cpu()
                    .contiguous().bytes);
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private HyperDasException Mismatch(string message) =>
        new(MismatchErrorId, HyperDasErrorKind.Mismatch, message, _interpreter ?? (object?)_folder);

    private static HyperDasException OtherMethod(string name, string method, object target) => new(
        MismatchErrorId, HyperDasErrorKind.Mismatch,
        $"{name} is an interpreter of {method}; a HyperDAS training can start only from a HyperDAS interpreter.", target);
}
