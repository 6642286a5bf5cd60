using System.Collections.Concurrent;
using System.Management.Automation;

namespace HyperDas.PowerShell.Tests.Pester;

/// <summary>One file of tests/Pester, run by the subset of Pester that lies beside it. A file runs once, however many of its tests are asked for.</summary>
internal sealed class PesterFile
{
    private static readonly ConcurrentDictionary<string, PesterFile> s_files = [];
    private readonly Lazy<IReadOnlyList<PesterResult>> _results;
    private readonly string _path;

    private PesterFile(string name)
    {
        _path = Path.Combine(Repository.PesterFolder, name);
        _results = new Lazy<IReadOnlyList<PesterResult>>(Run);
    }

    public static IEnumerable<string> Names =>
        Directory.GetFiles(Repository.PesterFolder, "*.Tests.ps1").Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal);

    public static PesterFile Open(string name) => s_files.GetOrAdd(name, n => new PesterFile(n));

    /// <summary>Full names of the file's tests.</summary>
    public IReadOnlyList<string> FindTests()
    {
        string[] names = [.. Invoke("Find-PesterTest $args[0]", _path).Lines];
        return names.Distinct().Count() == names.Length ? names : throw new InvalidOperationException($"Two tests in '{_path}' have the same name.");
    }

    /// <summary>The result of one test. A failure that belongs to none of the tests, e.g. in AfterAll, is every test's.</summary>
    public PesterResult this[string test]
    {
        get
        {
            HashSet<string> tests = [.. FindTests()];
            return _results.Value.FirstOrDefault(r => r.Result == "Failed" && !tests.Contains(r.Name)) ?? _results.Value.Single(r => r.Name == test);
        }
    }

    private List<PesterResult> Run()
    {
        Outcome outcome = Invoke("Invoke-PesterTest $args[0] $args[1]", _path, PesterTags.Excluded);
        return [.. outcome.Output.Select(o => new PesterResult(Text(o, "Name"), Text(o, "Result"), Text(o, "Message")))];
    }

    private static Outcome Invoke(string command, params object[] arguments)
    {
        using ModuleSession session = new();
        string runner = Path.Combine(Repository.PesterFolder, "Runner", "PesterSubset.ps1");
        Outcome outcome = session.Run($". '{runner.Replace("'", "''", StringComparison.Ordinal)}'\n{command}", arguments);
        return outcome.Output.Count > 0 || outcome.Errors.Count == 0
            ? outcome
            : throw new InvalidOperationException($"{arguments[0]}: {outcome.Errors[0]}\n{outcome.Errors[0].ScriptStackTrace}");
    }

    private static string Text(PSObject record, string property) => record.Properties[property].Value?.ToString() ?? "";
}
