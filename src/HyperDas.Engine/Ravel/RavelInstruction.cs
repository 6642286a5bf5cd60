namespace HyperDas.Engine.Ravel;

/// <summary>Formulates a concept for the interpreter.</summary>
public static class RavelInstruction
{
    /// <summary>Separator before the attribute in the original's form.</summary>
    internal const string AttributeMark = " - ";

    private static readonly string[] s_consonantSounds = ["uni", "use", "eu", "once", "ufo"];
    private static readonly string[] s_silentConsonants = ["hour", "honest", "honour", "honor", "heir"];

    /// <summary>The concept as users write it, e.g. <c>the country of birth of a nobel prize winner</c>.</summary>
    /// <param name="domain">Domain, e.g. <c>nobel_prize_winner</c>.</param>
    /// <param name="attribute">Attribute as the benchmark spells it, e.g. <c>Country of Birth</c>.</param>
    public static string Concept(string domain, string attribute)
    {
        string spoken = domain.Replace('_', ' ');
        return $"the {attribute.ToLowerInvariant()} of {Article(spoken)} {spoken}";
    }

    /// <summary>The instruction of an example in a given style (docs/methods.md#pairs-as-hyperdas-draws-them).</summary>
    /// <param name="style">The style.</param>
    /// <param name="domain">Domain.</param>
    /// <param name="attribute">The target attribute.</param>
    /// <param name="baseEntity">The entity of the base prompt.</param>
    /// <param name="sourceEntity">The entity of the source prompt.</param>
    public static string Text(InstructionStyle style, string domain, string attribute, string baseEntity, string sourceEntity) =>
        style == InstructionStyle.EntityPair ? $"{baseEntity} ; {sourceEntity}{AttributeMark}{attribute}" : Concept(domain, attribute);

    // The article depends on the sound: a university, an hour.
    private static string Article(string noun)
    {
        bool vowelLetter = noun.Length > 0 && "aeiou".Contains(char.ToLowerInvariant(noun[0]));
        bool vowelSound = vowelLetter ? !StartsWithAny(noun, s_consonantSounds) : StartsWithAny(noun, s_silentConsonants);
        return vowelSound ? "an" : "a";
    }

    private static bool StartsWithAny(string noun, string[] beginnings) =>
        beginnings.Any(beginning => noun.StartsWith(beginning, StringComparison.OrdinalIgnoreCase));
}
