using System.Text.Json.Nodes;
using HyperDas.Engine.Evaluation;
using HyperDas.Engine.Experiments;
using HyperDas.Engine.Reports.Html;
using HyperDas.Engine.Tests.Experiments;
using HyperDas.Engine.Tests.Reports;
using HyperDas.Engine.Training;

namespace HyperDas.Engine.Tests.Fuzzing.Targets;

/// <summary>The folder of a finished run: metrics, scores and manifest, as reports read them, and as a repeated run does.</summary>
internal class RunTarget : FuzzTarget
{
    public RunTarget()
    {
        using TemporaryFolder folder = new();
        folder.Write(RunFolder.DocumentFile, ExperimentFile.Least);
        folder.Write(RunFolder.ManifestFile, Manifest().ToJsonString());
        RavelScoreFile.Write([Samples.Score("Country", 90, 80, layer: 2), Samples.Score("Language", 70, 85, layer: 2)],
            Path.Combine(folder.Path, RunFolder.ScoresFile));
        using (MetricsLog log = new(Path.Combine(folder.Path, RunFolder.MetricsFile)))
        {
            Array.ForEach(Samples.Steps(3), log.Write);
        }
        FuzzFile[] own = FuzzFile.Of(folder.Path, FuzzFile.KindOf, RunFolder.DocumentFile);
        byte[] table =
            """[{"method": "Mdas", "selection": "oneToOne", "domain": "city", "layer": 2, "dimension": 8, "cause": 0.5, "isolate": 0.75}]"""u8.ToArray();
        Seeds = [own, [.. own.Select(f => f.Name == RunFolder.ScoresFile ? f with { Content = table } : f)]];
    }

    internal override string Name => "run";

    internal override IReadOnlyList<FuzzFile[]> Seeds { get; }

    internal override IReadOnlyList<string> Words =>
        ["step", "epoch", "loss", "NaN", "selection", "selectionMode", "domain", "attribute", "cause", "causeInterval", "layer",
            "dimension", "steps", "durationSeconds", "formatVersion", "finished", "soft"];

    internal override void Read(string folder)
    {
        RunContent.Read(folder);
        RunFolder run = new(folder);
        run.ReadResult(new ExperimentRun
        {
            Name = "x", Values = new Dictionary<string, string>(), Path = folder, File = "x.yaml", Settings = new Experiment(), Given = [],
            Yaml = "", Index = 0
        });
    }

    /// <summary>The manifest of a run that was finished.</summary>
    internal static JsonObject Manifest() => new()
    {
        ["formatVersion"] = 1,
        ["name"] = "x",
        ["values"] = new JsonObject { ["method.layer"] = "1" },
        ["seed"] = 1,
        ["configSha256"] = "00",
        ["versions"] = new JsonObject { ["dotnet"] = "10" },
        ["machine"] = new JsonObject { ["system"] = "x" },
        ["model"] = new JsonObject
        {
            ["name"] = "tiny", ["fingerprint"] = "0", ["tokenizerFingerprint"] = "0", ["parameterCount"] = 9, ["dtype"] = "float32"
        },
        ["data"] = new JsonObject
        {
            ["name"] = "x", ["domains"] = new JsonArray("city"), ["attributes"] = new JsonArray("Country"), ["train"] = 1,
                ["val"] = 1, ["test"] = 1,
            ["counts"] = new JsonObject { ["knownFacts"] = 1, ["unknownFacts"] = 0, ["skippedTooLong"] = 0, ["skippedWithoutLabel"] = 0 },
            ["files"] = new JsonArray(), ["sha256"] = null,
        },
        ["started"] = "2026-11-25T00:00:00+00:00",
        ["finished"] = "2026-11-25T00:01:00+00:00",
        ["steps"] = 3,
        ["durationSeconds"] = 60,
    };
}
