using System.Management.Automation;
using HyperDas.Completers;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.LanguageModels.ActivationFiles;
using HyperDas.Engine.Methods;
using HyperDas.Handles;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>Loads a target model from a Hugging Face folder, or a trained interpreter for a loaded model.</summary>
[Cmdlet(VerbsData.Import, "HyperDasModel", DefaultParameterSetName = PathSet)]
[OutputType(typeof(ModelHandle), ParameterSetName = [PathSet, LiteralPathSet])]
[OutputType(typeof(InterpreterHandle), ParameterSetName = [InterpreterSet, LiteralInterpreterSet])]
public sealed class ImportHyperDasModelCommand : ModelPathCmdlet
{
    private const string InterpreterSet = "Interpreter", LiteralInterpreterSet = "LiteralInterpreter";

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralPathSet)]
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = LiteralInterpreterSet)]
    [Alias("PSPath")]
    [AllowNull]
    [AllowEmptyString]
    public override string[] LiteralPath { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = InterpreterSet)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Interpreter { get; set; } = [];

    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InterpreterSet)]
    [Parameter(Mandatory = true, ParameterSetName = LiteralInterpreterSet)]
    [ModelTransform]
    [ArgumentCompleter(typeof(CachedModelCompleter))]
    public ModelHandle Model { get; set; } = null!;

    [Parameter(ParameterSetName = InterpreterSet)]
    [Parameter(ParameterSetName = LiteralInterpreterSet)]
    [ValidateNotNull]
    public HypernetworkOptions? NetworkOption { get; set; }

    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    [ValidateNotNullOrEmpty]
    public string? CachePath { get; set; }

    [Parameter(ParameterSetName = PathSet)]
    [Parameter(ParameterSetName = LiteralPathSet)]
    public long CacheLimit { get; set; } = ActivationFolder.DefaultByteLimit;

    private protected override void CheckParameters() =>
        ParameterLaw.ThrowIfBroken(new ExperimentTarget { CacheLimit = CacheLimit }, "OptionInvalid");

    protected override void ProcessInput()
    {
        switch (ParameterSetName)
        {
            case InterpreterSet:
                ForEach(Interpreter, path => ForEach(this.ResolveInput(path), ImportInterpreter));
                break;
            case LiteralInterpreterSet:
                ForEach(LiteralPath ?? [""], path => ForEach(this.ResolveInput(path ?? "", literal: true), ImportInterpreter));
                break;
            default:
                ForEachPath(ImportModel);
                break;
        }
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
        WriteVerbose(
            $"{model.Name}: {model.ParameterCount:N0} weights held as {model.Dtype}, computed in {model.ComputeDtype} on {model.Device} ({model.Format.Reason})");
        if (model.IsWrapping && model.Tokenizer.Chat is { } chat)
        {
            WriteVerbose($"{model.Name}: prompts are wrapped in its chat template ({chat.Form}): \"{chat.Before}<prompt>{chat.After}\"");
        }
        WriteObject(new PipedModel(model));
    }

    private void ImportInterpreter(string folder)
    {
        LanguageModel target = Open(Model).ToEngine();
        PipedInterpreter interpreter = new(Compute((_, _) => InterpreterStore.Load(folder, target, NetworkOption)), Model);
        if (InterpreterStore.IsOriginal(folder))
        {
            WriteWarning(
                $"'{folder}' is a checkpoint of the original HyperDAS, which records only the sizes of its target model: make sure that it was trained for {target.Name}.");
        }
        HandOver(Model);
        WriteObject(interpreter);
    }
}
