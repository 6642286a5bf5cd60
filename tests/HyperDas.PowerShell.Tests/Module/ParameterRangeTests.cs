using Xunit;

namespace HyperDas.PowerShell.Tests.Module;

/// <summary>The ranges of option records are those of the parameters that become options; a cmdlet has none beside them.</summary>
public sealed class ParameterRangeTests(ModuleSession session) : IClassFixture<ModuleSession>
{
    // Rows that a cmdlet computes together, and processes that it starts at a time, are no option of anything.
    private static readonly string[] s_own =
        ["Invoke-HyperDasGeneration BatchSize", "Invoke-HyperDasIntervention BatchSize", "Submit-HyperDasExperiment ThrottleLimit"];

    [Fact]
    public void No_parameter_has_a_range_beside_that_of_an_option()
    {
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

        Assert.Equal(s_own, ranges.Order(StringComparer.Ordinal));
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
    [InlineData("Export-HyperDasPlot", "Width", "239", "OptionInvalid", "-Path x.svg")]
    [InlineData("Export-HyperDasPlot", "Height", "8001", "OptionInvalid", "-Path x.svg")]
    [InlineData("Test-HyperDasModel", "Tolerance", "-0.5", "CheckOptionInvalid", "-Path x")]
    [InlineData("Start-HyperDasTraining", "CheckpointInterval", "0", "OptionInvalid", "-Model x -Layer 1")]
    [InlineData("Start-HyperDasPretraining", "CheckpointInterval", "-3", "OptionInvalid", "-OutputPath x")]
    [InlineData("Invoke-HyperDasExperiment", "CheckpointInterval", "0", "OptionInvalid", "-Path x")]
    [InlineData("Submit-HyperDasExperiment", "ArrayParallelism", "0", "OptionInvalid", "-Path x")]
    [InlineData("Submit-HyperDasExperiment", "ProcessorCount", "1025", "OptionInvalid", "-Path x")]
    [InlineData("Submit-HyperDasExperiment", "Notice", "0", "OptionInvalid", "-Path x")]
    [InlineData("Submit-HyperDasExperiment", "MaxRequeue", "-1", "OptionInvalid", "-Path x")]
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
