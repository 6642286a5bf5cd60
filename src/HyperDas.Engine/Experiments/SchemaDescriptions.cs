using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace HyperDas.Engine.Experiments;

/// <summary>Summaries of properties, from an assembly's XML documentation.</summary>
internal sealed partial class SchemaDescriptions
{
    private readonly Dictionary<string, XElement> _members;

    /// <summary>Reads the documentation.</summary>
    /// <param name="documentation">The XML file.</param>
    public SchemaDescriptions(Stream documentation) =>
        _members = XDocument.Load(documentation).Descendants("member").ToDictionary(m => m.Attribute("name")!.Value);

    /// <summary>A property's summary as plain text.</summary>
    /// <exception cref="InvalidOperationException">It has none.</exception>
    public string Of(PropertyInfo property)
    {
        string member = $"P:{property.DeclaringType!.FullName}.{property.Name}";
        XElement summary = _members.GetValueOrDefault(member)?.Element("summary")
            ?? throw new InvalidOperationException($"{member} has no documentation.");
        return Spaces().Replace(string.Concat(summary.Nodes().Select(Text)), " ").Trim();
    }

    // A reference to another property becomes that property's key; code becomes plain text.
    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } see => OptionKey.CamelCase(see.Attribute("cref")!.Value.Split('.')[^1]),
        XElement element => element.Value,
        _ => "",
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
