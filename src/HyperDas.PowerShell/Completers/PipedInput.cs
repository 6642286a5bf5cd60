using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace HyperDas.Completers;

/// <summary>
/// What a command that is being completed will get: from a parameter that is there already, or from a variable before its pipe.
/// </summary>
internal static class PipedInput
{
    /// <summary>The objects, unwrapped; none where they can't be known without running anything.</summary>
    /// <param name="bound">Parameters that are there.</param>
    /// <param name="parameter">The one that takes the pipeline's objects.</param>
    /// <param name="command">The command.</param>
    public static IEnumerable<object> Of(IDictionary bound, string parameter, CommandAst command)
    {
        object? value = bound[parameter] ?? (Before(command) is CommandExpressionAst { Expression: VariableExpressionAst variable }
            ? Value(variable.VariablePath.UserPath)
            : null);
        IEnumerable objects = value is null ? Array.Empty<object>() : LanguagePrimitives.GetEnumerable(value) ?? new[] { value };
        return objects.Cast<object?>().OfType<object>().Select(item => PSObject.AsPSObject(item).BaseObject);
    }

    /// <summary>What stands before the command's pipe, or null.</summary>
    /// <param name="command">The command.</param>
    public static CommandBaseAst? Before(CommandAst command) =>
        command.Parent is PipelineAst pipeline && pipeline.PipelineElements.IndexOf(command) is > 0 and int place
            ? pipeline.PipelineElements[place - 1]
            : null;

    private static object? Value(string variable)
    {
        using PowerShell shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        // As one object: a list mustn't fall apart.
        return shell.AddScript("param($name) , $ExecutionContext.SessionState.PSVariable.GetValue($name)").AddArgument(variable)
            .Invoke().FirstOrDefault();
    }
}
