namespace HyperDas;

/// <summary>Which entities the examples of a split are about. Templates always come from the split itself.</summary>
public enum RavelEntitySplit
{
    /// <summary>All entities in every split, as the original: what is held out is the wording.</summary>
    Both,

    /// <summary>Entities of the same split as the template: entities are held out too.</summary>
    Same,
}
