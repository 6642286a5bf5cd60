namespace HyperDas.Engine.Checkpoints.Adapters;

/// <summary>How an adapter changes one stored tensor of a model. Names are those of tensors in the adapter's file.</summary>
/// <param name="Weight">The model's tensor.</param>
internal sealed record AdapterChange(StoredWeight Weight)
{
    /// <summary>The model's own values, where the adapter's file includes them, as PEFT does with embeddings; null: it doesn't.</summary>
    public string? Own { get; init; }

    /// <summary>Values that were trained in full (<c>modules_to_save</c>); null: none were.</summary>
    public string? Whole { get; init; }

    /// <summary>The factors A and B; null: there are none.</summary>
    public (string A, string B)? Factors { get; init; }

    /// <summary>Factor of the product B A.</summary>
    public double Scale { get; init; }

    /// <summary>The tensor that replaces the model's; null: none does.</summary>
    public string? Replacement => Whole ?? Own;

    /// <summary>Whether the adapter changes what the model computes with this tensor.</summary>
    public bool IsTrained => Whole is not null || Factors is not null;

    /// <summary>Whether it is a table with a row for each token or position; its factors are those of the transposed table.</summary>
    public bool IsTable => Weight.Roles[0] is WeightRole.Embedding or WeightRole.Positions;

    /// <summary>Whether the product of the factors must be transposed: the tensor is <c>[inputs, outputs]</c>.</summary>
    public bool IsTransposed => IsTable || Weight.Layout == WeightLayout.Columns;

    /// <summary>All names in the file, in order of precedence.</summary>
    public IEnumerable<string> Tensors => ((string?[])[Factors?.A, Factors?.B, Own, Whole]).OfType<string>();
}
