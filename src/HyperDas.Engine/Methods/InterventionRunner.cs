using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods.Concepts;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods;

/// <summary>
/// Makes single interventions on free text (docs/methods.md#interventions-on-free-text): proposes a patch, then generates with and without
/// it. The edit is made in the base prompt's pass; later tokens see its effect through the key/value cache.
/// </summary>
public static class InterventionRunner
{
    private const double NoticeableWeight = 0.01;

    /// <summary>Makes one intervention.</summary>
    /// <param name="interpreter">A trained interpreter.</param>
    /// <param name="request">Prompts and concept; methods with a fixed position, and ground-truth selection, also need the
    /// entities.</param>
    /// <param name="mode">How selection weights are turned into a patch.</param>
    /// <param name="generation">Length and sampling of the answers.</param>
    /// <param name="cancellation">Checked before every token.</param>
    /// <exception cref="HyperDasException">
    /// <c>PromptEmpty</c>, <c>ConceptEmpty</c>, <c>ConceptUnknown</c>, <c>EntityMissing</c>, <c>EntityNotFound</c>,
    /// <c>SelectionModeInvalid</c>, <c>InterpreterDisposed</c>.
    /// </exception>
    public static InterventionResult Run(
        Interpreter interpreter,
        InterventionRequest request,
        SelectionMode mode = SelectionMode.Soft,
        GenerationOptions? generation = null,
        CancellationToken cancellation = default) =>
        Run(interpreter, [Prepare(interpreter, request, mode)], generation, cancellation)[0];

    /// <summary>Checks and tokenises one request, so an invalid one is found before it shares a batch with valid ones.</summary>
    /// <param name="interpreter">A trained interpreter.</param>
    /// <param name="request">Prompts and concept.</param>
    /// <param name="mode">How selection weights are turned into a patch.</param>
    /// <exception cref="HyperDasException">As
    /// <see cref="Run(Interpreter, InterventionRequest, SelectionMode, GenerationOptions?, CancellationToken)"/>.</exception>
    public static PreparedIntervention Prepare(Interpreter interpreter, InterventionRequest request, SelectionMode mode)
    {
        interpreter.ThrowIfDisposed();
        Validate(interpreter, request, mode);
        ConceptKey? concept = interpreter.ConceptOf(request.Concept);
        (string basePrefix, string baseSuffix) = Split(request.BasePrompt, request.BaseEntity, "base");
        (string sourcePrefix, string sourceSuffix) = Split(request.CounterfactualPrompt, request.CounterfactualEntity, "counterfactual");
        TokenizedExample example = new RavelCollator(interpreter.Target.Tokenizer, interpreter.Collation)
            .TokenizePrompts(basePrefix, baseSuffix, sourcePrefix, sourceSuffix, request.Concept) with
        { Concept = concept };
        return new PreparedIntervention(request, mode, example);
    }

    /// <summary>Makes several interventions at once: the same answers as one by one, in less time.</summary>
    /// <param name="interpreter">The interpreter for which they were prepared.</param>
    /// <param name="requests">At least one.</param>
    /// <param name="generation">Length and sampling of the answers.</param>
    /// <param name="cancellation">Checked before every token.</param>
    /// <returns>One result for each request, in their order.</returns>
    /// <exception cref="HyperDasException"><c>InterpreterDisposed</c>, and what generation may throw.</exception>
    public static IReadOnlyList<InterventionResult> Run(
        Interpreter interpreter, IReadOnlyList<PreparedIntervention> requests, GenerationOptions? generation = null,
        CancellationToken cancellation = default)
    {
        interpreter.ThrowIfDisposed();
        GenerationOptions options = generation ?? new GenerationOptions { MaxNewTokens = 8 };
        InterventionResult[] results = new InterventionResult[requests.Count];
        // Padding an instruction changes what its tokens can see (docs/methods.md#blocks), so only those of equal length share a batch.
        foreach (IGrouping<(SelectionMode, int), int> group in Enumerable.Range(0, requests.Count)
            .GroupBy(n => (requests[n].Mode, requests[n].Tokens.InstructionIds.Length)))
        {
            int[] members = [.. group];
            IReadOnlyList<InterventionResult> done = RunTogether(interpreter, [.. members.Select(n => requests[n])], options, cancellation);
            for (int i = 0; i < members.Length; i++)
            {
                results[members[i]] = done[i];
            }
        }
        return results;
    }

    private static InterventionResult[] RunTogether(
        Interpreter interpreter, PreparedIntervention[] requests, GenerationOptions options, CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        LanguageModel model = interpreter.Target;
        SelectionMode mode = requests[0].Mode;
        TokenizedExample[] examples = [.. requests.Select(r => r.Tokens)];
        int[][] prompts = [.. examples.Select(e => e.BaseIds)];
        using ActivationCache cache = interpreter.CreateCache();
        InterchangeBatch batch = new InterchangeBatchBuilder(
            model, cache, interpreter.Layer, interpreter.NormedLastLayerSource).Build(examples);
        Patch patch = interpreter.Propose(batch);
        Tensor applied = Interpreter.Select(batch, patch, mode);

        string[] originals = Answers(null), intervened = Answers(interpreter.EditOf(batch, patch, applied));
        return [.. requests.Select((request, n) => Result(interpreter, request, originals[n], intervened[n], applied[n]))];

        string[] Answers(HiddenEdit? change) =>
            [.. TextGenerator.Generate(model, prompts, options, change, cancellation)
                .Select(ids => model.Tokenizer.DecodeContinuation(ids).Trim())];
    }

