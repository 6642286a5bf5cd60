using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.LanguageModels;
using Xunit;

namespace HyperDas.Engine.Tests.Checkpoints;

public sealed class HubFolderTests : IDisposable
{
    private const string First = "1111111111111111111111111111111111111111", Second = "2222222222222222222222222222222222222222";

    private readonly TemporaryFolder _folder = new();

    private string Root => Path.Combine(_folder.Path, "models--maker--tiny-model");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_root_of_a_cached_model_opens_as_the_snapshot_of_main()
    {
        Snapshot(First);
        TinyLlama.Save(Snapshot(Second));
        Reference(Second + "\n");

        using LanguageModel model = LanguageModel.Load(Root);

        Assert.Equal(("tiny-model", Path.Combine(Root, "snapshots", Second)), (model.Name, model.Path));
        using LanguageModel same = LanguageModel.Load(model.Path);
        Assert.Equal((model.Name, model.Fingerprint), (same.Name, same.Fingerprint));
    }

    [SkippableFact]
    public void Files_that_are_links_to_blobs_are_read()
    {
        string snapshot = Snapshot(First), blobs = Directory.CreateDirectory(Path.Combine(Root, "blobs")).FullName;
        TinyLlama.Save(snapshot);
        foreach (string file in Directory.GetFiles(snapshot))
        {
            File.Move(file, Path.Combine(blobs, Path.GetFileName(file) + "-blob"));
            Link(file, Path.Combine("..", "..", "blobs", Path.GetFileName(file) + "-blob"));
        }

        using (LanguageModel model = LanguageModel.Load(Root))
        {
            Assert.Equal("tiny-model", model.Name);
        }
        File.Delete(Path.Combine(blobs, "model.safetensors-blob"));
        HyperDasException error = Assert.Throws<HyperDasException>(() => LanguageModel.Load(Root));

        Assert.Equal("PathNotFound", error.ErrorId);
        Assert.Contains("model.safetensors' is a link to", error.Message);
        Assert.Contains("Save-HyperDasModel", error.Message);
    }

    [Fact]
    public void A_single_snapshot_opens_without_a_reference()
    {
        TinyLlama.Save(Snapshot(First));

        Assert.Equal(Path.Combine(Root, "snapshots", First), HubFolder.Resolve(Root));
    }

    [Fact]
    public void Several_snapshots_without_a_reference_are_an_error_that_names_them()
    {
        Snapshot(First);
        Snapshot(Second);

        HyperDasException error = Assert.Throws<HyperDasException>(() => LanguageModel.Load(Root));

        Assert.Equal("PathAmbiguous", error.ErrorId);
        Assert.Contains(First, error.Message);
        Assert.Contains(Second, error.Message);
    }

    [Theory]
    [InlineData(Second)]
    [InlineData("../../elsewhere")]
    [InlineData("")]
    public void A_reference_to_a_snapshot_that_is_missing_is_an_error(string commit)
    {
        TinyLlama.Save(Snapshot(First));
        Reference(commit);

        HyperDasException error = Assert.Throws<HyperDasException>(() => LanguageModel.Load(Root));

        Assert.Equal("PathNotFound", error.ErrorId);
        Assert.Contains($"names the snapshot '{commit}'", error.Message);
    }

    [Fact]
    public void A_model_without_a_snapshot_is_an_error()
    {
        Directory.CreateDirectory(Path.Combine(Root, "snapshots"));

        Assert.Contains("is incomplete", Assert.Throws<HyperDasException>(() => LanguageModel.Load(Root)).Message);
    }

    [Fact]
    public void The_cache_itself_is_no_model()
    {
        TinyLlama.Save(Snapshot(First));

        HyperDasException error = Assert.Throws<HyperDasException>(() => LanguageModel.Load(_folder.Path));

        Assert.Equal("PathAmbiguous", error.ErrorId);
        Assert.Contains(Root, error.Message);
    }

    [Fact]
    public void The_cache_lists_the_models_that_open()
    {
        TinyLlama.Save(Snapshot(First));
        Directory.CreateDirectory(Path.Combine(_folder.Path, "models--maker--broken", "snapshots"));
        Directory.CreateDirectory(Path.Combine(_folder.Path, "datasets--maker--data", "snapshots"));

        Assert.Equal([("maker/tiny-model", Root)], new HubCache(_folder.Path).Models());
        Assert.Empty(new HubCache(Path.Combine(_folder.Path, "missing")).Models());
    }

    [Fact]
    public void The_cache_finds_a_model_by_its_name_in_either_case()
    {
        TinyLlama.Save(Snapshot(First));
        string old = Directory.CreateDirectory(Path.Combine(_folder.Path, "models--old")).FullName;
        HubCache cache = new(_folder.Path);

        Assert.Equal(Root, cache.Find("maker/tiny-model"));
        Assert.Equal(Root, cache.Find("Maker/Tiny-Model"), ignoreCase: true);
        Assert.Equal(old, cache.Find("old"));
        foreach (string other in (string[])["maker/tiny", "maker/tiny-model/", "/tiny-model", "models--old", "../old", "", "*"])
        {
            Assert.Null(cache.Find(other));
        }
    }

    [Theory]
    [InlineData("a", "HF_HUB_CACHE=a", "HUGGINGFACE_HUB_CACHE=b", "HF_HOME=c")]
    [InlineData("b", "HUGGINGFACE_HUB_CACHE=b", "HF_HOME=c")]
    [InlineData("c/hub", "HF_HOME=c", "XDG_CACHE_HOME=d")]
    [InlineData("d/huggingface/hub", "XDG_CACHE_HOME=d", "HF_HOME=")]
    [InlineData("~/.cache/huggingface/hub")]
    [InlineData("~/models/hub", "HF_HOME=~/models")]
    public void The_environment_names_the_cache_as_it_does_for_the_library(string expected, params string[] variables)
    {
        Dictionary<string, string> set = variables.Select(v => v.Split('=')).ToDictionary(v => v[0], v => v[1]);
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

        Assert.Equal(Path.GetFullPath(expected.Replace("~", home)), HubCache.OfEnvironment(set.GetValueOrDefault).Root);
    }

    [Theory]
    [InlineData("meta-llama/Llama-3.2-1B", true)]
    [InlineData("gpt2", false)]
    [InlineData("a/b/c", false)]
    [InlineData("../model", false)]
    [InlineData("a/..", false)]
    [InlineData("a/b--c", false)]
    [InlineData("a/b\n", false)]
    public void Names_of_repositories_are_told_from_paths(string text, bool isId) => Assert.Equal(isId, HubFolder.IsId(text));

    private string Snapshot(string commit) => Directory.CreateDirectory(Path.Combine(Root, "snapshots", commit)).FullName;

    private void Reference(string commit)
    {
        Directory.CreateDirectory(Path.Combine(Root, "refs"));
        File.WriteAllText(Path.Combine(Root, "refs", "main"), commit);
    }

    private static void Link(string path, string target)
    {
        try
        {
            File.CreateSymbolicLink(path, target);
        }
        catch (IOException) when (OperatingSystem.IsWindows())
        {
            Skip.If(true, "This user may not make links.");
        }
    }
}
