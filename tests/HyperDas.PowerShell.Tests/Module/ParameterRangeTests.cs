using System.ComponentModel.DataAnnotations;
using Xunit;

namespace HyperDas.PowerShell.Tests.Module;

/// <summary>The ranges of option records are those of the parameters that become options; a cmdlet has none beside them.</summary>
public sealed class ParameterRangeTests(ModuleSession session) : IClassFixture<ModuleSession>
{
    // The number of rows that are computed together, and of simultaneous processes, are no options of a record.
    private static readonly string[] s_own =
    [
        "Find-HyperDasLayer Worker", "Invoke-HyperDasGeneration BatchSize", "Invoke-HyperDasIntervention BatchSize",
        "Submit-HyperDasExperiment ThrottleLimit",
    ];

    // Any number is a valid seed, and the model determines the valid layers.
    private static readonly string[] s_free = ["Seed", "BootstrapSeed", "Measure-RavelScore Layer"];

    private static readonly Dictionary<string, string> s_calls = new()
    {
        ["Export-HyperDasPlot"] = "-Path x.svg", ["Find-HyperDasLayer"] = "-Path x", ["Import-HyperDasModel"] = "-Path x",
        ["Invoke-HyperDasExperiment"] = "-Path x", ["Invoke-HyperDasGeneration"] = "-Model x -Prompt x",
        ["Invoke-HyperDasIntervention"] = "-BasePrompt x -CounterfactualPrompt x -Concept x",
        ["Measure-RavelScore"] = "-Model x -Reference FullSwap -Layer 1 -Dataset $data", ["New-HyperDasExperiment"] = "-Path x",
        ["New-RavelDataset"] = "-Model x", ["Start-HyperDasPretraining"] = "-OutputPath x",
        ["Start-HyperDasTraining"] = "-Model x -StatePath x", ["Submit-HyperDasExperiment"] = "-Path x", ["Test-HyperDasModel"] = "-Path x",
    };

    [Fact]
    public void Every_number_among_the_parameters_is_held_to_the_range_of_an_option()
    {
        string[] numbers =
        [
            .. session.Run("""
                foreach ($command in Get-Command -Module HyperDas) {
                    foreach ($parameter in $command.Parameters.Values) {
                        $type = [Nullable]::GetUnderlyingType($parameter.ParameterType) ?? $parameter.ParameterType
                        $isNumber = $type -in [int], [long], [double]
                        $hasOwn = $parameter.Attributes | Where-Object { $_ -is [ValidateRange] }
                        $isCommon = $parameter.Name -in [Management.Automation.Cmdlet]::CommonParameters
                        if ($isNumber -and -not $hasOwn -and -not $isCommon) { "$command $($parameter.Name)" }
                    }
                }
                """).Output.Select(o => $"{o}"),
        ];

        Assert.True(numbers.Length > 30, string.Join(", ", numbers));
        Assert.All(numbers.Where(number => !s_free.Contains(number) && !s_free.Contains(number.Split(' ')[1])), number =>
        {
            (string command, string parameter) = (number.Split(' ')[0], number.Split(' ')[1]);
            string layer = command == "Start-HyperDasTraining" && parameter != "Layer" ? "-Layer 1" : "";
            string input = command == "Start-HyperDasTraining" ? "$data" : "@()";
            Outcome outcome = Run($"{input} | {command} -{parameter} -2 {s_calls[command]} {layer}");

            System.Management.Automation.ErrorRecord error = Assert.Single(outcome.Errors);
            Assert.StartsWith($"{parameter} is -2; it must be ", error.Exception.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Every_number_in_an_option_object_is_held_to_its_range()
    {
        Type[] records = [typeof(TrainingOptions), .. Enum.GetValues<InterpreterMethod>().Select(MethodOptions.TypeOf)];
        (Type Record, string Option)[] numbers =
        [
            .. from record in records
               from property in record.GetProperties()
               // The layer has a parameter of its own, which is mandatory.
               where property.IsDefined(typeof(RangeAttribute), inherit: true) && property.Name != nameof(MethodOptions.Layer)
               select (record, property.Name),
        ];

        Assert.True(numbers.Length > 40, $"{numbers.Length} options");
        Assert.All(numbers, number =>
        {
            string parameter = number.Record == typeof(TrainingOptions) ? "TrainingOption" : "MethodOption";
            string method = number.Record == typeof(TrainingOptions)
                ? "HyperDas"
                : $"{Enum.GetValues<InterpreterMethod>().Single(m => MethodOptions.TypeOf(m) == number.Record)}";
            string option = $"-{parameter} @{{ {number.Option} = -2 }}";
            Outcome outcome = Run($"$data | Start-HyperDasTraining -Model x -Layer 1 -Method {method} {option}");

            Assert.Contains($"{number.Option} is -2", Assert.Single(outcome.Errors).Exception.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void No_parameter_has_a_range_beside_that_of_an_option()
    {
        string[] ranges =
        [
            .. session.Run("""
                foreach ($command in Get-Command -Module HyperDas) {
                    foreach ($parameter in $command.Parameters.Values) {
                        # OutBuffer, which every command has, comes with a range of PowerShell's.
                        if ($parameter.Name -ne 'OutBuffer' -and ($parameter.Attributes | Where-Object { $_ -is [ValidateRange] })) {
                            "$command $($parameter.Name)"
                        }
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
    [InlineData("Test-HyperDasModel", "Tolerance", "-0.5", "CheckOptionInvalid", "-Path x")]
    [InlineData("Start-HyperDasTraining", "CheckpointInterval", "0", "OptionInvalid", "-Model x -Layer 1")]
    [InlineData("Submit-HyperDasExperiment", "Notice", "0", "OptionInvalid", "-Path x")]
    [InlineData("Find-HyperDasLayer", "Layer", "-1", "LayerInvalid", "-Path x")]
    [InlineData("New-HyperDasExperiment", "Layer", "-1", "LayerInvalid", "-Path x")]
    public void A_value_out_of_range_is_one_error_that_names_parameter_and_value(
        string command, string parameter, string value, string errorId, string others)
    {
        Outcome outcome = Run($"@() | {command} -{parameter} {value} {others}");

        System.Management.Automation.ErrorRecord error = Assert.Single(outcome.Errors);
        Assert.StartsWith($"{errorId},", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith($"{parameter} is {value}; it must be ", error.Exception.Message, StringComparison.Ordinal);
    }

    private Outcome Run(string call) => session.Run($$"""
        ($texts, $rows) = [string[]]@(), [HyperDas.RavelExample[]]@()
        $data = [HyperDas.RavelDataset]::new('t', $texts, $texts, $rows, $rows, $rows, 1, [HyperDas.RavelBuildCounts]::new(0, 0, 0, 0))
        {{call}}
        """);
}
