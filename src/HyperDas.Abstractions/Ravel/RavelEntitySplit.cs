namespace HyperDas;

/// <summary>Which entities the examples of a split use. Templates always come from the split itself.</summary>
public enum RavelEntitySplit
{
    /// <summary>All entities in every split, as in the original: only the wording is held out.</summary>
    Both,

    /// <summary>Entities of the same split as the template: entities are also held out.</summary>
    Same,
}
