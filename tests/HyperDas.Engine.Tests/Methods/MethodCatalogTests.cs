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

    [Fact]
    public void No_file_outside_the_methods_names_one()
    {
        string source = Path.Combine(SharedData.RepositoryRoot(), "src");
        string methods = Path.Combine("HyperDas.Engine", "Methods");
        IEnumerable<string> named =
            from file in Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            let place = Path.GetRelativePath(source, file)
            where !place.StartsWith("HyperDas.Abstractions", StringComparison.Ordinal)
                && !place.StartsWith(methods, StringComparison.Ordinal)
            where !place.Split(Path.DirectorySeparatorChar).Contains("obj")
            from match in MethodName().Matches(File.ReadAllText(file))
            select $"{place}: {match.Value}";

        Assert.Empty(named);
    }

    // HyperDAS is the default of two commands.
    [GeneratedRegex(@"\bInterpreterMethod\.(Mdas|Das|Dbm|Pca|Sae|Rlap)\b|\b(Mdas|Das|Dbm|Pca|Sae|Rlap)(Options|Module|Method)\b")]
    private static partial Regex MethodName();
}
