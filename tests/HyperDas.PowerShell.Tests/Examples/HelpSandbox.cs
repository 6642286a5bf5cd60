using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using HyperDas.Engine.Tests;
using HyperDas.Help;

namespace HyperDas.PowerShell.Tests.Examples;

/// <summary>
/// Runs the examples of the help pages as they are printed: with the variables that they assume, small data, and trainings of two steps.
/// Each page has its own process, each example its own folder and new variables.
/// </summary>
public sealed class HelpSandbox : IDisposable
{
    private static readonly string s_pages = Path.Combine(Repository.Root, "docs", "en-US");

    private static readonly string s_packages =
        Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    // What a test machine lacks, and what replaces it. Everything else runs as it is printed.
    private static readonly (string Printed, string Here)[] s_elsewhere =
    [
        ("Import-HyperDasModel meta-llama/Llama-3.2-1B", "Import-HyperDasModel examples/models/mini-llama"),
        ("~/models/llama-cities-lora", "lora"),
        ("(Read-Host -AsSecureString)", "hf_example"),
        ("~/models/Llama-3.2-1B-Instruct -ChatTemplate", "instruct -ChatTemplate"),
        ("~/models/Llama-3.2-1B -Dtype BFloat16 -Device cuda:0", "examples/models/mini-llama -Dtype BFloat16 -Device cpu"),
        ("~/models/Llama-3.2-1B", "examples/models/mini-llama"),
        ("~/models/*", "examples/models/*"),
        ("~/.nuget/packages", $"'{s_packages}'"),
        ("/opt/hyperdas/torch", "shared-torch"),
        ("-Layer 15", "-Layer 3"),
        ("-FeatureDimension 128", "-FeatureDimension 32"),
        ("-Tokens 1e6", "-Tokens 2e4"),
        ("https://mirror.example/ravel/data.tgz", "$mirror/data.tgz"),
    ];

    // Files from earlier work that examples assume, with the names that the page uses.
    private static readonly Dictionary<string, string> s_given = new()
    {
        ["Import-HyperDasModel"] = "$interpreter | Export-HyperDasInterpreter artifacts/city",
        ["Import-RavelDataset"] = "$dataset | Export-RavelDataset city.jsonl",
        ["Test-HyperDasModel"] = "$dataset | Export-RavelDataset city.jsonl",
        ["Export-HyperDasPlot"] = "1..2 | ForEach-Object { [void] (Start-HyperDasTraining $model $dataset -Layer 3 -OutputPath runs/$_) }",
        ["Export-HyperDasReport"] = "[void] (Invoke-HyperDasExperiment configs/quickstart.yaml -OutputPath runs/city)",
        ["Invoke-HyperDasIntervention"] =
            "Set-Content pairs.csv 'BasePrompt,CounterfactualPrompt,Concept', 'Vienna is in,I love Paris,the country of a city'",
    };

    // In the order of their creation.
    private static readonly (string Name, string Made)[] s_variables =
    [
        ("model", "Import-HyperDasModel examples/models/mini-llama"),
        ("dataset", "Import-RavelDataset \"$sandbox/dataset.jsonl\""),
        ("interpreter", "$model | Import-HyperDasModel -Interpreter \"$sandbox/interpreter\""),
        ("untrained", "$interpreter"),
        ("result", "Start-HyperDasTraining $model $dataset -Layer 3"),
        ("scores", "Measure-RavelScore $interpreter $dataset"),
        ("intervention", "Invoke-HyperDasIntervention $interpreter 'Vienna is in' 'I love Paris' 'the country of a city'"),
    ];

    private static readonly string[] s_linked = ["examples", "configs", "lora", "instruct", "data.tgz", "city_country_test"];

    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> _results = [];
    private readonly HttpListener _mirror = new();
    private readonly string _address;

