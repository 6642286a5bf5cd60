using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Methods.Fixed;

/// <summary>Prefixes on disk of parameters of methods with a fixed position.</summary>
internal static class FixedNames
{
    /// <summary>Prefix of the parameters that a domain's concepts share, e.g. <c>city/</c>.</summary>
    /// <param name="domain">Domain.</param>
    public static string Prefix(string domain) => $"{domain}/";

    /// <summary>Prefix of a concept's parameters, e.g. <c>city/Country/</c>.</summary>
    /// <param name="concept">The concept.</param>
    public static string Prefix(ConceptKey concept) => $"{concept.Domain}/{concept.Attribute}/";
}
