namespace HyperDas.Engine.Tests.Fuzzing;

/// <summary>What a file is made of, for mutations that leave the outer parts whole and so reach the inner ones.</summary>
internal enum FuzzKind
{
    /// <summary>Anything: bytes are changed blindly.</summary>
    Bytes,

    /// <summary>One JSON value.</summary>
    Json,

    /// <summary>A JSON value on each line.</summary>
    JsonLines,

    /// <summary>A length, a JSON header, and the bytes that it speaks of.</summary>
    Safetensors,

    /// <summary>A compressed stream, changed inside.</summary>
    Gzip,
}

/// <summary>A file as a good writer makes it, which variants begin with.</summary>
/// <param name="Name">Path in the target's folder.</param>
/// <param name="Kind">What it is made of.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="IsFixed">Whether it is never changed, since only files beside it are tried.</param>
internal sealed record FuzzFile(string Name, FuzzKind Kind, byte[] Content, bool IsFixed = false)
{
    /// <summary>The files of a folder, by their paths in it.</summary>
    internal static FuzzFile[] Of(string folder, Func<string, FuzzKind> kind, params string[] fixedNames) =>
    [
        .. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => Path.GetRelativePath(folder, path))
            .Select(name => new FuzzFile(name, kind(name), File.ReadAllBytes(Path.Combine(folder, name)), fixedNames.Contains(name))),
    ];

    /// <summary>The kind that a file's name indicates.</summary>
    internal static FuzzKind KindOf(string name) => Path.GetExtension(name) switch
    {
        ".json" => FuzzKind.Json,
        ".jsonl" => FuzzKind.JsonLines,
        ".safetensors" => FuzzKind.Safetensors,
        ".tgz" => FuzzKind.Gzip,
        _ => FuzzKind.Bytes,
    };
}
