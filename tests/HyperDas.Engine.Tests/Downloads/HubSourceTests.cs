using HyperDas.Engine.Downloads.Hub;
using Xunit;

namespace HyperDas.Engine.Tests.Downloads;

public sealed class HubSourceTests : IDisposable
{
    private readonly TemporaryFolder _home = new();

    public void Dispose() => _home.Dispose();

    [Theory]
    [InlineData("of the file")]
    [InlineData("of HF_TOKEN", "HF_TOKEN=of HF_TOKEN", "HUGGING_FACE_HUB_TOKEN=old")]
    [InlineData("of HUGGING_FACE_HUB_TOKEN", "HUGGING_FACE_HUB_TOKEN=of HUGGING_FACE_HUB_TOKEN")]
    public void The_environment_names_the_token(string from, params string[] variables)
    {
        _home.Write("token", "of the file".Replace(' ', '_') + "\n");
        Dictionary<string, string> set = variables.Select(v => v.Split('=')).ToDictionary(v => v[0], v => v[1].Replace(' ', '_'));
        set["HF_HOME"] = _home.Path;

        HubSource source = HubSource.OfEnvironment(variable: set.GetValueOrDefault);

        Assert.Equal((HubSource.HuggingFace, from.Replace(' ', '_')), (source.Endpoint, source.Token));
        Assert.Equal("given", HubSource.OfEnvironment(token: "given", variable: set.GetValueOrDefault).Token);
    }

    [Fact]
    public void The_environments_token_is_not_for_another_server()
    {
        Dictionary<string, string> set =
            new() { ["HF_TOKEN"] = "secret", ["HF_HOME"] = _home.Path, ["HF_ENDPOINT"] = "https://mirror.example/hf/" };

        Assert.Equal((new Uri("https://mirror.example/hf"), "secret"), Pair(HubSource.OfEnvironment(variable: set.GetValueOrDefault)));
        Assert.Equal((new Uri("https://other.example"), null), Pair(HubSource.OfEnvironment(
            new Uri("https://other.example"), variable: set.GetValueOrDefault)));

        static (Uri, string?) Pair(HubSource source) => (source.Endpoint, source.Token);
    }

    [Theory]
    [InlineData("UriUnsupported", "HF_ENDPOINT=ftp://x")]
    [InlineData("UriUnsupported", "HF_ENDPOINT=huggingface.co")]
    [InlineData("OptionInvalid", "HF_TOKEN=hf_\nX-Injected: 1")]
    [InlineData("DownloadFailed", "HF_HUB_OFFLINE=1")]
    public void What_the_environment_says_wrongly_is_refused(string errorId, string variable)
    {
        string[] parts = variable.Split('=');

        HyperDasException error = Assert.Throws<HyperDasException>(
            () => HubSource.OfEnvironment(variable: name => name == parts[0] ? parts[1] : name == "HF_HOME" ? _home.Path : null));

        Assert.Equal(errorId, error.ErrorId);
        Assert.DoesNotContain("hf_", error.Message);
    }
}