    private static InterventionResult Result(
        Interpreter interpreter, PreparedIntervention prepared, string original, string intervened, Tensor applied)
    {
        Tokenizer tokenizer = interpreter.Target.Tokenizer;
        ConceptNearness? near = interpreter.Nearness(prepared.Request.Concept);
        string[] baseTokens = Texts(tokenizer, prepared.Tokens.BaseIds), sourceTokens = Texts(tokenizer, prepared.Tokens.SourceIds);
        double[][] weights = Rows(applied, sourceTokens.Length, baseTokens.Length);
        return new InterventionResult
        {
            BasePrompt = prepared.Request.BasePrompt,
            CounterfactualPrompt = prepared.Request.CounterfactualPrompt,
            Concept = prepared.Request.Concept,
            NearestConcept = near?.Concept.ToString(),
            ConceptDistance = near?.Distance,
            SelectionMode = prepared.Mode,
            OriginalOutput = original,
            IntervenedOutput = intervened,
            ChosenTokens = Chosen(weights, baseTokens, sourceTokens),
            BaseTokens = baseTokens,
            SourceTokens = sourceTokens,
            Weights = weights,
        };
    }

    private static void Validate(Interpreter interpreter, InterventionRequest request, SelectionMode mode)
    {
        Require(request.BasePrompt, "PromptEmpty", "The base prompt is empty; specify the text to edit, e.g. \"Vienna is in\".");
        Require(request.CounterfactualPrompt, "PromptEmpty",
            "The counterfactual prompt is empty; specify the text that supplies the new value, e.g. \"I love Paris\".");
        Require(request.Concept, "ConceptEmpty", "The concept is empty; describe what to patch, e.g. \"the country of a city\".");
        if (!string.IsNullOrEmpty(request.BaseEntity) && !string.IsNullOrEmpty(request.CounterfactualEntity))
        {
            return;
        }
        if (interpreter.NeedsEntities)
        {
            throw new HyperDasException(
                "EntityMissing",
                HyperDasErrorKind.InvalidArgument,
                $"{interpreter.Method} patches the last token of the entities and needs both: specify the base entity, e.g. \"Vienna\" in \"Vienna is in\", and the counterfactual entity.",
                request);
        }
        if (mode == SelectionMode.GroundTruth)
        {
            throw new HyperDasException(
                "SelectionModeInvalid",
                HyperDasErrorKind.InvalidArgument,
                "Ground-truth selection needs the entities' positions: specify the base entity and the counterfactual entity, or use Soft, OneToMany, OneToOne or Global.",
                mode);
        }

        static void Require(string text, string id, string message)
        {
            if (string.IsNullOrWhiteSpace(text))
            {
                throw new HyperDasException(id, HyperDasErrorKind.InvalidArgument, message, text);
            }
        }
    }

    private static string[] Texts(Tokenizer tokenizer, int[] ids) => [.. ids.Select(tokenizer.TokenText)];

    private static (string Prefix, string Suffix) Split(string prompt, string? entity, string which)
    {
        if (string.IsNullOrEmpty(entity))
        {
            return (prompt, "");
        }
        return EntityPlace.EndIn(prompt, entity) is int end
            ? (prompt[..end], prompt[end..])
            : throw new HyperDasException(
                "EntityNotFound", HyperDasErrorKind.InvalidArgument,
                $"The {which} prompt \"{prompt}\" doesn't contain the {which} entity \"{entity}\" (the comparison is case-sensitive).", entity);
    }

    /// <summary>
    /// Weights over all tokens of both prompts, from <c>[sources + 1, columns]</c> of a padded batch, without padding; tokens hidden from
    /// the interpreter have weight 0.
    /// </summary>
    private static double[][] Rows(Tensor weights, int sources, int columns)
    {
        double[][] seen = [.. weights.to_type(ScalarType.Float64).cpu().contiguous().data<double>().ToArray().Chunk((int)weights.shape[1])];
        double[][] all = [.. Enumerable.Range(0, sources + 1).Select(_ => new double[columns])];
        Array.Fill(all[sources], 1);
        int shared = Math.Min(columns, (int)weights.shape[1]);
        for (int i = 0; i < Math.Min(sources, seen.Length - 1); i++)
        {
            Array.Copy(seen[i], all[i], shared);
        }
        Array.Copy(seen[^1], all[sources], shared);
        return all;
    }

    private static TokenChoice[] Chosen(double[][] weights, string[] baseTokens, string[] sourceTokens)
    {
        int self = weights.Length - 1;
        return
        [
            .. Enumerable.Range(0, baseTokens.Length)
                .Where(j => 1 - weights[self][j] > NoticeableWeight)
                .OrderBy(j => weights[self][j])
                .Select(j =>
                {
                    int i = Enumerable.Range(0, self).MaxBy(i => weights[i][j]);
                    return new TokenChoice(baseTokens[j], j, sourceTokens[i], i, weights[i][j]);
                }),
        ];
    }
}
