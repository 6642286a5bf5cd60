namespace HyperDas;

/// <summary>The three parts into which the benchmark's entities and templates are divided.</summary>
public enum RavelSplit
{
    /// <summary>For training.</summary>
    Train,

    /// <summary>For choosing settings.</summary>
    Val,

    /// <summary>For the final score.</summary>
    Test,
}

/// <summary>A subject of the benchmark's facts, e.g. the city Paris.</summary>
/// <param name="Name">The entity as prompts spell it; case matters.</param>
/// <param name="Split">The part of the benchmark that it belongs to.</param>
/// <param name="Values">Attribute → gold value; empty strings are unknown facts.</param>
public sealed record RavelEntity(string Name, RavelSplit Split, IReadOnlyDictionary<string, string> Values)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>A prompt with one placeholder for an entity.</summary>
/// <param name="Text">The prompt with exactly one <c>%s</c>; spaces at the ends are significant.</param>
/// <param name="Attribute">The attribute it asks for.</param>
/// <param name="Split">The part of the benchmark that it belongs to.</param>
public sealed record RavelTemplate(string Text, string Attribute, RavelSplit Split)
{
    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>A Wikipedia-style context that mentions an entity but asks for no attribute.</summary>
/// <param name="Text">The context with exactly one <c>%s</c>.</param>
/// <param name="Entity">The only entity that fits, or null if any entity of the domain does.</param>
/// <param name="Split">The part of the benchmark that it belongs to.</param>
public sealed record RavelDistractor(string Text, string? Entity, RavelSplit Split)
{
    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>A description of a concept of a domain, in somebody's words.</summary>
/// <param name="Text">The words, e.g. <c>which country is the city in?</c></param>
/// <param name="Attribute">The attribute described, or null if the domain has nothing of the kind.</param>
/// <param name="Split">The part of the benchmark that it belongs to; trainings use only those of the training split.</param>
public sealed record RavelDescription(string Text, string? Attribute, RavelSplit Split)
{
    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>One domain of the benchmark as in its files: facts, templates and splits, in file order.</summary>
/// <param name="Name">Domain, e.g. <c>city</c> or <c>nobel_prize_winner</c>.</param>
/// <param name="Path">Absolute folder the files came from.</param>
/// <param name="Attributes">Attributes that have templates and gold values, in file order.</param>
/// <param name="Entities">Entities in file order.</param>
/// <param name="Templates">Attribute templates in file order.</param>
/// <param name="Distractors">Wikipedia-style contexts in file order.</param>
public sealed record RavelDomain(
    string Name,
    string Path,
    IReadOnlyList<string> Attributes,
    IReadOnlyList<RavelEntity> Entities,
    IReadOnlyList<RavelTemplate> Templates,
    IReadOnlyList<RavelDistractor> Distractors)
{
    /// <summary>
    /// Attribute templates repeated in the file of Wikipedia-style contexts; <see cref="Distractors"/> doesn't contain them.
    /// </summary>
    public IReadOnlyList<RavelDistractor> RepeatedTemplates { get; init; } = [];

    /// <summary>
    /// Descriptions of the attributes and of things that the domain doesn't have, in file order; empty if the domain has no such files.
    /// </summary>
    public IReadOnlyList<RavelDescription> Descriptions { get; init; } = [];

    /// <summary>The files it was read from.</summary>
    public IReadOnlyList<RavelSourceFile> SourceFiles { get; init; } = [];

    /// <summary>Number of entities.</summary>
    public int EntityCount => Entities?.Count ?? 0;

    /// <summary>Number of attribute templates.</summary>
    public int TemplateCount => Templates?.Count ?? 0;

    /// <summary>Number of distractors.</summary>
    public int DistractorCount => Distractors?.Count ?? 0;

    /// <summary>The domain in running text: <c>nobel_prize_winner</c> → <c>nobel prize winner</c>.</summary>
    public string SpokenName => Name.Replace('_', ' ');

    /// <inheritdoc/>
    public override string ToString() => Name;
}
