namespace HyperDas.PowerShell.Tests.Pester;

/// <summary>What became of one <c>It</c>.</summary>
/// <param name="Name">Names of the blocks and the test, joined.</param>
/// <param name="Result">Passed, Failed or Skipped.</param>
/// <param name="Message">Why, unless it passed.</param>
internal sealed record PesterResult(string Name, string Result, string Message);
