using System.Text.Json;
using HyperDas.Engine.Checkpoints.Families;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Checkpoints;

/// <summary>A model's <c>config.json</c>.</summary>
public static class ModelConfigFile
{
    /// <summary>Reads and checks it.</summary>
    /// <param name="folder">The model's folder, or its root in Hugging Face's cache.</param>
    /// <exception cref="HyperDasException">
    /// <c>PathNotFound</c>; <c>PathAmbiguous</c>; <c>ModelConfigInvalid</c>: a missing or impossible value; <c>ModelFormatUnsupported</c>:
    /// a family, or a variant of one, that isn't computed.
    /// </exception>
    public static ModelConfig Load(string folder)
    {
        string path = Path.Combine(HubFolder.Resolve(folder), ModelConfig.FileName);
        using JsonDocument document = StrictJson.Open(path, ConfigReader.InvalidErrorId);
        return ModelFamily.Read(document.RootElement, path);
    }

    /// <summary>Writes it so that Hugging Face's tools read it too.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="folder">The model's folder; created if needed.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    /// <exception cref="InvalidOperationException">The configuration was changed after it was read from a file.</exception>
    public static void Save(this ModelConfig config, string folder) => AtomicFile.Write(
        Path.Combine(folder, ModelConfig.FileName), stream =>
    {
        using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        if (config.Source is null)
        {
            LlamaFamily.Write(json, config);
            return;
        }
        using JsonDocument document = JsonDocument.Parse(config.Source);
        if (ModelFamily.Read(document.RootElement, ModelConfig.FileName) != config)
        {
            throw new InvalidOperationException("A configuration that was read from a file can't be changed and saved.");
        }
        document.RootElement.WriteTo(json);
    });
}