    /// <summary>Prepares data, a dataset and an interpreter, once for all pages.</summary>
    public HelpSandbox()
    {
        Folder = Directory.CreateTempSubdirectory("hyperdas help ").FullName;
        SmallRavel.Write(Path.Combine(Folder, "examples", "data", "ravel-mini"));
        string model = Directory.CreateDirectory(Path.Combine(Folder, "examples", "models", "mini-llama")).FullName;
        foreach (string file in Directory.GetFiles(Path.Combine(Repository.Root, "examples", "models", "mini-llama")))
        {
            File.Copy(file, Path.Combine(model, Path.GetFileName(file)));
        }
        string configs = Directory.CreateDirectory(Path.Combine(Folder, "configs")).FullName;
        foreach (string file in Directory.GetFiles(Path.Combine(Repository.Root, "configs"), "*.yaml"))
        {
            File.WriteAllText(Path.Combine(configs, Path.GetFileName(file)), Shortened(File.ReadAllText(file)));
        }
        string instruct = Directory.CreateDirectory(Path.Combine(Folder, "instruct")).FullName;
        foreach (string file in Directory.GetFiles(model))
        {
            File.Copy(file, Path.Combine(instruct, Path.GetFileName(file)));
        }
        File.WriteAllText(
            Path.Combine(instruct, "chat_template.jinja"),
            "{% for m in messages %}<|im_start|>user\n{{ m.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n{{ '' }}");
        WriteAdapter(Directory.CreateDirectory(Path.Combine(Folder, "lora")).FullName);
        TakeSharedData();
        _address = Serve();
        Run("prepare", $$"""
            {{Preamble(Folder)}}
            $model = Import-HyperDasModel examples/models/mini-llama
            Import-RavelDataset examples/data/ravel-mini -Domain city | New-RavelDataset $model -Attribute Country, Language |
                Export-RavelDataset dataset.jsonl
            [void] (Import-RavelDataset dataset.jsonl | Start-HyperDasTraining $model -Layer 3 -OutputPath interpreter)
            """);
    }

    /// <summary>Where everything lies.</summary>
    public string Folder { get; }

    internal static HelpPage Page(string name) => HelpPage.Read(Path.Combine(s_pages, name + ".md"));

    /// <summary>What became of an example: nothing when all went well, else the error.</summary>
    /// <param name="page">The page's cmdlet.</param>
    /// <param name="title">The example's heading.</param>
    public string Outcome(string page, string title)
    {
        if (!_results.TryGetValue(page, out IReadOnlyDictionary<string, string>? results))
        {
            _results[page] = results = RunPage(page);
        }
        return results.TryGetValue(title, out string? outcome) ? outcome : $"It wasn't run; the page's process said: {results[""]}";
    }

    public void Dispose()
    {
        _mirror.Close();
        Directory.Delete(Folder, recursive: true);
    }

