using System.ComponentModel.DataAnnotations;

namespace HyperDas;

/// <summary>The target model of an experiment.</summary>
public sealed record ExperimentTarget
{
    /// <summary>
    /// Hugging Face folder with <c>config.json</c>, weights and <c>tokenizer.json</c>, or <c>org/name</c> of a model in Hugging Face's
    /// cache; in a document relative to its file.
    /// </summary>
    [Required]
    public string Path { get; init; } = "";

    /// <summary>
    /// Folder of a LoRA adapter (PEFT's <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>) that is added to the weights; in a
    /// document relative to its file.
    /// </summary>
    public string? Adapter { get; init; }

    /// <summary>
    /// Whether prompts are wrapped in the model's chat template, as one message of the user; otherwise they are used as they are.
    /// </summary>
    public bool ChatTemplate { get; init; }

    /// <summary>
    /// Number format to hold the weights in; if left out <c>auto</c>: as stored, or float32 where the processor is slow in
    /// what is stored and there is room.
    /// </summary>
    public ModelDtype? Dtype { get; init; }

    /// <summary>
    /// <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>; or several of a kind with commas between them, over which the model's blocks are spread in
    /// order.
    /// </summary>
    public string Device { get; init; } = "cpu";

    /// <summary>
    /// Folder for hidden states of the prompts, so that runs of the same model and layer, one after the other, compute them once; in a
    /// document relative to its file. Without it they are kept in memory, for one training.
    /// </summary>
    public string? CachePath { get; init; }

    /// <summary>Size that the files in <see cref="CachePath"/> don't exceed, in bytes; those that were used longest ago give way.</summary>
    [Range(0.0, long.MaxValue)]
    public long CacheLimit { get; init; } = 20L << 30;
}
