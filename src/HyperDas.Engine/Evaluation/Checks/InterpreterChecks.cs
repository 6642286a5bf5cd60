using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Evaluation.Checks;

/// <summary>
/// Checks the properties of an interpreter that results depend on: interventions are the same alone and in a batch, and after saving and
/// loading.
/// </summary>
public static class InterpreterChecks
{
    private static readonly (string Prefix, string Suffix)[] s_prompts =
        [("Vienna", " is in"), ("I love Paris", ""), ("People in Oslo", " usually speak a language that is called"), ("Zürich", " lies")];

    /// <summary>The checks of an interpreter.</summary>
    /// <param name="interpreter">The interpreter.</param>
    /// <param name="tolerance">The largest difference that passes; null: that of its target model's number format.</param>
    /// <returns>One step for each check; nothing is computed before they are run.</returns>
    /// <exception cref="HyperDasException">
    /// <c>CheckOptionInvalid</c>, <c>InterpreterDisposed</c>, <c>ModelDisposed</c>.
    /// </exception>
    public static IReadOnlyList<CheckStep> Of(Interpreter interpreter, double? tolerance = null)
    {
        interpreter.ThrowIfDisposed();
        OptionLaw.ThrowIfBroken(new ModelCheckOptions { Tolerance = tolerance }, "CheckOptionInvalid");
        double allowed = tolerance ?? ModelCheckOptions.ToleranceOf(interpreter.Target.ComputeDtype);
        return
        [
            new CheckStep("InterventionsEqualSingle", stop => Batched(interpreter, allowed, stop)),
            new CheckStep("InterpreterEqualsLoaded", _ => Saved(interpreter)),
        ];
    }

    private static ModelCheck Batched(Interpreter interpreter, double tolerance, CancellationToken stop)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        TokenizedExample[] examples = Examples(interpreter);
        IReadOnlyList<Tensor> together = Logits(interpreter, examples);
        Difference difference = default;
        for (int n = 0; n < examples.Length; n++)
        {
            stop.ThrowIfCancellationRequested();
            difference.Add(Logits(interpreter, [examples[n]])[0], together[n], $"intervention {n + 1}");
        }
        return difference.ToCheck(
            "InterventionsEqualSingle", interpreter.ToString(), tolerance,
            "logits after interventions made together with those of each made alone");
    }

    private static ModelCheck Saved(Interpreter interpreter)
    {
        using DisposeScope scope = NewDisposeScope();
        using TemporaryFolder folder = new();
        string? path = interpreter.SavedPath;
        Difference difference = default;
        try
        {
            InterpreterStore.Save(interpreter, folder.Path);
        }
        finally
        {
            // The user's folder, not the temporary one.
            interpreter.SavedPath = path;
        }
        using Interpreter loaded = InterpreterStore.Load(folder.Path, interpreter.Target);
        Dictionary<string, Tensor> read = loaded.Parameters.State().ToDictionary(s => s.Key, s => s.Value);
        foreach ((string name, Tensor value) in interpreter.Parameters.State())
        {
            bool same = read.TryGetValue(name, out Tensor? other) && other.shape.AsSpan().SequenceEqual(value.shape)
                && other.eq(value).all().item<bool>();
            difference.Add(same ? 0 : double.PositiveInfinity, $"'{name}'");
        }
        return difference.ToCheck(
            "InterpreterEqualsLoaded", interpreter.ToString(), tolerance: 0,
            "parameters in memory with those read back after saving, bit for bit");
    }

    /// <summary>Logits of every base token after the patch, for each example.</summary>
    private static Tensor[] Logits(Interpreter interpreter, TokenizedExample[] examples)
    {
        using DisposeScope scope = NewDisposeScope();
        using LanguageModels.ActivationCache cache = interpreter.CreateCache();
        InterchangeBatch batch = new InterchangeBatchBuilder(
            interpreter.Target, cache, interpreter.Layer, interpreter.NormedLastLayerSource).Build(examples);
        Tensor edited = Interpreter.Edit(batch, interpreter.Propose(batch), SelectionMode.Soft);
        Tensor top = interpreter.Target.RunBlocks(edited, interpreter.Layer, interpreter.Target.BlockCount, batch.Context);
        return [.. examples.Select((e, n) => interpreter.Target.Logits(top[n].narrow(0, 0, e.BaseIds.Length)).MoveToOuterDisposeScope())];
    }

    // One concept for all: instructions of different lengths can't share a batch.
    private static TokenizedExample[] Examples(Interpreter interpreter)
    {
        RavelCollator collator = new(interpreter.Target.Tokenizer, interpreter.Collation);
        ConceptKey? concept = (interpreter as FixedPositionInterpreter)?.Concepts.Concepts[0];
        string words = concept?.ToString() ?? "the country of a city";
        return
        [
            .. s_prompts.Select((prompt, n) =>
            {
                (string prefix, string suffix) = s_prompts[(n + 1) % s_prompts.Length];
                return collator.TokenizePrompts(prompt.Prefix, prompt.Suffix, prefix, suffix, words) with { Concept = concept };
            }),
        ];
    }
}
