namespace HyperDas;

/// <summary>A record whose options must be consistent with each other.</summary>
public interface IRelatedOptions
{
    /// <summary>Finds inconsistencies between options that are valid by themselves.</summary>
    public IEnumerable<OptionFault> Relations();
}
