using System.Text.Json;
using HyperDas.Engine.Checkpoints;
using Xunit;

namespace HyperDas.Engine.Tests.Golden;

/// <summary>
/// The cases that are models, found by what the root holds: a manifest, a Hugging Face folder and the reference's numbers. No test names
/// one, so that another root (<see cref="GoldenCase.FolderVariable"/>) is tested in the same way.
/// </summary>
internal static class GoldenModels
{
    /// <summary>Names of the cases with all of some tensors.</summary>
    /// <param name="tensors">What the fixture must hold.</param>
    public static TheoryData<string> With(params string[] tensors)
    {
        TheoryData<string> cases = [];
        foreach (string name in Names().Where(name => Holds(name, tensors)))
        {
            cases.Add(name);
        }
        return cases;
    }

    /// <summary>Cases and sides of padding.</summary>
    public static TheoryData<string, string> Padded()
    {
        TheoryData<string, string> cases = [];
        foreach (string name in Names())
        {
            foreach (string side in ((string[])["left", "right"]).Where(side => Holds(name, $"{side}/input_ids")))
            {
                cases.Add(name, side);
            }
        }
        return cases;
    }

    /// <summary>Cases and the further spellings of their configuration.</summary>
    public static TheoryData<string, string> Spellings()
    {
        TheoryData<string, string> cases = [];
        foreach (string name in Names())
        {
            foreach (string file in Directory.GetFiles(GoldenCase.FolderOf(name), "config_*.json").Order(StringComparer.Ordinal))
            {
                cases.Add(name, Path.GetFileName(file));
            }
        }
        return cases;
    }

    /// <summary>All cases that are models.</summary>
    public static IReadOnlyList<string> Names() =>
    [
        .. Directory.GetDirectories(GoldenCase.Root())
            .Where(folder => ((string[])["manifest.json", ModelConfig.FileName, ModelCheckpoint.SingleFileName, "fixture.safetensors"])
            .All(file => File.Exists(Path.Combine(folder, file)))).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal),
    ];

    /// <summary>The <c>model_type</c> of a case.</summary>
    public static string FamilyOf(string name)
    {
        using JsonDocument config = JsonDocument.Parse(File.ReadAllText(Path.Combine(GoldenCase.FolderOf(name), ModelConfig.FileName)));
        return config.RootElement.GetProperty("model_type").GetString()!;
    }

    private static bool Holds(string name, params string[] tensors)
    {
        using GoldenCase golden = GoldenCase.Open(name);
        return tensors.All(golden.Contains);
    }
}
