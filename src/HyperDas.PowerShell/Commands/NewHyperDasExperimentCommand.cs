using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.Experiments;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Ravel;
using HyperDas.Pump;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>Creates an experiment document as a starting point: every key with its meaning and default.</summary>
[Cmdlet(VerbsCommon.New, "HyperDasExperiment", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class NewHyperDasExperimentCommand : EngineCmdlet, IWriterCommand
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    [TextTransform("The path of the document is required", nameof(Path), IsOutput = true)]
    public string Path { get; set; } = "";

    [Parameter]
    [ArgumentCompleter(typeof(CachedModelCompleter))]
    [ValidateNotNullOrEmpty]
    public string? ModelPath { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? DataPath { get; set; }

    [Parameter]
    [ArgumentCompleter(typeof(DomainCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Domain { get; set; } = [];

    [Parameter]
    public InterpreterMethod Method { get; set; } = InterpreterMethod.HyperDas;

    [Parameter]
    public int Layer { get; set; } = 1;

    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override bool IsInputNumbered => true;

    private protected override void CheckParameters() =>
        ParameterLaw.ThrowIfBroken(MethodSettings.Of(Method, Layer).Method, "LayerInvalid");

    protected override void ProcessInput()
    {
        string file = this.ResolveOutput(Path);
        string folder = System.IO.Path.GetDirectoryName(file)!;
        string model = ModelPath is null ? System.IO.Path.Combine(folder, "model") : Target(ModelPath);
        string data = DataPath is null ? System.IO.Path.Combine(folder, "data") : this.ResolveOutput(DataPath);
        string[] domains = Domains(data);
        if (!MayWrite(OutputPlace.File(file), $"Write an experiment for {Method} at layer {Layer}"))
        {
            return;
        }
        Compute((_, _) => ExperimentScaffold.Write(file, model, data, domains, Method, Layer));
        InformWritten(file);
        this.WriteItem(file);
    }

    // A document refers to a model in Hugging Face's cache by its ID, as commands do.
    private string Target(string path) =>
        this.ResolveOutput(path) is string target && (System.IO.Path.Exists(target) || HubCache.OfEnvironment().Find(path) is null)
            ? target
            : path;

    // The data may not exist yet; names are then used unchanged.
    private string[] Domains(string folder) => Domain.Length == 0 ? []
        : Directory.Exists(folder) ? NamePatterns.Expand(Domain, RavelReader.Domains(folder))
        : Array.Find(Domain, WildcardPattern.ContainsWildcardCharacters) is string pattern ? throw Errors.DomainsUnknown(pattern, folder)
        : Domain;
}
