namespace HyperDas;

/// <summary>What validation and test examples hold out from training (docs/methods.md#files-and-splits).</summary>
public enum RavelHeldOut
{
    /// <summary>The dataset doesn't distinguish the two.</summary>
    Unspecified,

    /// <summary>Templates: known entities in new wording ("context-val" and "context-test").</summary>
    Context,

    /// <summary>Entities: new entities in known wording ("entity-val" and "entity-test").</summary>
    Entity,
}
