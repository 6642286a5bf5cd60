namespace HyperDas.PowerShell.Tests.Pester;

/// <summary>Tags that are left out unless their environment variable is 1: a skipped test says so in the report.</summary>
internal static class PesterTags
{
    private static readonly (string Tag, string Variable)[] s_tags =
        [("Slow", "HYPERDAS_TEST_SLOW"), ("Gpu", "HYPERDAS_TEST_GPU"), ("Network", "HYPERDAS_TEST_NETWORK")];

    public static string[] Excluded =>
        [.. s_tags.Where(t => Environment.GetEnvironmentVariable(t.Variable) != "1").Select(t => t.Tag)];
}
