using System.Globalization;
using System.Text.Json;
using HyperDas;
using HyperDas.Engine.LanguageModels;
using HyperDas.Parity;

// Trains on exactly the rows that the original was trained on and scores on exactly its test rows:
//
// dotnet run -c Release --project benchmarks/HyperDas.Parity -- --rows <folder> [--run <name>] [--seed <n>]
// [--split Test|Val] [--out <folder>]
//
// <folder> holds train.jsonl, test.jsonl and model/ (the target). Results are one JSON file a run; a run whose file is there isn't
// repeated. With --split Val, one training template in ten is held out and scored: settings are chosen on those, never on test rows.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string Option(string name, string otherwise) => Array.IndexOf(args, "--" + name) is int i and >= 0 && i + 1 < args.Length
    ? args[i + 1]
    : otherwise;

string rows = Option("rows", ""), output = Option("out", Path.Combine("artifacts", "parity")), wanted = Option("run", "");
RavelSplit split = Enum.Parse<RavelSplit>(Option("split", nameof(RavelSplit.Test)), ignoreCase: true);
long seed = long.Parse(Option("seed", "1"), CultureInfo.InvariantCulture);
if (!File.Exists(Path.Combine(rows, "train.jsonl")))
{
    Console.Error.WriteLine($"--rows must name a folder with train.jsonl, test.jsonl and model/; '{rows}' has no train.jsonl.");
    return 1;
}
ParitySettings[] settings = [.. ParitySettings.All.Where(s => wanted.Length == 0 || s.Name == wanted)];
if (settings.Length == 0)
{
    Console.Error.WriteLine($"--run is '{wanted}'; there are: {string.Join(", ", ParitySettings.All.Select(s => s.Name))}.");
    return 1;
}
using CancellationTokenSource stop = new();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
Directory.CreateDirectory(output);
RavelDataset dataset = ParityRows.Read(rows, holdOut: split == RavelSplit.Val);
using LanguageModel model = LanguageModel.Load(Path.Combine(rows, "model"));
JsonSerializerOptions json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
foreach (ParitySettings one in settings)
{
    string file = Path.Combine(output, $"{one.Name}-seed{seed}-{split}.json".ToLowerInvariant());
    ParityResult result;
    if (File.Exists(file))
    {
        result = JsonSerializer.Deserialize<ParityResult>(File.ReadAllText(file), json)!;
    }
    else
    {
        result = ParityRun.Run(model, dataset, one, seed, split, stop.Token);
        File.WriteAllText(file, JsonSerializer.Serialize(result, json));
    }
    Console.WriteLine(
        $"{result.Name}, seed {result.Seed}, {result.Split}: {result.Steps} steps, {result.SecondsPerStep * 1000:F0} ms each, selection hits {result.HitRate:F1} %");
    Console.WriteLine(
        $"  loss every 250 steps: {string.Join(" ", result.LossCurve.Select(l => l.ToString("F3", CultureInfo.InvariantCulture)))}");
    foreach (ParityScore score in result.Scores.Where(s => s.Attribute == "pooled"))
    {
        Console.WriteLine($"  {score.Mode,-12} {score.Cause,5:F1} / {score.Isolate,5:F1} = {score.Disentangle:F1}");
    }
}
return 0;
