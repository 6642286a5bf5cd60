using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace HyperDas.Completers;

/// <summary>The input of a command that is being completed: from one of its parameters, or from a variable before its pipe.</summary>
internal static class PipedInput
{
    /// <summary>The objects, unwrapped; none where they can't be known without running anything.</summary>
    /// <param name="bound">The command's bound parameters.</param>
    /// <param name="parameter">The parameter that accepts pipeline input.</param>
    /// <param name="command">The command.</param>
    public static IEnumerable<object> Of(IDictionary bound, string parameter, CommandAst command)
    {
        object? value = bound[parameter] ?? (Before(command) is CommandExpressionAst before && IsPlain(before.Expression)
            ? Value(before.Expression.Extent.Text)
            : null);
        IEnumerable objects = value is null ? Array.Empty<object>() : LanguagePrimitives.GetEnumerable(value) ?? new[] { value };
        return objects.Cast<object?>().OfType<object>().Select(item => PSObject.AsPSObject(item).BaseObject);
    }

    /// <summary>The command or expression before the command's pipe, or null.</summary>
    /// <param name="command">The command.</param>
    public static CommandBaseAst? Before(CommandAst command) =>
        command.Parent is PipelineAst pipeline && pipeline.PipelineElements.IndexOf(command) is > 0 and int place
            ? pipeline.PipelineElements[place - 1]
            : null;

    /// <summary>All that stands before the command in its pipeline, nearest first: filters may be between.</summary>
    /// <param name="command">The command.</param>
    public static IEnumerable<CommandBaseAst> AllBefore(CommandAst command) =>
        command.Parent is PipelineAst pipeline
            ? pipeline.PipelineElements.Take(Math.Max(0, pipeline.PipelineElements.IndexOf(command))).Reverse()
            : [];

    // A variable, its element, or its property: what is there already.
    private static bool IsPlain(ExpressionAst expression) => expression switch
    {
        VariableExpressionAst => true,
        IndexExpressionAst index => IsPlain(index.Target) && index.Index is ConstantExpressionAst or VariableExpressionAst,
        InvokeMemberExpressionAst => false,
        MemberExpressionAst member => IsPlain(member.Expression) && member.Member is ConstantExpressionAst,
        _ => false,
    };

    private static object? Value(string expression)
    {
        using PowerShell shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        // As one object: a list must not be enumerated.
        return shell.AddScript(", (" + expression + ")").Invoke().FirstOrDefault();
    }
}
