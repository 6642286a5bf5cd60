using HyperDas.Engine.Checkpoints.Adapters;

namespace HyperDas.Engine.Checkpoints;

/// <summary>Recognises folders whose weights have an unsupported format, and explains what to do with each.</summary>
internal static class ForeignWeights
{
    private static readonly (string Pattern, string What)[] s_elsewhere =
        [("*.h5", "TensorFlow"), ("*.msgpack", "Flax"), ("*.onnx", "ONNX Runtime"), ("*.npz", "MLX")];

    /// <summary>Throws for a folder that holds an adapter, or weights only in unsupported formats.</summary>
    /// <param name="folder">The folder; it may be missing.</param>
    /// <param name="weights">Names of supported files of weights, and of their indexes; safetensors' come first.</param>
    /// <param name="torchIndex">The index of shards that <c>torch.save</c> wrote.</param>
    /// <param name="withAdapter">Whether the caller asked for the adapter that is stored with the weights.</param>
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
                ? "contains both a model and an adapter (adapter_config.json). To apply the adapter, use -Adapter with the same folder (target.adapter in YAML); to use the model without it, move the adapter's files elsewhere"
                : $"contains only a PEFT adapter (LoRA or similar): import its base model{(trained is null ? "" : $", '{trained}',")} with -Adapter and this folder (target.path and target.adapter in YAML)");
        }
        if (own)
        {
            return;
        }
        if (Has("*.gguf"))
        {
            throw Unsupported(
                "contains a GGUF file, llama.cpp's format: download the same model's folder with config.json and safetensors instead");
        }
        if (Has("*.pth"))
        {
            throw Unsupported(
                "contains its weights as .pth, like Meta's own downloads: convert them with Hugging Face's library, or download the model's Hugging Face folder with safetensors");
        }
        if (Has("hypernetwork.pt"))
        {
            throw Unsupported(
                "contains hypernetwork.pt, an interpreter of the original HyperDAS and no model: open it with -Interpreter and its target with -Model");
        }
        if (((string[])["*.pt", "*.ckpt", "*.nemo"]).SelectMany(pattern => Directory.EnumerateFiles(folder, pattern))
            .Select(Path.GetFileName).FirstOrDefault() is { } stored)
        {
            throw Unsupported(
                $"contains '{stored}', but weights are read from {weights[0]} or pytorch_model.bin: convert it with Hugging Face's library, or download the model's Hugging Face folder with safetensors");
        }
        if (Has("pytorch_model-*.bin"))
        {
            throw Unsupported(
                $"contains shards, pytorch_model-*.bin, without their index {torchIndex}: download that file, too");
        }
        if (Has("model-*.safetensors"))
        {
            throw Unsupported(
                $"contains shards, model-*.safetensors, without their index {weights[1]}: download that file, too");
        }
        if (Has("consolidated*.safetensors"))
        {
            throw Unsupported(
                "contains weights as consolidated*.safetensors, Mistral's own format: download the model's Hugging Face files, model*.safetensors");
        }
        if (Directory.EnumerateFiles(folder, "*.safetensors").Select(Path.GetFileName).Order(StringComparer.Ordinal).FirstOrDefault()
            is { } other)
        {
            throw Unsupported(
                $"contains '{other}', but weights are read from {weights[0]} or from the shards that {weights[1]} lists: rename it if it is the whole model");
        }
        if (s_elsewhere.FirstOrDefault(format => Has(format.Pattern)) is { What: not null } known)
        {
            throw Unsupported(
                $"contains weights for {known.What}: download the same model's {weights[0]}, or convert it with Hugging Face's library");
        }

        bool Has(string pattern) => Directory.EnumerateFiles(folder, pattern).Any();

        HyperDasException Unsupported(string what) =>
            new("ModelFormatUnsupported", HyperDasErrorKind.InvalidData, $"'{folder}' {what}.", folder);
    }
}
