using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Methods.Fixed;

/// <summary>What the names on disk begin with of parameters that methods with a fixed position learn.</summary>
internal static class FixedNames
{
    /// <summary>Of what a domain's concepts share, e.g. <c>city/</c>.</summary>
    /// <param name="domain">Domain.</param>
    public static string Prefix(string domain) => $"{domain}/";

    /// <summary>Of a concept's own, e.g. <c>city/Country/</c>.</summary>
    /// <param name="concept">The concept.</param>
    public static string Prefix(ConceptKey concept) => $"{concept.Domain}/{concept.Attribute}/";
}
