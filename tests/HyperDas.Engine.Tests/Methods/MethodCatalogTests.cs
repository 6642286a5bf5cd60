using System.Text.RegularExpressions;
using HyperDas.Engine.Methods;
using Xunit;

namespace HyperDas.Engine.Tests.Methods;

/// <summary>The catalog knows every method, and nothing beside it does: another method is a folder, a record and a line.</summary>
public sealed partial class MethodCatalogTests
{
    [Fact]
    public void Every_method_has_a_description_and_a_record_of_its_own()
    {
        Assert.Equal(Enum.GetValues<InterpreterMethod>(), MethodCatalog.All.Select(m => m.Method));
        Assert.All(MethodCatalog.All, m => Assert.Equal(m.Method, m.Defaults(3).Method));
        Assert.All(MethodCatalog.All, m => Assert.Equal(3, m.Defaults(3).Layer));
        Assert.Equal(MethodCatalog.All.Count, MethodCatalog.All.Select(m => m.OptionsType).Distinct().Count());
    }

    [Fact]
    public void Settings_of_the_training_are_properties_that_there_are()
    {
        HashSet<string> properties = [.. typeof(TrainingOptions).GetProperties().Select(p => p.Name)];

        Assert.All(MethodCatalog.All, m => Assert.Subset(properties, m.TrainingSettings.ToHashSet()));
        Assert.All(MethodCatalog.All, m => Assert.All(m.Aliases, alias => Assert.NotNull(m.Setting(alias.Key))));
    }

    // HyperDAS is the default of two commands, and some of what it does no other method has.
    private static readonly Dictionary<string, string> s_knowHyperDas = new()
    {
        ["HyperDas.Engine/Evaluation/ConceptSimilarity.cs"] = "its subspaces depend on the example",
        ["HyperDas.Engine/Experiments/ExperimentChecks.cs"] = "From",
        ["HyperDas.Engine/Experiments/ExperimentFiles.cs"] = "From",
        ["HyperDas.Engine/Experiments/TrainingSetup.cs"] = "default, and From",
        ["HyperDas.Engine/Training/JointTraining.cs"] = "From",
        ["HyperDas.Engine/Training/TrainingRemark.cs"] = "From",
        ["HyperDas.Engine/Training/TrainingStart.cs"] = "From",
        ["HyperDas.Engine/Training/Memory/MemoryPredictor.cs"] = "memory of the hypernetwork",
        ["HyperDas.Engine/Training/Memory/StepMemory.cs"] = "memory of the hypernetwork",
        ["HyperDas.PowerShell/Commands/ImportHyperDasModelCommand.cs"] = "options of checkpoints of the original's",
        ["HyperDas.PowerShell/Commands/NewHyperDasExperimentCommand.cs"] = "default",
        ["HyperDas.PowerShell/Commands/TrainingSetupCmdlet.cs"] = "default, and From",
    };

    [Fact]
    public void No_file_outside_the_methods_names_one() =>
        Assert.Empty(Naming(MethodName()).Select(found => $"{found.Place}: {found.Name}"));

    [Fact]
    public void Only_files_that_need_what_HyperDas_alone_has_name_it()
    {
        (string Place, string Name)[] found = [.. Naming(HyperDasName())];

        Assert.Empty(found.Where(f => !s_knowHyperDas.ContainsKey(f.Place)).Select(f => $"{f.Place}: {f.Name}"));
        Assert.All(s_knowHyperDas.Keys, place => Assert.True(File.Exists(Path.Combine(Source, place)), place));
        Assert.Contains(found, f => f.Place.EndsWith("TrainingStart.cs", StringComparison.Ordinal));
    }

    private static string Source => Path.Combine(SharedData.RepositoryRoot(), "src");

    private static IEnumerable<(string Place, string Name)> Naming(Regex names) =>
        from file in Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories)
        let place = Path.GetRelativePath(Source, file).Replace('\\', '/')
        where !place.StartsWith("HyperDas.Abstractions/", StringComparison.Ordinal)
            && !place.StartsWith("HyperDas.Engine/Methods/", StringComparison.Ordinal)
            && !place.Contains("/obj/", StringComparison.Ordinal)
        from match in names.Matches(File.ReadAllText(file))
        select (place, match.Value);

    [GeneratedRegex(@"\bInterpreterMethod\.(Mdas|Das|Dbm|Pca|Sae|Rlap)\b|\b(Mdas|Das|Dbm|Pca|Sae|Rlap)(Options|Module|Method)\b")]
    private static partial Regex MethodName();

    // Not as the noun of a command.
    [GeneratedRegex(@"\bInterpreterMethod\.HyperDas\b|\bHypernetworkOptions\b|(?<![-""])\bHyperDas(Module|Method|Interpreter)\b")]
    private static partial Regex HyperDasName();
}
