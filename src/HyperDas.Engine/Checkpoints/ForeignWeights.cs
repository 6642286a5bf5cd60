using HyperDas.Engine.Checkpoints.Adapters;

namespace HyperDas.Engine.Checkpoints;

/// <summary>Recognises folders whose weights are of another kind, and says what to do with each.</summary>
internal static class ForeignWeights
{
    /// <summary>Refuses a folder that holds an adapter, or weights only in formats that aren't read.</summary>
    /// <param name="folder">The folder; it may be missing.</param>
    /// <param name="weights">Names of files of weights that are read, or that name them.</param>
    /// <param name="torchIndex">The one that names shards as <c>torch.save</c> writes them.</param>
    /// <param name="withAdapter">Whether the adapter beside the weights is what was asked for.</param>
    /// <exception cref="HyperDasException"><c>ModelFormatUnsupported</c>.</exception>
    public static void ThrowIfAny(string folder, IReadOnlyList<string> weights, string torchIndex, bool withAdapter)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }
        bool own = weights.Any(name => File.Exists(Path.Combine(folder, name)));
        if (Has(AdapterConfig.FileName) && !(own && withAdapter))
        {
            string? trained = AdapterConfig.BaseOf(folder);
            throw Unsupported(own
                ? "holds an adapter (adapter_config.json) beside a model, and it isn't clear which is meant: -Adapter with the same folder (target.adapter in YAML) applies it; to use the model without it, move the adapter's files elsewhere"
                : $"holds a PEFT adapter (LoRA or the like) alone: import its base model{(trained is null ? "" : $", '{trained}',")} with -Adapter and this folder (target.path and target.adapter in YAML)");
        }
        if (own)
        {
            return;
        }
        if (Has("*.gguf"))
        {
            throw Unsupported(
                "holds a GGUF file, llama.cpp's format: download the same model's folder with config.json and safetensors instead");
        }
        if (Has("*.pth"))
        {
            throw Unsupported(
                "holds its weights as .pth, as Meta's own downloads do: convert them with Hugging Face's library, or download the model's Hugging Face folder with safetensors");
        }
        if (Has("pytorch_model-*.bin"))
        {
            throw Unsupported(
                $"holds a part of its weights as pytorch_model-*.bin, and not {torchIndex}, which says what is where: download that file, too");
        }

        bool Has(string pattern) => Directory.EnumerateFiles(folder, pattern).Any();

        HyperDasException Unsupported(string what) =>
            new("ModelFormatUnsupported", HyperDasErrorKind.InvalidData, $"'{folder}' {what}.", folder);
    }
}
