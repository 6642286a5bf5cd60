// The engine without PowerShell, with what the repository bundles:
//     dotnet run -c Release --project examples/csharp [examples folder [steps]]
using System.Globalization;
using HyperDas;
using HyperDas.Engine.Evaluation;
using HyperDas.Engine.Experiments;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Training;

string examples = args is [string folder, ..] ? folder : "examples";
int steps = args is [_, string count] ? int.Parse(count, CultureInfo.InvariantCulture) : 100;

// Ctrl+C ends the work at the next step.
using CancellationTokenSource stop = new();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

try
{
    // The frozen target model.
    using LanguageModel model = LanguageModel.Load(Path.Combine(examples, "models", "mini-llama"), cancellationToken: stop.Token);

    // Cause and isolate examples from facts that it knows.
    RavelDomain city = RavelReader.Read(Path.Combine(examples, "data", "ravel-mini"), "city");
    DatasetRequest wanted = new([city])
    {
        Pairs = new RavelBuildOptions { Attributes = ["Country", "Language"], TrainPerAttribute = 400, TestPerAttribute = 40 },
    };
    RavelDataset dataset = DatasetMaking.Make(model, wanted, cancellation: stop.Token);
    Console.WriteLine(dataset);

    // HyperDAS at layer 3, with its defaults but for what is said here.
    TrainingSetup setup = new()
    {
        Layer = 3,
        Dataset = dataset,
        TrainingOption = defaults => defaults with { MaxSteps = steps, BatchSize = 16 },
    };
    TrainingRequest request = setup.Request(model, setup.Settle());
    foreach (TrainingRemark remark in TrainingRemark.Of(request, stop.Token))
    {
        Console.WriteLine(remark.Text);
    }
    TrainingResult trained = setup.Train(request, cancellation: stop.Token);
    using Interpreter interpreter = (Interpreter)trained.Interpreter;
    Console.WriteLine($"{trained.Steps} steps, loss {trained.Metrics[^1].Loss:F2}");

    // One intervention: the country of Paris for Vienna.
    InterventionRequest question = new("Vienna is in", "I love Paris", "the country of a city", "Vienna", "Paris");
    InterventionResult answer = InterventionRunner.Run(interpreter, question, cancellation: stop.Token);
    Console.WriteLine($"{question.BasePrompt}: {answer.OriginalOutput} -> {answer.IntervenedOutput}");

    // Scores on templates that no training has shown.
    RavelScoringOptions scoring = new() { Modes = [SelectionMode.OneToOne] };
    foreach (RavelScore score in RavelScorer.Score(interpreter, dataset, RavelSplit.Test, scoring, cancellation: stop.Token))
    {
        Console.WriteLine($"{score.Attribute}: cause {score.Cause:F1}, isolate {score.Isolate:F1}");
    }
    return 0;
}
catch (HyperDasException e)
{
    Console.Error.WriteLine($"{e.ErrorId}: {e.Message}");
    return 1;
}
catch (OperationCanceledException)
{
    return 130;
}
