namespace HyperDas;

/// <summary>A record of options that must agree with each other.</summary>
public interface IRelatedOptions
{
    /// <summary>What is wrong with options together, where each is right by itself.</summary>
    public IEnumerable<OptionFault> Relations();
}
