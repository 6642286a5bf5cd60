using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Downloads;
using HyperDas.Engine.Downloads.Hub;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Tests.LanguageModels;
using Xunit;

namespace HyperDas.Engine.Tests.Downloads;

/// <summary>From a server that behaves like huggingface.co, and misbehaves.</summary>
public sealed class HubSaverTests : IDisposable
{
    private readonly TemporaryFolder _parent = new();

    private string Folder => Path.Combine(_parent.Path, "model");

    private HubCache Cache => new(Path.Combine(_parent.Path, "hub"));

    public void Dispose() => _parent.Dispose();

    [Fact]
    public async Task The_files_that_a_model_is_read_from_are_saved_and_nothing_else()
    {
        await using HubServer server = await Tiny();
        foreach (string other in (string[])["pytorch_model.bin", "README.md", "consolidated.00.pth", "model.Q4.gguf", "tf_model.h5",
            "training_args.bin", "preprocessor_config.json"])
        {
            server.Files[other] = [1, 2, 3];
        }
        server.Files["tokenizer.json"] = "{}"u8.ToArray();
        server.Files["generation_config.json"] = "{}"u8.ToArray();
        SeenProgress progress = new();

        SavedModel saved = Save(server, progress: progress);

        Assert.Equal((Folder, server.Commit, 4), (saved.Folder, saved.Commit, saved.Written));
        Assert.Equal(["config.json", "generation_config.json", "model.safetensors", "tokenizer.json"],
            Directory.GetFiles(Folder).Select(f => Path.GetFileName(f)).Order());
        Assert.All(Directory.GetFiles(Folder), file => Assert.Equal(server.Files[Path.GetFileName(file)], File.ReadAllBytes(file)));
        Assert.Contains(
            progress.Seen, step => step.Total > 0 && step.Completed == step.Total && step.Activity == $"Downloading {HubServer.Id}");
    }

    [Fact]
    public async Task A_saved_model_opens_and_is_not_downloaded_again()
    {
        await using HubServer server = await Tiny();
        Save(server);
        int before = server.Requests.Count;

        Assert.Equal(0, Save(server).Written);

        Assert.Equal(before + 1, server.Requests.Count);
        using LanguageModel model = LanguageModel.Load(Folder);
        Assert.Equal("model", model.Name);
    }

    [Fact]
    public async Task Pickled_weights_are_taken_where_there_are_no_others()
    {
        await using HubServer server = await Tiny();
        server.Files.Remove("model.safetensors");
        server.Files["pytorch_model.bin"] = [1, 2, 3];

        Save(server);

        Assert.Equal(["config.json", "pytorch_model.bin"], Directory.GetFiles(Folder).Select(f => Path.GetFileName(f)).Order());
    }

    [Fact]
    public async Task The_shards_that_an_index_names_are_taken()
    {
        await using HubServer server = await Tiny();
        server.Files.Remove("model.safetensors");
        server.Files["model.safetensors.index.json"] =
            """{"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors", "c": "model-00001-of-00002.safetensors"}}"""u8.ToArray();
        (server.Files["model-00001-of-00002.safetensors"], server.Files["model-00002-of-00002.safetensors"],
            server.Files["model-00009-of-00009.safetensors"]) = ([1], [2, 2], [9]);

        Assert.Equal(4, Save(server).Written);

        Assert.False(File.Exists(Path.Combine(Folder, "model-00009-of-00009.safetensors")));
        server.Files.Remove("model-00002-of-00002.safetensors");
        HyperDasException error = Assert.Throws<HyperDasException>(() => Save(server, Path.Combine(_parent.Path, "other")));
        Assert.Equal("RepositoryInvalid", error.ErrorId);
        Assert.Contains("model-00002-of-00002.safetensors", error.Message);
    }

    [Theory]
    [InlineData("adapter_model.safetensors", 2)]
    [InlineData("adapter_model.bin", 2)]
    [InlineData("adapter_model.gguf", 0)]
    public async Task An_adapter_is_saved_alone(string weights, int written)
    {
        await using HubServer server = await HubServer.Start();
        (server.Files["adapter_config.json"], server.Files[weights], server.Files["README.md"]) = ([1], [2], [3]);

        if (written > 0)
        {
            Assert.Equal(written, Save(server).Written);
            return;
        }
        Assert.Contains("an adapter without its weights", Assert.Throws<HyperDasException>(() => Save(server)).Message);
    }

