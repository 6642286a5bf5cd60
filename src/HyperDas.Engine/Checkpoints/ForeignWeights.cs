namespace HyperDas.Engine.Checkpoints;

/// <summary>Recognises folders whose weights are of another kind, and says what to do with each.</summary>
internal static class ForeignWeights
{
    private static readonly string[] s_own =
        [ModelCheckpoint.SingleFileName, ModelCheckpoint.IndexFileName, ModelCheckpoint.TorchFileName, ModelCheckpoint.TorchIndexFileName];

    /// <summary>Refuses a folder that holds an adapter, or weights only in formats that aren't read.</summary>
    /// <param name="folder">The folder; it may be missing.</param>
    /// <exception cref="HyperDasException"><c>ModelFormatUnsupported</c>.</exception>
    public static void ThrowIfAny(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }
        bool own = s_own.Any(name => File.Exists(Path.Combine(folder, name)));
        if (Has("adapter_config.json"))
        {
            throw Unsupported(own
                ? "holds an adapter (adapter_config.json) beside a model, and it isn't clear which is meant: move the adapter's files elsewhere to use the model without it, or merge them into it first (merge_and_unload in Hugging Face's peft)"
                : "holds a PEFT adapter (LoRA or the like) alone: merge it into its base model (merge_and_unload in Hugging Face's peft), save that as safetensors, and import its folder");
        }
        if (own)
        {
            return;
        }
        if (Has("*.gguf"))
        {
            throw Unsupported("holds a GGUF file, llama.cpp's format: download the same model's folder with config.json and safetensors instead");
        }
        if (Has("*.pth"))
        {
            throw Unsupported("holds its weights as .pth, as Meta's own downloads do: convert them with Hugging Face's library, or download the model's Hugging Face folder with safetensors");
        }
        if (Has("pytorch_model-*.bin"))
        {
            throw Unsupported($"holds a part of its weights as pytorch_model-*.bin, and not {ModelCheckpoint.TorchIndexFileName}, which says what is where: download that file, too");
        }

        bool Has(string pattern) => Directory.EnumerateFiles(folder, pattern).Any();

        HyperDasException Unsupported(string what) =>
            new("ModelFormatUnsupported", HyperDasErrorKind.InvalidData, $"'{folder}' {what}.", folder);
    }
}
