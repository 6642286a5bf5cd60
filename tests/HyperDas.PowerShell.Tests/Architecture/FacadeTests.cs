using System.Text.RegularExpressions;
using ArchUnitNET.Domain;
using Xunit;

namespace HyperDas.PowerShell.Tests.Architecture;

/// <summary>A cmdlet resolves, calls and writes; what the engine makes things of is the engine's.</summary>
public sealed partial class FacadeTests
{
    private const string Cmdlets = "HyperDas.PowerShell", Engine = "HyperDas.Engine.";

    // A cmdlet that names one of these does work that belongs in the engine.
    private static readonly string[] s_parts =
    [
        "Builder", "Sampler", "Oracle", "Filter", "Upsampler", "Collator", "Provenance", "Completions", "ActivationCache", "TrainingLoop",
        "Trainer", "ReferenceInterpreter", "RunContent", "CompactDefaults", "Defaults",
    ];

    private static readonly string[] s_rooms =
    [
        "Interventions", "Ravel.Instances", "Methods.HyperDas", "Methods.Fixed", "Methods.Features", "Training.Memory",
        "Training.Validation", "LanguageModels.Layers", "Numerics.Kernels", "Checkpoints.Families", "Reports.Drawing", "Experiments.Yaml",
    ];

    // Training a whole model has no entry point other than this class.
    private static readonly string[] s_doors = [Engine + "Training.Pretraining.Pretrainer"];

    [Fact]
    public void Cmdlets_name_no_part_that_the_engine_makes_things_of() => Assert.Empty(
        from type in Layers.Of(Cmdlets)
        from used in Layers.Uses(type)
        where IsPart(used) && !s_doors.Contains(used)
        select $"{type.FullName} names {used}");

    [Theory]
    [InlineData("HyperDas.Engine.Ravel.RavelDatasetBuilder", true)]
    [InlineData("HyperDas.Engine.Ravel.Instances.UtcOffset", true)]
    [InlineData("HyperDas.Engine.Ravel.DatasetMaking", false)]
    [InlineData("System.Text.StringBuilder", false)]
    public void The_rule_knows_parts(string type, bool part) => Assert.Equal(part, IsPart(type));

    [Fact]
    public void Parts_and_rooms_that_the_rule_speaks_of_exist()
    {
        string[] types = [.. Layers.Of("HyperDas.Engine").Select(t => t.FullName)];

        Assert.All(s_parts, part => Assert.Contains(types, type => type.EndsWith(part, StringComparison.Ordinal)));
        Assert.All(s_rooms, room => Assert.Contains(types, type => type.StartsWith($"{Engine}{room}.", StringComparison.Ordinal)));
    }

    [Fact]
    public void Calls_that_the_page_lists_are_made_by_cmdlets()
    {
        (string Type, string Method)[] listed = [.. Listed()];
        HashSet<string> called =
        [
            .. Layers.Of(Cmdlets).SelectMany(t => t.Dependencies).OfType<ArchUnitNET.Domain.Dependencies.MethodCallDependency>()
                .Select(call => $"{ShortName(call.Target.FullName)}.{call.TargetMember.Name.Split('(')[0]}"),
        ];

        Assert.True(listed.Length > 15, $"{listed.Length} calls");
        Assert.All(listed, call => Assert.Contains($"{call.Type}.{call.Method}", called));
    }

    private static bool IsPart(string type) => type.StartsWith(Engine, StringComparison.Ordinal)
        && (s_parts.Any(end => ShortName(type).EndsWith(end, StringComparison.Ordinal))
            || s_rooms.Any(room => type.StartsWith($"{Engine}{room}.", StringComparison.Ordinal)));

    private static IEnumerable<(string Type, string Method)> Listed()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md")).ReplaceLineEndings("\n");
        string section = page[page.IndexOf("\n## Calls\n", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("\n## ", 1, StringComparison.Ordinal)];
        return
        [
            .. from line in section.Split('\n')
               where line.StartsWith("| `", StringComparison.Ordinal)
               from Match call in Call().Matches(line)
               select (call.Groups[1].Value, call.Groups[2].Value),
        ];
    }

    private static string ShortName(string type) => type.Split('.', '+', '/')[^1];

    [GeneratedRegex(@"`(\w+)\.(\w+)`")]
    private static partial Regex Call();
}
