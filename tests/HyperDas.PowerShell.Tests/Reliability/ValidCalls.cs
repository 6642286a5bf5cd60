namespace HyperDas.PowerShell.Tests.Reliability;

/// <summary>A call that succeeds, in which one argument is then replaced.</summary>
/// <param name="Cmdlet">The cmdlet.</param>
/// <param name="Set">Its parameter set.</param>
/// <param name="Arguments">The arguments, as a hashtable of the session's objects.</param>
/// <param name="Only">Parameters that the call is for; null for all of its set.</param>
/// <param name="Options">Types of the option records that parameters declared as object take.</param>
internal sealed record ValidCall(
    string Cmdlet, string Set, string Arguments, string[]? Only = null, params (string Parameter, string Type)[] Options)
{
    public override string ToString() => $"{Cmdlet} ({Set})";
}

/// <summary>
/// At least one call for each parameter set of each cmdlet. Calls that would use the network
/// run with -WhatIf.
/// </summary>
internal static class ValidCalls
{
    private const string Everything = "__AllParameterSets";
    private const string Train = "Model = $model; Dataset = $dataset; Layer = 2; MaxSteps = 1";

    public static readonly ValidCall[] All =
    [
        new("Compare-RavelScore", Everything, "@{ Before = $scores; After = $scores }"),
        new("Export-HyperDasHeatmap", "Path", "@{ Intervention = $intervention; Path = \"$out.svg\" }"),
        new("Export-HyperDasInterpreter", "Path", "@{ Interpreter = $interpreter; Path = $out }"),
        new("Export-HyperDasPlot", "Path", "@{ InputObject = $training; Path = \"$out.svg\" }"),
        new("Export-HyperDasReport", "Path", "@{ InputObject = $scores; Path = \"$out.html\" }"),
        new("Export-RavelDataset", "Path", "@{ Dataset = $dataset; Path = \"$out.jsonl\" }"),
        new("Find-HyperDasLayer", "Path", "@{ Path = $sweep; Layer = 2 }"),
        new("Find-HyperDasLayer", "LiteralPath", "@{ LiteralPath = $sweep; Layer = 2 }"),
        new("Get-HyperDasExperiment", "Path", "@{ Path = $sweep; Index = 0 }"),
        new("Get-HyperDasExperiment", "LiteralPath", "@{ LiteralPath = $sweep; Index = 0 }"),
        new("Get-HyperDasModel", Everything, "@{ Name = 'toy' }"),
        new("Import-HyperDasModel", "Path", "@{ Path = $toy }"),
        new("Import-HyperDasModel", "LiteralPath", "@{ LiteralPath = $toy }"),
        new("Import-HyperDasModel", "Interpreter", "@{ Interpreter = $saved; Model = $model }"),
        new("Import-HyperDasModel", "LiteralInterpreter", "@{ LiteralPath = $saved; Model = $model }"),
        new("Import-RavelDataset", "Path", "@{ Path = $ravel; Domain = 'verb' }"),
        new("Import-RavelDataset", "LiteralPath", "@{ LiteralPath = $rows }"),
        new("Import-RavelScore", "Path", "@{ Path = $measured }"),
        new("Import-RavelScore", "LiteralPath", "@{ LiteralPath = $measured }"),
        new("Install-HyperDasBackend", "Uri", "@{ Destination = $out; WhatIf = $true }"),
        new("Install-HyperDasBackend", "SourcePath", "@{ SourcePath = $toy; Destination = $out; WhatIf = $true }"),
        new("Invoke-HyperDasExperiment", "Path", "@{ Path = $sweep; Index = 0 }"),
        new("Invoke-HyperDasExperiment", "LiteralPath", "@{ LiteralPath = $sweep; Index = 0 }"),
        new("Invoke-HyperDasGeneration", "Argument", "@{ Model = $model; Prompt = 'Vienna'; MaxNewTokens = 2 }"),
        new("Invoke-HyperDasGeneration", "Row", "@{ Model = $model; Prompt = 'Vienna'; InputObject = 'x'; MaxNewTokens = 2 }"),
        new("Invoke-HyperDasIntervention", "Argument",
            "@{ Interpreter = $interpreter; BasePrompt = 'Vienna is in'; CounterfactualPrompt = 'I love Paris'; Concept = 'the country of a city'; MaxNewTokens = 2 }"),
        new("Invoke-HyperDasIntervention", "Row",
            "@{ Interpreter = $interpreter; BasePrompt = 'Vienna is in'; CounterfactualPrompt = 'I love Paris'; Concept = 'the country of a city'; InputObject = 1; MaxNewTokens = 2 }"),
        new("Measure-RavelScore", "Interpreter", "@{ Interpreter = $interpreter; Dataset = $dataset; BootstrapCount = 2 }"),
        new("Measure-RavelScore", "Reference",
            "@{ Model = $model; Reference = 'FullSwap'; Layer = 2; Dataset = $dataset; BootstrapCount = 2 }"),
        new("New-HyperDasExperiment", Everything, "@{ Path = \"$out.yaml\" }"),
        new("New-RavelDataset", Everything,
            "@{ InputObject = $domain; Model = $other; Attribute = 'Past Tense'; TrainCount = 2; ValCount = 0; TestCount = 0 }"),
        new("Remove-HyperDasModel", Everything, "@{ InputObject = (Import-HyperDasModel $toy) }"),
        new("Save-HyperDasBackend", Everything, "@{ Path = $out; WhatIf = $true }"),
        new("Save-HyperDasModel", Everything, "@{ Id = 'maker/model'; Path = $out; WhatIf = $true }"),
        new("Save-RavelDataset", "Uri", "@{ Path = $out; WhatIf = $true }"),
        new("Save-RavelDataset", "SourcePath", "@{ Path = $out; SourcePath = $toy; WhatIf = $true }"),
        new(
            "Start-HyperDasPretraining", "Output",
            "@{ InputObject = $domain; OutputPath = $out; Tokens = 1; PretrainingOption = @{ HiddenSize = 8; BlockCount = 1; HeadCount = 1; KeyValueHeadCount = 1; InnerSize = 8; VocabularySize = 300; ReadingLayer = 0; BatchTokens = 64 } }"),
        new("Start-HyperDasTraining", "Option", $"@{{ {Train}; FeatureDimension = 8; Blocks = 1; BatchSize = 4 }}", null,
            ("TrainingOption", "HyperDas.TrainingOptions")),
        new("Start-HyperDasTraining", "Config",
            "@{ Config = $sweep; Model = $model; Dataset = $dataset; Layer = 2; MaxSteps = 1 }", ["Config"]),
        new("Start-HyperDasTraining", "From",
            "@{ Model = $model; Dataset = $dataset; From = $interpreter; MaxSteps = 1; BatchSize = 4 }", ["From"]),
        Method("Mdas"), Method("Das", "FeatureDimension"), Method("Dbm"),
        new("Start-HyperDasTraining", "Option", "@{ Model = $model; Dataset = $dataset; Layer = 2; Method = 'Pca' }",
            ["MethodOption", "Domain"], ("MethodOption", "HyperDas.PcaOptions")),
        new("Start-HyperDasTraining", "Option", "@{ Model = $model; Dataset = $dataset; Layer = 2; Method = 'Sae'; Epochs = 1 }",
            ["MethodOption", "Epochs", "BatchSize", "LearningRate"], ("MethodOption", "HyperDas.SaeOptions")),
        Method("Rlap", "FeatureDimension", "MaxSteps", "BatchSize", "LearningRate"),
        new("Submit-HyperDasExperiment", "Path", "@{ Path = $sweep; WhatIf = $true }"),
        new("Submit-HyperDasExperiment", "LiteralPath", "@{ LiteralPath = $sweep; WhatIf = $true }"),
        new("Test-HyperDasBackend", Everything, "@{ }"),
        new("Test-HyperDasExperiment", "Path", "@{ Path = $sweep }"),
        new("Test-HyperDasExperiment", "LiteralPath", "@{ LiteralPath = $sweep }"),
        new("Test-HyperDasModel", "Model", "@{ Model = $model; Layer = 2 }"),
        new("Test-HyperDasModel", "Path", "@{ Path = $toy; Layer = 2 }"),
        new("Test-HyperDasModel", "LiteralPath", "@{ LiteralPath = $toy; Layer = 2 }"),
        new("Test-HyperDasModel", "Interpreter", "@{ Interpreter = $interpreter }"),
    ];

    private static ValidCall Method(string method, params string[] more) => new(
        "Start-HyperDasTraining", "Option", $"@{{ {Train}; Method = '{method}' }}", ["MethodOption", .. more],
        ("MethodOption", $"HyperDas.{method}Options"));
}
