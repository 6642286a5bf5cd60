using System.ComponentModel.DataAnnotations;

namespace HyperDas.Engine.Evaluation.Checks;

/// <summary>Options of the checks of a model.</summary>
public sealed record ModelCheckOptions : IRelatedOptions
{
    /// <summary>Texts of different lengths on which the computations are compared; at least two nonempty ones.</summary>
    public IReadOnlyList<string> Prompts { get; init; } = DefaultPrompts;

    /// <summary>Intervention layers from which runs are continued; null for all.</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>The largest difference that passes; null for <see cref="ToleranceOf"/> the model's number format.</summary>
    [Range(0.0, double.MaxValue)]
    public double? Tolerance { get; init; }

    /// <summary>Default texts: short and long, with letters of one byte and of two.</summary>
    public static IReadOnlyList<string> DefaultPrompts { get; } =
    [
        "Vienna is in",
        "I love Paris",
        "People in Oslo usually speak a language that is called",
        "Zürich",
        "The continent on which the city of Toronto lies, one of the largest of its country, is",
    ];

    /// <summary>
    /// Default tolerance. Batches of different shapes add numbers in a different order, which affects the last bits of a number: 24 of them
    /// in float32, 8 in bfloat16. A wrong computation is off by a tenth or more.
    /// </summary>
    /// <param name="dtype">Number format of the model.</param>
    public static double ToleranceOf(ModelDtype dtype) => dtype switch
    {
        ModelDtype.BFloat16 => 5e-2,
        ModelDtype.Float16 => 6e-3,
        _ => 1e-4,
    };

    /// <inheritdoc/>
    public IEnumerable<OptionFault> Relations()
    {
        // A batch is compared with its individual prompts.
        if (Prompts.Distinct().Count(p => p.Length > 0) < 2)
        {
            yield return new OptionFault(
                nameof(Prompts), $"{Prompts.Count} {(Prompts.Count == 1 ? "text" : "texts")}",
                "at least two different, nonempty texts");
        }
    }

    /// <summary>Throws if a value is invalid.</summary>
    /// <param name="blockCount">Number of the model's blocks.</param>
    /// <exception cref="HyperDasException"><c>CheckOptionInvalid</c>; <c>LayerInvalid</c>.</exception>
    internal void ThrowIfImpossible(int blockCount)
    {
        OptionLaw.ThrowIfBroken(this, "CheckOptionInvalid");
        foreach (int layer in (Layers ?? []).Where(l => l < 0 || l > blockCount))
        {
            throw new HyperDasException(
                "LayerInvalid", HyperDasErrorKind.InvalidArgument,
                $"Layer {layer} doesn't exist; the model has layers 0 (embeddings) to {blockCount} (output of the last block).", layer);
        }
    }
}