    private Dictionary<string, string> RunPage(string page)
    {
        StringBuilder script = new();
        int number = 0;
        foreach (HelpEntry example in Page(page).EntriesOf("EXAMPLES"))
        {
            string folder = Directory.CreateDirectory(Path.Combine(Folder, page, $"{++number}")).FullName;
            foreach (string shared in s_linked.Select(name => Path.Combine(Folder, name)).Where(Path.Exists))
            {
                Directory.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(shared)), shared);
            }
            script.AppendLine($$"""
                & {
                    try {
                {{Preamble(folder)}}
                {{string.Join('\n', Taken(page, example.Code))}}
                        {{s_given.GetValueOrDefault(page, "")}}
                        & { {{Here(example.Code)}} } | Out-Null
                        '@ok {{example.Title.Replace("'", "''", StringComparison.Ordinal)}}'
                    }
                    catch { '@failed {{example.Title.Replace("'", "''", StringComparison.Ordinal)}}' + '@' + "$_ $($_.InvocationInfo.PositionMessage)".Replace("`n", ' ') }
                }
                """);
        }
        ProgramRun run = Run(page, script.ToString());
        Dictionary<string, string> results = run.Lines.Where(line => line.StartsWith('@')).ToDictionary(
            line => line.StartsWith("@ok ", StringComparison.Ordinal) ? line["@ok ".Length..] : line["@failed ".Length..].Split('@')[0],
            line => line.StartsWith("@ok ", StringComparison.Ordinal) ? "" : line);
        results[""] = run.Output + run.Error;
        return results;
    }

    // The variables that an example assumes, each with those that it depends on.
    private static IEnumerable<string> Taken(string page, string code)
    {
        string text = code + s_given.GetValueOrDefault(page, "");
        List<string> lines = [];
        foreach ((string name, string made) in s_variables.Reverse())
        {
            if (text.Contains("$" + name, StringComparison.Ordinal))
            {
                lines.Add($"${name} = {made}");
                text += made;
            }
        }
        return lines.AsEnumerable().Reverse();
    }

    // The state of a reader's session, and defaults that keep everything short; an example's own values take precedence.
    private string Preamble(string folder) => $$"""
        $ErrorActionPreference = 'Stop'
        $env:HYPERDAS_TORCH_HOME = '{{Path.Combine(Repository.Module, "bin", "native")}}'
        [void] $ExecutionContext.SessionState.Path.SetLocation([System.Management.Automation.WildcardPattern]::Escape('{{folder}}'))
        $sandbox = '{{Folder}}'; $mirror = '{{_address}}'
        $PSDefaultParameterValues = @{
            'New-RavelDataset:TrainCount' = 8; 'New-RavelDataset:ValCount' = 4; 'New-RavelDataset:TestCount' = 4
            'Start-HyperDasTraining:MaxSteps' = 2; 'Start-HyperDasPretraining:Tokens' = 2e4
            'Save-HyperDasBackend:Uri' = "$mirror/"; 'Install-HyperDasBackend:Uri' = "$mirror/"
            'Save-RavelDataset:Uri' = "$mirror/data.tgz"; 'Save-HyperDasModel:Uri' = $mirror
        }
        """;

    private static string Here(string code) =>
        s_elsewhere.Aggregate(code, (text, other) => text.Replace(other.Printed, other.Here, StringComparison.Ordinal));

    // The bundled configurations with two steps, a handful of examples, and sweeps of three layers at most.
    private static string Shortened(string yaml)
    {
        const string Counts = "  trainPerAttribute: 8\n  valPerAttribute: 4\n  testPerAttribute: 4\n";
        const string Steps = "\ntraining:\n  maxSteps: 2\n";
        // Every description comes with unseen wording and absent ones: two attributes are six rows of each kind.
        const string Domain = "  domains: [city]\n", Attributes = "  attributes: [Country, Language]\n";
        yaml = yaml.ReplaceLineEndings("\n").Replace("\ndata:\n", "\ndata:\n" + Counts, StringComparison.Ordinal)
            .Replace("[1, 2, 3, 4, 5]", "[1, 2, 3]", StringComparison.Ordinal);
        yaml = yaml.Contains("  attributes:", StringComparison.Ordinal) ? yaml
            : yaml.Replace(Domain, Domain + Attributes, StringComparison.Ordinal);
        return yaml.Contains("\ntraining:\n", StringComparison.Ordinal)
            ? yaml.Replace("\ntraining:\n", Steps, StringComparison.Ordinal)
            : yaml + Steps;
    }

    private ProgramRun Run(string name, string script)
    {
        string file = Path.Combine(Folder, name + ".ps1");
        File.WriteAllText(file, script);
        // The backend goes into the user's folder, and models into Hugging Face's cache, which must not be the tester's.
        ProgramRun run = ProgramRun.In(
            Folder, [Repository.ShellProgram, file], ("XDG_DATA_HOME", Path.Combine(Folder, "data home")),
            ("HF_HUB_CACHE", Path.Combine(Folder, "hub")));
        return run.ExitCode == 0 ? run : throw new InvalidOperationException($"{name}: {run.Output}{run.Error}");
    }

    // The benchmark's archive and a dataset that the original published can't be committed.
    private void TakeSharedData()
    {
        if (SharedData.Find("data", "ravel") is string benchmark)
        {
            using FileStream archive = File.Create(Path.Combine(Folder, "data.tgz"));
            using GZipStream packed = new(archive, CompressionLevel.Fastest);
            TarFile.CreateFromDirectory(benchmark, packed, includeBaseDirectory: false);
        }
        if (SharedData.Find("data", "hyperdas-arrow", "city_country_test") is string published)
        {
            Directory.CreateSymbolicLink(Path.Combine(Folder, "city_country_test"), published);
        }
    }

    // NuGet's own packages, and the benchmark's archive, from this machine.
    private string Serve()
    {
        for (int port = 47_100; ; port++)
        {
            _mirror.Prefixes.Clear();
            _mirror.Prefixes.Add($"http://127.0.0.1:{port}/");
            try
            {
                _mirror.Start();
                break;
            }
            catch (HttpListenerException) when (port < 47_200)
            {
            }
        }
        _ = Task.Run(async () =>
        {
            while (_mirror.IsListening)
            {
                try
                {
                    HttpListenerContext context = await _mirror.GetContextAsync();
                    string asked = context.Request.Url!.AbsolutePath.TrimStart('/');
                    if (asked.StartsWith("api/models/", StringComparison.Ordinal))
                    {
                        await using StreamWriter text = new(context.Response.OutputStream);
                        await text.WriteAsync(DescribedModel());
                        continue;
                    }
                    string file = asked == "data.tgz" ? Path.Combine(Folder, asked)
                        : asked.Contains("/resolve/", StringComparison.Ordinal) ? Path.Combine(ServedModel, Path.GetFileName(asked))
                        : Path.Combine(s_packages, asked);
                    context.Response.StatusCode = File.Exists(file) ? 200 : 404;
                    if (File.Exists(file))
                    {
                        await using FileStream content = File.OpenRead(file);
                        context.Response.ContentLength64 = content.Length;
                        await content.CopyToAsync(context.Response.OutputStream);
                    }
                    context.Response.Close();
                }
                catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
                {
                    // The client has gone, or the test is over.
                }
            }
        });
        return _mirror.Prefixes.Single().TrimEnd('/');
    }

    // A LoRA adapter of the bundled model that adds nothing.
    private static void WriteAdapter(string folder)
    {
        const string Module = "base_model.model.model.layers.0.self_attn.q_proj";
        File.WriteAllText(Path.Combine(folder, "adapter_config.json"),
            """{"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["q_proj"], "layers_to_transform": [0]}""");
        byte[] header = Encoding.UTF8.GetBytes(
            $$"""{"{{Module}}.lora_A.weight": {"dtype": "F32", "shape": [2, 128], "data_offsets": [0, 1024] }, "{{Module}}.lora_B.weight": {"dtype": "F32", "shape": [128, 2], "data_offsets": [1024, 2048] } }""");
        File.WriteAllBytes(Path.Combine(folder, "adapter_model.safetensors"),
            [.. BitConverter.GetBytes((long)header.Length), .. header, .. new byte[2048]]);
    }

    private string ServedModel => Path.Combine(Folder, "examples", "models", "mini-llama");

    // The bundled model, as Hugging Face describes a repository, whatever its name.
    private string DescribedModel()
    {
        IEnumerable<string> files = Directory.GetFiles(ServedModel).Select(path =>
        {
            byte[] content = File.ReadAllBytes(path);
            string hash = Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));
            return $$"""{"rfilename": "{{Path.GetFileName(path)}}", "size": {{content.Length}}, "blobId": "{{hash}}" }""";
        });
        return $$"""{"sha": "{{new string('1', 40)}}", "siblings": [{{string.Join(", ", files)}}] }""";
    }
}
