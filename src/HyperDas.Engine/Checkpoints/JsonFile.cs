using System.Text.Json;

namespace HyperDas.Engine.Checkpoints;

/// <summary>Opens small JSON files whose root is an object, with errors that name the file.</summary>
internal static class JsonFile
{
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads and parses a file.</summary>
    /// <param name="path">The file; it must exist.</param>
    /// <param name="errorId">Identifier of the error when the content isn't a JSON object.</param>
    /// <exception cref="HyperDasException"><paramref name="errorId"/>, or <c>PathNotFound</c>.</exception>
    public static JsonDocument Open(string path, string errorId)
    {
        if (!File.Exists(path))
        {
            throw new HyperDasException("PathNotFound", HyperDasErrorKind.NotFound, $"There is no file '{path}'.", path);
        }
        try
        {
            JsonDocument document = JsonDocument.Parse(File.ReadAllText(path), s_strict);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }
            document.Dispose();
        }
        catch (JsonException e)
        {
            throw new HyperDasException(errorId, HyperDasErrorKind.InvalidData, $"'{path}' isn't valid JSON: {e.Message}", path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HyperDasException("CheckpointUnreadable", HyperDasErrorKind.ResourceUnavailable, $"'{path}' can't be read: {e.Message}", path, e);
        }
        throw new HyperDasException(errorId, HyperDasErrorKind.InvalidData, $"'{path}' isn't a JSON object.", path);
    }
}
