namespace HyperDas.Engine.Tests.Fuzzing;

/// <summary>A format that users get from elsewhere, and how they read it.</summary>
internal abstract class FuzzTarget : IDisposable
{
    /// <summary>Name in messages and folders.</summary>
    internal abstract string Name { get; }

    /// <summary>Good files, in sets that are read together; each must be read without an error.</summary>
    internal abstract IReadOnlyList<FuzzFile[]> Seeds { get; }

    /// <summary>Words of the format that mutations put anywhere.</summary>
    internal virtual IReadOnlyList<string> Words => [];

    /// <summary>One in so many of the usual number of variants is tried, where reading takes long.</summary>
    internal virtual int Share => 1;

    /// <summary>Reads what is in a folder, by the entry point that users reach, and uses what was read.</summary>
    /// <param name="folder">Folder with a variant of one of the sets.</param>
    internal abstract void Read(string folder);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}
