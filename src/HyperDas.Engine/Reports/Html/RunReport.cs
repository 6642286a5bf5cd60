using HyperDas.Engine.Experiments;

namespace HyperDas.Engine.Reports.Html;

/// <summary>
/// Writes the report of a run into its folder. It is passed to <see cref="ExperimentRunner"/>, because reports are a higher room.
/// </summary>
public static class RunReport
{
    /// <summary>Writes <c>report.html</c>.</summary>
    /// <param name="run">The run.</param>
    /// <param name="result">The result of the run.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>, and what <see cref="RunContent.Read(string)"/> throws.</exception>
    public static void Write(ExperimentRun run, ExperimentResult result) => HtmlReport.Write(
        RunContent.Read(result.Path) with { Title = run.Name }, Path.Combine(result.Path, RunFolder.ReportFile));
}
