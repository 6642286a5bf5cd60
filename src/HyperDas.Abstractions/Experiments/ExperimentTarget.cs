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
    /// Folder of a LoRA adapter (PEFT's <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>) that is merged into the weights;
    /// in a document relative to its file.
    /// </summary>
    public string? Adapter { get; init; }

    /// <summary>
    /// Whether each prompt is wrapped in the model's chat template as a single user message; otherwise prompts are used unchanged.
    /// </summary>
    public bool ChatTemplate { get; init; }

    /// <summary>
    /// Number format of the weights in memory. The default <c>auto</c> keeps the stored format, or uses float32 if the processor is slow in
    /// the stored format and there is enough memory.
    /// </summary>
    public ModelDtype? Dtype { get; init; }

    /// <summary>
    /// <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>; or several of one kind, separated by commas, over which the model's blocks are distributed
    /// in order.
    /// </summary>
    public string Device { get; init; } = "cpu";

    /// <summary>
    /// Folder for hidden states of the prompts: successive runs with the same model and layer compute them once. In a document relative to
    /// its file. By default they are kept in memory for one training.
    /// </summary>
    public string? CachePath { get; init; }

    /// <summary>Maximum size of the files in <see cref="CachePath"/>, in bytes; the least recently used are deleted first.</summary>
    [Range(0.0, long.MaxValue)]
    public long CacheLimit { get; init; } = 20L << 30;
}
