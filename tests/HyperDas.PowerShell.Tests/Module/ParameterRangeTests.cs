using System.ComponentModel.DataAnnotations;
using Xunit;

namespace HyperDas.PowerShell.Tests.Module;

/// <summary>The ranges of option records are those of the parameters that become options; a cmdlet has none beside them.</summary>
public sealed class ParameterRangeTests(ModuleSession session) : IClassFixture<ModuleSession>
{
    // Rows that a cmdlet computes together are no option of anything; the others are numbers that only their cmdlets take.
    private static readonly string[] s_own =
    [
        "Invoke-HyperDasGeneration BatchSize", "Invoke-HyperDasIntervention BatchSize", "Export-HyperDasPlot Width",
        "Export-HyperDasPlot Height", "Submit-HyperDasExperiment Notice", "Test-HyperDasModel Tolerance",
    ];

    [Fact]
    public void No_parameter_has_a_range_where_an_option_has_one()
    {
        // Loads the engine, whose records count too.
        session.Run("@() | Invoke-HyperDasGeneration -Model x -Prompt x -MaxNewTokens 0");
        HashSet<string> options =
        [
            .. AppDomain.CurrentDomain.GetAssemblies().Where(a => a.GetName().Name is "HyperDas.Abstractions" or "HyperDas.Engine")
                .SelectMany(a => a.GetTypes()).SelectMany(type => type.GetProperties())
                .Where(property => property.IsDefined(typeof(RangeAttribute), inherit: true)).Select(property => property.Name),
        ];

        string[] ranges =
        [
            .. session.Run("""
                foreach ($command in Get-Command -Module HyperDas) {
                    foreach ($parameter in $command.Parameters.Values) {
                        if ($parameter.Attributes | Where-Object { $_ -is [ValidateRange] }) { "$command $($parameter.Name)" }
                    }
                }
                """).Output.Select(o => $"{o}"),
        ];

        Assert.True(options.Count > 40, $"{options.Count} options");
        Assert.Contains("MaxNewTokens", options);
        Assert.NotEmpty(ranges);
        Assert.Empty(ranges.Where(range => options.Contains(range.Split(' ')[1])).Except(s_own));
    }

    [Theory]
    [InlineData("Invoke-HyperDasGeneration", "MaxNewTokens", "0", "GenerationOptionInvalid", "-Model x -Prompt x")]
    [InlineData("Invoke-HyperDasGeneration", "Temperature", "-1", "GenerationOptionInvalid", "-Model x -Prompt x")]
    [InlineData("Invoke-HyperDasGeneration", "TopK", "0", "GenerationOptionInvalid", "-Model x -Prompt x")]
    [InlineData("Invoke-HyperDasGeneration", "TopP", "1.5", "GenerationOptionInvalid", "-Model x -Prompt x")]
    [InlineData("New-RavelDataset", "TrainCount", "-1", "DatasetOptionsInvalid", "-Model x")]
    [InlineData("New-RavelDataset", "TestCount", "-2", "DatasetOptionsInvalid", "-Model x -ValCount 3")]
    [InlineData("New-RavelDataset", "AbsentShare", "2", "DatasetOptionsInvalid", "-Model x")]
    [InlineData("New-RavelDataset", "MaxTokens", "1", "DatasetOptionsInvalid", "-Model x")]
    [InlineData(
        "Measure-RavelScore", "BootstrapCount", "-1", "ScoringOptionInvalid", "-Model x -Reference FullSwap -Layer 1 -Dataset $data")]
    [InlineData("Import-HyperDasModel", "CacheLimit", "-1", "OptionInvalid", "-Path x")]
    [InlineData("Find-HyperDasLayer", "Layer", "-1", "LayerInvalid", "-Path x")]
    [InlineData("New-HyperDasExperiment", "Layer", "-1", "LayerInvalid", "-Path x")]
    public void A_value_out_of_range_is_one_error_that_names_parameter_and_value(
        string command, string parameter, string value, string errorId, string others)
    {
        Outcome outcome = session.Run($$"""
            ($texts, $rows) = [string[]]@(), [HyperDas.RavelExample[]]@()
            $data = [HyperDas.RavelDataset]::new('t', $texts, $texts, $rows, $rows, $rows, 1, [HyperDas.RavelBuildCounts]::new(0, 0, 0, 0))
            @() | {{command}} -{{parameter}} {{value}} {{others}}
            """);

        System.Management.Automation.ErrorRecord error = Assert.Single(outcome.Errors);
        Assert.StartsWith($"{errorId},", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith($"{parameter} is {value}; it must be ", error.Exception.Message, StringComparison.Ordinal);
    }
}
