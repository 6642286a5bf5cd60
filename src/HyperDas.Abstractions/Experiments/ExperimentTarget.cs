using System.ComponentModel.DataAnnotations;

namespace HyperDas;

/// <summary>The target model of an experiment.</summary>
public sealed record ExperimentTarget
{
    /// <summary>Hugging Face folder with <c>config.json</c>, weights and <c>tokenizer.json</c>; in a document relative to its file.</summary>
    [Required]
    public string Path { get; init; } = "";

    /// <summary>Number format to hold the weights in; as stored if left out.</summary>
    public ModelDtype? Dtype { get; init; }

    /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    public string Device { get; init; } = "cpu";
}
