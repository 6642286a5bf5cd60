using System.Management.Automation;

namespace HyperDas.Handles;

/// <summary>Interprets arguments for a model or an interpreter.</summary>
internal static class HandleArgument
{
    private const string Left = "Deserialized.HyperDas.";

    /// <summary>The object itself, without PowerShell's wrapper.</summary>
    /// <param name="input">An argument.</param>
    public static object? Unwrap(object? input) => input is PSObject { BaseObject: not PSCustomObject } wrapped
        ? wrapped.BaseObject
        : input;

    /// <summary>The interpreter in an argument: itself, a training's, or that of a record with a property of that name.</summary>
    /// <param name="input">An argument.</param>
    /// <returns>The interpreter; null for any other argument.</returns>
    /// <exception cref="ArgumentTransformationMetadataException">It is from another process.</exception>
    public static InterpreterHandle? Interpreter(object? input)
    {
        ThrowIfFromElsewhere(input);
        switch (Unwrap(input))
        {
            case InterpreterHandle interpreter:
                return interpreter;
            case OpenHandle { Handle: InterpreterHandle interpreter }:
                return interpreter;
            case TrainingResult result:
                return result.Interpreter;
            case PSObject record:
                object? part = record.Properties[nameof(TrainingResult.Interpreter)]?.Value;
                ThrowIfFromElsewhere(part);
                return Unwrap(part) as InterpreterHandle;
            default:
                return null;
        }
    }

    /// <summary>The model in an argument: itself, an interpreter's, or the one in a folder.</summary>
    /// <param name="input">An argument.</param>
    /// <returns>The model; null for any other argument.</returns>
    /// <exception cref="ArgumentTransformationMetadataException">It is from another process.</exception>
    public static ModelHandle? Model(object? input)
    {
        ThrowIfFromElsewhere(input);
        return Unwrap(input) switch
        {
            ModelHandle model => model,
            OpenHandle { Handle: ModelHandle model } => model,
            string path when !string.IsNullOrWhiteSpace(path) => PipedModel.At(path),
            FileSystemInfo folder => PipedModel.At(folder.FullName),
            PathInfo path => PipedModel.At(path.ProviderPath),
            _ => Interpreter(input)?.Model,
        };
    }

    /// <summary>The error for any other argument.</summary>
    /// <param name="needed">What is required instead.</param>
    /// <param name="input">The argument.</param>
    public static ArgumentTransformationMetadataException Refusal(string needed, object? input) =>
        new($"{needed}; this is {Describe(Unwrap(input))}.");

    private static string Describe(object? item) => item switch
    {
        null => "nothing",
        ModelHandle model => $"the model '{model}'",
        InterpreterHandle interpreter => $"the interpreter '{interpreter}'",
        string text => $"the text '{text}'",
        PSObject row => $"the record {row}",
        RavelDomain domain => $"the domain '{domain}'",
        RavelDataset dataset => $"the dataset '{dataset}'",
        _ => $"{Article(item.GetType().Name)} {item.GetType().Name}",
    };

    private static string Article(string name) => "AEIOU".Contains(name[0], StringComparison.Ordinal) ? "an" : "a";

    // Start-Job, remoting and Import-Clixml return only a description.
    private static void ThrowIfFromElsewhere(object? input)
    {
        if (input is not PSObject described)
        {
            return;
        }
        if (described.TypeNames.Contains(Left + nameof(ModelHandle)))
        {
            throw new ArgumentTransformationMetadataException(
                $"A model can't leave the process that loaded it; this is only a description of one. Load it here: Import-HyperDasModel '{described.Properties[nameof(ModelHandle.Path)]?.Value}'.");
        }
        if (described.TypeNames.Contains(Left + nameof(InterpreterHandle)) || described.TypeNames.Contains(Left + nameof(TrainingResult)))
        {
            throw new ArgumentTransformationMetadataException(
                "An interpreter can't leave the process that trained or loaded it; this is only a description of one. "
                + "Save it with Export-HyperDasInterpreter or Start-HyperDasTraining -OutputPath, and open the folder here with Import-HyperDasModel -Interpreter.");
        }
    }
}
