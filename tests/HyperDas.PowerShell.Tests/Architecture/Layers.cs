using ArchUnitNET.Domain;
using ArchUnitNET.Fluent.Syntax.Elements.Types;
using ArchUnitNET.Loader;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace HyperDas.PowerShell.Tests.Architecture;

/// <summary>The assemblies as they are laid out for users, and the parts that the rules speak of.</summary>
internal static class Layers
{
    /// <summary>The engine's folders in the order that data flows: one may use those before it.</summary>
    public static readonly string[] EngineFolders =
    [
        "Files", "Numerics", "Checkpoints", "Downloads", "Backends", "Tokenization", "LanguageModels", "Interventions", "Ravel", "Methods",
        "Training", "Evaluation",
        "Experiments", "Reports",
    ];

    private const string Engine = "HyperDas.Engine";

    public static ArchUnitNET.Domain.Architecture Architecture { get; } = new ArchLoader()
        .LoadFilteredDirectory(Path.Combine(Repository.Module, "bin"), "HyperDas.*.dll", SearchOption.AllDirectories)
        .LoadFilteredDirectory(Path.GetDirectoryName(Repository.ShellProgram)!, "hyperdas.dll", SearchOption.TopDirectoryOnly)
        .Build();

    /// <summary>Types that an assembly declares, by the assembly's name.</summary>
    public static IEnumerable<IType> Of(string assembly) => Architecture.Types.Where(t => t.Assembly.Name.Split(',')[0] == assembly);

    /// <summary>Types of one of the engine's folders and the folders in it.</summary>
    public static GivenTypesConjunction Folder(string folder) => Types().That().ResideInNamespaceOrBelow($"{Engine}.{folder}");

    /// <summary>The folder of the engine that a namespace belongs to, or null.</summary>
    public static string? FolderOf(string space) =>
        space.StartsWith(Engine + ".", StringComparison.Ordinal) ? space[(Engine.Length + 1)..].Split('.')[0] : null;

    /// <summary>Types of others that a type uses anywhere: in signatures, fields, attributes and bodies.</summary>
    public static IEnumerable<string> Uses(IType type) => type.Dependencies.Select(d => d.Target.FullName).Distinct();
}
