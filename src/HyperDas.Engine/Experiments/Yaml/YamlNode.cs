namespace HyperDas.Engine.Experiments.Yaml;

/// <summary>A part of a document with its position.</summary>
/// <param name="Mark">Its beginning.</param>
internal abstract record YamlNode(YamlMark Mark)
{
    /// <summary>A short form for messages.</summary>
    public abstract string Shown { get; }
}

/// <summary>A scalar.</summary>
/// <param name="Mark">Its beginning.</param>
/// <param name="Text">Its text, without quotes.</param>
/// <param name="IsPlain">Whether it is unquoted and may be a number, a Boolean or null.</param>
internal sealed record YamlText(YamlMark Mark, string Text, bool IsPlain) : YamlNode(Mark)
{
    private const int ShownLength = 60;

    /// <summary>Whether it represents null.</summary>
    public bool IsNull => IsPlain && Text is "" or "~" or "null";

    /// <inheritdoc/>
    public override string Shown => Text.Length <= ShownLength ? Text : string.Concat(Text.AsSpan(0, ShownLength), "…");
}

/// <summary>A list.</summary>
/// <param name="Mark">Its beginning.</param>
/// <param name="Items">Its items, in order.</param>
internal sealed record YamlList(YamlMark Mark, IReadOnlyList<YamlNode> Items) : YamlNode(Mark)
{
    /// <inheritdoc/>
    public override string Shown => $"[{string.Join(", ", Items.Take(4).Select(i => i.Shown))}{(Items.Count > 4 ? ", …" : "")}]";
}

/// <summary>A key with its value.</summary>
/// <param name="Key">The key.</param>
/// <param name="Mark">Where the key begins.</param>
/// <param name="Value">The value.</param>
/// <param name="IsShared">Whether it is at the top level of the document and another part refers to an anchor in the value.</param>
internal sealed record YamlEntry(string Key, YamlMark Mark, YamlNode Value, bool IsShared = false);

/// <summary>A mapping.</summary>
/// <param name="Mark">Its beginning.</param>
/// <param name="Entries">Its entries, in order; keys are unique.</param>
internal sealed record YamlMap(YamlMark Mark, IReadOnlyList<YamlEntry> Entries) : YamlNode(Mark)
{
    /// <inheritdoc/>
    public override string Shown => "{…}";

    /// <summary>The entry of a key, or null.</summary>
    public YamlEntry? Find(string key) => Entries.FirstOrDefault(e => e.Key == key);

    /// <summary>The same mapping with one entry replaced, or added at the end.</summary>
    public YamlMap With(YamlEntry entry) => this with
    {
        Entries = Find(entry.Key) is null ? [.. Entries, entry] : [.. Entries.Select(e => e.Key == entry.Key ? entry : e)],
    };

    /// <summary>The same mapping without a key.</summary>
    public YamlMap Without(string key) => this with { Entries = [.. Entries.Where(e => e.Key != key)] };
}
