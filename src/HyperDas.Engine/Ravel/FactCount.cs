namespace HyperDas.Engine.Ravel;

/// <summary>Number of tested and known facts about an attribute.</summary>
/// <param name="Domain">Domain.</param>
/// <param name="Attribute">Attribute.</param>
/// <param name="Known">Facts that the target model answers correctly.</param>
/// <param name="Tested">Facts that were tested.</param>
public sealed record FactCount(string Domain, string Attribute, int Known, int Tested)
{
    /// <summary>Percentage of known facts; NaN when none was tested.</summary>
    public double Percent => Tested == 0 ? double.NaN : 100.0 * Known / Tested;
}
