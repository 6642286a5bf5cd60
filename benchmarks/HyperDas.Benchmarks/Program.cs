using HyperDas.Benchmarks;
using HyperDas.Engine.Numerics;
using TorchSharp;

CommandLine line;
try
{
    line = CommandLine.Parse(args);
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    return 64;
}

if (line.What.StartsWith(Child.Prefix, StringComparison.Ordinal))
{
    Child.Work(line.What);
    return 0;
}
if (line.What == "compare")
{
    CompareBenchmark.Run(line.Other!, line.Rounds);
    return 0;
}
if (line.What == "predict")
{
    PredictionTable.Print();
    return 0;
}
TorchRuntime.EnsureLoaded();
if (line.Threads is { } threads)
{
    torch.set_num_threads(threads);
}
if (line.What == "scale")
{
    ScaleBenchmark.Run(line.Folder, line.Shape);
    return 0;
}
using ReferenceConfiguration configuration = new();
Report report = new(torch.get_num_threads(), line.Rounds, MatrixProduct.Peak());
if (line.What == "time-to-score")
{
    TimeToScore.Run(report, line);
}
else
{
    report.PrintHead();
}
if (line.What is "all" or "train")
{
    TrainingBenchmark.Run(configuration, report);
    PhaseBenchmark.Run(configuration, report);
    LimitBenchmark.Run(configuration, report);
    PretrainingBenchmark.Run(report);
}
if (line.What is "all" or "eval")
{
    EvaluationBenchmark.Run(configuration, report);
}
if (line.What is "all" or "load")
{
    LoadBenchmark.Run(report);
}
if (line.What is "all" or "import")
{
    ImportBenchmark.Run(report);
}
if (line.What is "all" or "scaling")
{
    ScalingBenchmark.Run(report);
    if (line.Plots is { } plots)
    {
        GrowthPlot.Write(report.Growth, plots);
    }
}
if (line.What is "all" or "memory")
{
    MemoryBenchmark.Run(report);
    ExperimentMemoryBenchmark.Run(report);
    LongTrainingBenchmark.Run(report);
}
if (line.JsonFile is { } file)
{
    report.WriteJson(file);
}
return 0;
