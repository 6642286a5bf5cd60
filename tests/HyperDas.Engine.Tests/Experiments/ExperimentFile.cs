using HyperDas.Engine.Experiments;
using Xunit;

namespace HyperDas.Engine.Tests.Experiments;

/// <summary>An experiment's document in a separate folder. The files it names don't exist, so the check for them is skipped.</summary>
internal sealed class ExperimentFile : IDisposable
{
    internal const string Least =
        """
        target:
          path: model
        data:
          path: data
        method:
          layer: 3
        """;

    private readonly TemporaryFolder _folder = new();

    internal ExperimentFile(string text) => Path = _folder.Write("toy.yaml", text);

    internal string Path { get; }

    internal string Folder => _folder.Path;

    /// <summary>The runs of a document.</summary>
    internal static IReadOnlyList<ExperimentRun> Read(string text, params string[] set)
    {
        using ExperimentFile file = new(text);
        return ExperimentReader.Read(file.Path, new ExperimentReadOptions { SkipFiles = true, Set = set });
    }

    /// <summary>What is wrong with a document, each as <c>line,column key: value</c>.</summary>
    internal static string[] Wrong(string text, params string[] set) =>
        [.. Issues(text, set).Select(i => $"{(i.File == "-Set" ? "-Set " : "")}{i.Line},{i.Column} {i.Key}: {i.Value}")];

    internal static IReadOnlyList<ExperimentIssue> Issues(string text, params string[] set)
    {
        using ExperimentFile file = new(text);
        HyperDasException error = Assert.Throws<HyperDasException>(
            () => ExperimentReader.Read(file.Path, new ExperimentReadOptions { SkipFiles = true, Set = set }));
        Assert.Equal("ConfigInvalid", error.ErrorId);
        IReadOnlyList<ExperimentIssue> issues = Assert.IsAssignableFrom<IReadOnlyList<ExperimentIssue>>(error.Target);
        Assert.All(issues, i => Assert.Contains(i.ToString(), error.Message));
        return issues;
    }

    public void Dispose() => _folder.Dispose();
}
