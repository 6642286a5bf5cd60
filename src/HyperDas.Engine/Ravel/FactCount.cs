namespace HyperDas.Engine.Ravel;

/// <summary>How many facts about an attribute were tested and known.</summary>
/// <param name="Domain">Domain.</param>
/// <param name="Attribute">Attribute.</param>
/// <param name="Known">Facts that the target model answers.</param>
/// <param name="Tested">Facts that it was asked.</param>
public sealed record FactCount(string Domain, string Attribute, int Known, int Tested)
{
    /// <summary>Share of known facts, in percent; NaN when none was tested.</summary>
    public double Percent => Tested == 0 ? double.NaN : 100.0 * Known / Tested;
}
