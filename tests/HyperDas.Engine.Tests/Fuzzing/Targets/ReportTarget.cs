using HyperDas.Engine.Reports.Html;

namespace HyperDas.Engine.Tests.Fuzzing.Targets;

/// <summary>The same folder, drawn as a page.</summary>
internal sealed class ReportTarget : RunTarget
{
    internal override string Name => "report";

    internal override int Share => 10;

    internal override void Read(string folder) => HtmlReport.Render(RunContent.Read(folder));
}