    [Fact]
    public async Task The_token_is_sent_to_the_server_of_models_alone()
    {
        await using HubServer server = await Tiny();
        server.Token = "hf_secret";

        Save(server, token: "hf_secret");

        Assert.Contains(server.Requests, r => r.Path.StartsWith("store/", StringComparison.Ordinal));
        Assert.Contains(server.Requests, r => r.Path.StartsWith("hub/api/resolve-cache/", StringComparison.Ordinal));
        Assert.All(
            server.Requests, r => Assert.Equal(r.Path.StartsWith("hub", StringComparison.Ordinal) ? "Bearer hf_secret" : "", r.Token));
    }

    [Fact]
    public async Task A_connection_that_is_cut_is_taken_up_where_it_broke()
    {
        await using HubServer server = await Large();
        server.Cuts.Enqueue(100_000);
        server.Cuts.Enqueue(50_000);

        Save(server);

        AssertSaved(server);
        string[] ranges = [.. server.Requests.Where(r => r.Path.StartsWith("store/", StringComparison.Ordinal)).Select(r => r.Range)];
        Assert.Equal(3, ranges.Length);
        Assert.Equal("", ranges[0]);
        Assert.All(ranges[1..], range => Assert.Matches("^bytes=[1-9][0-9]*-$", range));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_next_call_goes_on_where_one_gave_up(bool inCache)
    {
        await using HubServer server = await Large();
        server.Cuts.Enqueue(100_000);

        Assert.Equal("DownloadFailed", Assert.Throws<HyperDasException>(() => Save(server, inCache ? null : Folder, attempts: 1)).ErrorId);
        string folder = Save(server, inCache ? null : Folder, attempts: 1).Folder;

        AssertSaved(server, folder);
        Assert.Matches("^bytes=[1-9][0-9]*-$", server.Requests.Last(r => r.Path.StartsWith("store/", StringComparison.Ordinal)).Range);
        Assert.Empty(Directory.GetFiles(_parent.Path, "*.part", SearchOption.AllDirectories));
        Assert.Empty(Directory.GetFiles(_parent.Path, "*.incomplete", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_file_that_changes_between_two_calls_is_not_mixed()
    {
        await using HubServer server = await Large();
        server.Cuts.Enqueue(100_000);
        Assert.Throws<HyperDasException>(() => Save(server, attempts: 1));
        byte[] other = [.. server.Files["model.safetensors"]];
        other[20_000] ^= 1;
        server.Change("model.safetensors", other);

        Save(server, attempts: 1);

        AssertSaved(server);
    }

    [Fact]
    public async Task A_part_that_does_not_go_with_the_rest_is_begun_anew()
    {
        await using HubServer server = await Large();
        server.Cuts.Enqueue(100_000);
        Assert.Throws<HyperDasException>(() => Save(server, attempts: 1));
        string part = Directory.GetFiles(Folder, "*.part").Single();
        byte[] begun = File.ReadAllBytes(part);
        begun[0] ^= 1;
        File.WriteAllBytes(part, begun);

        Save(server);

        AssertSaved(server);
    }

    [Theory]
    [InlineData(true, "its hash isn't")]
    [InlineData(false, "it has 5 bytes instead of")]
    public async Task A_file_that_comes_wrong_is_not_kept(bool sameLength, string word)
    {
        await using HubServer server = await Tiny();
        byte[] other = [.. server.Files["model.safetensors"]];
        other[^1] ^= 1;
        server.Sent["model.safetensors"] = sameLength ? other : other[..5];

        HyperDasException error = Assert.Throws<HyperDasException>(() => Save(server));

        Assert.Equal("DownloadMismatch", error.ErrorId);
        Assert.Contains(word, error.Message);
        Assert.Empty(Directory.GetFiles(Folder));
    }

    [Theory]
    [InlineData(401, "RepoNotFound", null, "RepositoryDenied", "or is private")]
    [InlineData(401, null, "hf_old", "RepositoryDenied", "refused the access token")]
    [InlineData(401, "GatedRepo", null, "RepositoryDenied", "accept its terms at")]
    [InlineData(403, "GatedRepo", "hf_mine", "RepositoryDenied", "wait until access is granted")]
    [InlineData(403, null, "hf_mine", "RepositoryDenied", "With this access token")]
    [InlineData(404, "RepoNotFound", null, "RepositoryNotFound", "The repository 'maker/tiny-model' doesn't exist")]
    [InlineData(404, "RevisionNotFound", null, "RepositoryNotFound", "no branch, tag or commit 'main'")]
    [InlineData(400, null, null, "DownloadFailed", "400")]
    public async Task A_refusal_is_explained(int status, string? code, string? token, string errorId, string word)
    {
        await using HubServer server = await Tiny();
        server.Refusals.Enqueue((status, code, null));
        HyperDasException error = Assert.Throws<HyperDasException>(() => Save(server, token: token));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(word, error.Message);
        Assert.DoesNotContain("hf_", error.ToString());
        Assert.False(Directory.Exists(Folder));

        // A gated repository describes itself and refuses its files.
        server.FileRefusals.Enqueue((status, code, null));
        Assert.Equal(errorId, Assert.Throws<HyperDasException>(() => Save(server, token: token)).ErrorId);
        Assert.DoesNotContain(Directory.GetFiles(Folder), f => !f.EndsWith(".part", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_busy_server_is_left_alone_as_long_as_it_asks()
    {
        await using HubServer server = await Tiny();
        server.Refusals.Enqueue((429, null, "1"));
        server.FileRefusals.Enqueue((429, null, DateTimeOffset.UtcNow.AddSeconds(1).ToString("R")));
        server.FileRefusals.Enqueue((503, null, null));
        SeenProgress progress = new();

        Save(server, progress: progress);

        AssertSaved(server);
        Assert.Contains(progress.Seen, step => step.Status.StartsWith("the server asks for a wait of 1 s", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_busy_server_that_asks_for_too_long_a_wait_ends_the_download()
    {
        await using HubServer server = await Tiny();
        server.Refusals.Enqueue((429, null, "3600"));

        HyperDasException error = Assert.Throws<HyperDasException>(() => Save(server));

        Assert.Equal("DownloadFailed", error.ErrorId);
        Assert.Contains("asks for a wait of 3600 seconds", error.Message);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Redirects_that_never_end_are_an_error()
    {
        await using HubServer server = await Tiny();
        server.RedirectsForever = true;

        Assert.Contains("more than 10 times", Assert.Throws<HyperDasException>(() => Save(server)).Message);
    }

    [Fact]
    public async Task A_cancelled_download_stops_and_goes_on_later()
    {
        await using HubServer server = await Tiny();
        server.Files["model.safetensors"] = new byte[3_000_000];
        using CancellationTokenSource stop = new();

        Assert.ThrowsAny<OperationCanceledException>(() => HubSaver.Save(
            HubServer.Id, Source(server, null, 4), Folder, Cache, progress: new StopAfter(stop, 500_000), cancellation: stop.Token));
        Assert.NotEmpty(Directory.GetFiles(Folder, "*.part"));
        Save(server);

        AssertSaved(server);
        Assert.Matches("^bytes=[1-9][0-9]*-$", server.Requests.Last(r => r.Path.StartsWith("store/", StringComparison.Ordinal)).Range);
    }

    [SkippableFact]
    public async Task Without_a_folder_the_model_goes_into_the_cache_as_Hugging_Face_lays_it_out()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need rights on Windows");
        await using HubServer server = await Tiny();

        SavedModel saved = Save(server, folder: null);

        string root = Cache.FolderOf(HubServer.Id);
        Assert.Equal(Path.Combine(root, "snapshots", server.Commit), saved.Folder);
        Assert.Equal(server.Commit, File.ReadAllText(Path.Combine(root, "refs", "main")));
        FileInfo link = new(Path.Combine(saved.Folder, "model.safetensors"));
        Assert.Equal(Path.Combine("..", "..", "blobs", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
            server.Files["model.safetensors"]))), link.LinkTarget);
        using (LanguageModel model = LanguageModel.Load(root))
        {
            Assert.Equal("tiny-model", model.Name);
        }

        // Another commit with the same weights: they aren't downloaded again.
        server.Change("config.json", [.. server.Files["config.json"], (byte)'\n']);
        int before = server.Requests.Count(r => r.Path.StartsWith("store/", StringComparison.Ordinal));
        SavedModel next = Save(server, folder: null, revision: "refs/pr/1");
        Assert.Equal(before, server.Requests.Count(r => r.Path.StartsWith("store/", StringComparison.Ordinal)));
        Assert.Equal(server.Commit, File.ReadAllText(Path.Combine(root, "refs", "refs", "pr", "1")));
        AssertSaved(server, next.Folder);

        // And what somebody removed comes back.
        Directory.Delete(Path.Combine(root, "blobs"), recursive: true);
        AssertSaved(server, Save(server, folder: null, revision: "refs/pr/1").Folder);
        Assert.Equal(saved.Commit, File.ReadAllText(Path.Combine(root, "refs", "main")));
    }

    [Fact]
    public async Task A_file_of_the_users_is_replaced_only_by_force()
    {
        await using HubServer server = await Tiny();
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, "config.json"), "mine");

        HyperDasException error = Assert.Throws<HyperDasException>(() => Save(server));
        Assert.Equal("OutputExists", error.ErrorId);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(Folder, "config.json")));
        Assert.Single(Directory.GetFiles(Folder));

        Save(server, force: true);
        AssertSaved(server);
    }

    [Theory]
    [InlineData("../evil.json")]
    [InlineData("a/config.json")]
    [InlineData("..\\evil.json")]
    public async Task Names_that_lead_elsewhere_are_passed_over(string name)
    {
        await using HubServer server = await Tiny();
        server.Files[name] = [1];

        Save(server);

        Assert.Equal(2, Directory.GetFiles(_parent.Path, "*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task What_is_no_model_is_refused()
    {
        await using HubServer server = await HubServer.Start();
        server.Files["model.Q4_K_M.gguf"] = [1];

        Assert.Contains("only GGUF", Refused(server).Message);
        server.Files["config.json"] = [1];
        Assert.Contains("has no weights: none of model.safetensors", Refused(server).Message);
        server.Misdescribe = answer => answer["sha"] = "../../elsewhere";
        Assert.Contains("which isn't a commit", Refused(server).Message);
        server.Misdescribe = answer => answer.Remove("siblings");
        Assert.Contains("doesn't answer like a model server", Refused(server).Message);
        server.Misdescribe = answer => answer["siblings"]![0]!["size"] = -1;
        Assert.Contains("size or hash of 'model.Q4_K_M.gguf'", Refused(server).Message);
        Assert.False(Directory.Exists(Folder) && Directory.GetFiles(Folder).Length > 0);

        HyperDasException Refused(HubServer from)
        {
            HyperDasException error = Assert.Throws<HyperDasException>(() => Save(from));
            Assert.Equal("RepositoryInvalid", error.ErrorId);
            return error;
        }
    }

    [Fact]
    public async Task A_disk_without_room_is_told_before_the_download()
    {
        await using HubServer server = await Tiny();
        server.Misdescribe = answer =>
            answer["siblings"]!.AsArray().First(s => (string)s!["rfilename"]! == "model.safetensors")!["size"] = 1L << 60;

        HyperDasException error = Assert.Throws<HyperDasException>(() => Save(server));

        Assert.Equal("WriteFailed", error.ErrorId);
        Assert.Contains("GB more", error.Message);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("../x", "main")]
    [InlineData("a/b/c", "main")]
    [InlineData("a b/c", "main")]
    [InlineData("https://huggingface.co/a/b", "main")]
    [InlineData("a/b", "../main")]
    [InlineData("a/b", "")]
    [InlineData("a/b", "x?y")]
    public void What_can_be_no_name_is_refused(string id, string revision)
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => HubSaver.Save(id, new HubSource(), Folder, Cache, revision));

        Assert.Equal("RepositoryNameInvalid", error.ErrorId);
    }

    private static async Task<HubServer> Tiny()
    {
        HubServer server = await HubServer.Start();
        using TemporaryFolder folder = new();
        TinyLlama.Save(folder.Path);
        foreach (string file in Directory.GetFiles(folder.Path))
        {
            server.Files[Path.GetFileName(file)] = File.ReadAllBytes(file);
        }
        return server;
    }

    private static async Task<HubServer> Large()
    {
        HubServer server = await Tiny();
        server.Files["model.safetensors"] = new byte[300_000];
        new Random(7).NextBytes(server.Files["model.safetensors"]);
        return server;
    }

    private static HubSource Source(HubServer server, string? token, int attempts) => new()
    {
        Endpoint = server.Uri, Token = token, Download = new DownloadOptions { Attempts = attempts, Pause = TimeSpan.FromMilliseconds(1) },
    };

    private SavedModel Save(
        HubServer server, IProgress<WorkProgress>? progress = null, string? token = null, int attempts = 4, bool force = false) =>
        Save(server, Folder, progress, token, attempts, force);

    private SavedModel Save(
        HubServer server, string? folder, IProgress<WorkProgress>? progress = null, string? token = null, int attempts = 4,
        bool force = false, string revision = "main") =>
        HubSaver.Save(HubServer.Id, Source(server, token, attempts), folder, Cache, revision, force, progress);

    private void AssertSaved(HubServer server, string? folder = null)
    {
        foreach ((string name, byte[] content) in server.Files)
        {
            Assert.Equal(content, File.ReadAllBytes(Path.Combine(folder ?? Folder, name)));
        }
    }

    private sealed class StopAfter(CancellationTokenSource stop, long bytes) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            if (value.Completed > bytes)
            {
                stop.Cancel();
            }
        }
    }
}
