using System.Management.Automation;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.LanguageModels.ActivationFiles;
using HyperDas.Engine.Methods;
using HyperDas.Handles;

namespace HyperDas.Commands;

/// <summary>Loads a target model from a Hugging Face folder, or a trained interpreter for a model that is loaded.</summary>
[Cmdlet(VerbsData.Import, "HyperDasModel", DefaultParameterSetName = PathSet)]
[OutputType(typeof(ModelHandle), ParameterSetName = [PathSet, LiteralPathSet])]
[OutputType(typeof(InterpreterHandle), ParameterSetName = [InterpreterSet])]
public sealed class ImportHyperDasModelCommand : ModelPathCmdlet
{
    private const string InterpreterSet = "Interpreter";

    [Parameter(Mandatory = true, ParameterSetName = InterpreterSet)]
    [ValidateNotNullOrEmpty]
    public string Interpreter { get; set; } = "";

    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InterpreterSet)]
    public ModelHandle Model { get; set; } = null!;

    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [ValidateNotNullOrEmpty]
    public string? CachePath { get; set; }

    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [ValidateRange(0, long.MaxValue)]
    public long CacheLimit { get; set; } = ActivationFolder.DefaultByteLimit;

    protected override void ProcessInput()
    {
        if (ParameterSetName == InterpreterSet)
        {
            ImportInterpreter();
            return;
        }
        ForEachPath(ImportModel);
    }

    private void ImportModel(string folder)
    {
        string? cache = CachePath is null ? null : this.ResolveOutput(CachePath);
        LanguageModel model = LoadWithRemarks(folder);
        try
        {
            model.KeepActivations(cache, CacheLimit);
        }
        catch
        {
            model.Dispose();
            throw;
        }
        foreach (string warning in model.TextWarnings())
        {
            WriteWarning(warning);
        }
        WriteVerbose($"{model.Name}: {model.ParameterCount:N0} weights held as {model.Dtype}, computed in {model.ComputeDtype} on {model.Device} ({model.Format.Reason})");
        WriteObject(new PipedModel(model));
    }

    private void ImportInterpreter()
    {
        string folder = this.ResolveInput(Interpreter)[0];
        LanguageModel target = Model.ToEngine();
        WriteObject(new PipedInterpreter(Compute((_, _) => InterpreterStore.Load(folder, target)), Model));
    }
}
