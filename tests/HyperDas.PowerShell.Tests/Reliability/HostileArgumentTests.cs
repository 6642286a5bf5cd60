using System.Collections;
using System.Management.Automation;
using Xunit;
using Xunit.Abstractions;

namespace HyperDas.PowerShell.Tests.Reliability;

/// <summary>
/// Every parameter of every cmdlet with unsuitable values: success, or one error record with its own id and a category, never a crash, a
/// hang or a raw exception. Cmdlets and parameters are those that the module exports, so new ones are covered automatically.
/// </summary>
[Trait("Lane", "Second")]
public sealed class HostileArgumentTests(HostileSession session, ITestOutputHelper log) : IClassFixture<HostileSession>
{
    public static TheoryData<string> Cmdlets => [.. ValidCalls.All.Select(c => c.Cmdlet).Distinct()];

    public static TheoryData<int> Calls => [.. Enumerable.Range(0, ValidCalls.All.Length)];

    [Fact]
    public void Every_cmdlet_has_a_valid_call() =>
        Assert.Empty(session.Evaluate("(Get-Command -Module HyperDas).Name").Select(n => n.ToString())
            .Except(ValidCalls.All.Select(c => c.Cmdlet)));

    [Theory]
    [MemberData(nameof(Calls))]
    public void The_valid_calls_are_valid(int index)
    {
        ValidCall call = ValidCalls.All[index];
        if (call.Set == "Config")
        {
            // The document has a sweep, which the command correctly refuses; variations of the call are tested below.
            return;
        }

        Assert.Empty(session.Call(call.Cmdlet, session.Arguments(call.Arguments)).Select(e => $"{call}: {e}"));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Whatever_a_parameter_is_given_there_is_one_clear_error_at_most(string name)
    {
        List<string> faults = [];
        int calls = 0;
        foreach (ParameterMetadata parameter in Parameters(name))
        {
            ValidCall[] bases =
                [.. ValidCalls.All.Where(c => c.Cmdlet == name && (c.Only?.Contains(parameter.Name) ?? IsIn(parameter, c.Set)))];
            Assert.True(bases.Length > 0, $"{name} has no valid call for -{parameter.Name}; add one to ValidCalls.");
            // A parameter of several sets means the same in each.
            foreach (ValidCall call in bases.Where(c => c == bases[0] || c.Only is not null))
            {
                foreach (HostileValue value in HostileValues.For(session, parameter.ParameterType, OptionType(call, parameter)))
                {
                    calls++;
                    Dictionary<string, object?> arguments = session.Arguments(call.Arguments);
                    arguments[parameter.Name] = Over(arguments.GetValueOrDefault(parameter.Name), value.Value);
                    faults.AddRange(Faults(session.Call(name, arguments))
                        .Select(fault => $"{call} -{parameter.Name} {value.Name}: {fault}"));
                }
            }
        }
        log.WriteLine($"{name}: {calls} calls");

        Assert.True(faults.Count == 0, string.Join("\n", faults));
    }

    private static IEnumerable<string> Faults(IReadOnlyList<ErrorRecord> errors)
    {
        if (errors.Count > 1)
        {
            yield return $"{errors.Count} errors: {string.Join("; ", errors.Select(e => e.FullyQualifiedErrorId))}";
        }
        foreach (ErrorRecord error in errors)
        {
            string id = error.FullyQualifiedErrorId.Split(',')[0];
            if (id.Length == 0 || id == "EngineFailed" || id.Contains('.', StringComparison.Ordinal)
                || id.EndsWith("Exception", StringComparison.Ordinal))
            {
                yield return $"{id}: {error.Exception.GetType().Name}: {error.Exception.Message.Split('\n')[0]} {error.Exception.StackTrace?.Split('\n').FirstOrDefault(l => l.Contains("HyperDas.", StringComparison.Ordinal))?.Trim()}";
            }
            else if (error.CategoryInfo.Category == ErrorCategory.NotSpecified)
            {
                yield return $"{id} has no category";
            }
        }
    }

    // One hostile option among valid ones.
    private static object? Over(object? valid, object? hostile)
    {
        if (valid is not Hashtable options || hostile is not Hashtable changes)
        {
            return hostile;
        }
        Hashtable both = new(options, StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry change in changes)
        {
            both[change.Key] = change.Value;
        }
        return both;
    }

    private static bool IsIn(ParameterMetadata parameter, string set) =>
        parameter.ParameterSets.ContainsKey(set) || parameter.ParameterSets.ContainsKey(ParameterAttribute.AllParameterSets);

    private static Type? OptionType(ValidCall call, ParameterMetadata parameter)
    {
        string? declared = call.Options.FirstOrDefault(o => o.Parameter == parameter.Name).Type
            ?? (parameter.ParameterType.Name.EndsWith("Options", StringComparison.Ordinal) ? parameter.ParameterType.FullName : null);
        return declared is null ? null : parameter.ParameterType.Assembly.GetType(declared)
            ?? typeof(HyperDasException).Assembly.GetType(declared, throwOnError: true);
    }

    private IEnumerable<ParameterMetadata> Parameters(string cmdlet) =>
        ((CmdletInfo)session.Evaluate("Get-Command $args[0]", cmdlet).Single().BaseObject).Parameters.Values
        .Where(p => !PSCmdlet.CommonParameters.Contains(p.Name) && !PSCmdlet.OptionalCommonParameters.Contains(p.Name));
}
