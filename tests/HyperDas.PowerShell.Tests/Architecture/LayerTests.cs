using System.Reflection;
using ArchUnitNET.Domain;
using Xunit;

namespace HyperDas.PowerShell.Tests.Architecture;

/// <summary>The layers point in one direction, and what is each layer's own stays in it.</summary>
public sealed class LayerTests
{
    private const string Abstractions =
        "HyperDas.Abstractions", Engine = "HyperDas.Engine", Cmdlets = "HyperDas.PowerShell", Shell = "hyperdas";

    [Theory]
    [InlineData(Abstractions, "System.Management.Automation.", "TorchSharp.", "HyperDas.Engine.", "HyperDas.Commands.", "HyperDas.Shell.")]
    [InlineData(Engine, "System.Management.Automation.", "Microsoft.PowerShell.", "HyperDas.Commands.", "HyperDas.Pump.",
        "HyperDas.Handles.", "HyperDas.Shell.")]
    [InlineData(Cmdlets, "TorchSharp.", "HyperDas.Shell.")]
    [InlineData(Shell, "TorchSharp.", "HyperDas.Engine.", "HyperDas.Commands.", "HyperDas.Handles.")]
    public void A_layer_knows_nothing_of(string assembly, params string[] forbidden)
    {
        IType[] types = [.. Layers.Of(assembly)];

        Assert.NotEmpty(types);
        Assert.Empty(
            from type in types
            from used in Layers.Uses(type)
            where forbidden.Any(f => used.StartsWith(f, StringComparison.Ordinal))
            select $"{type.FullName} uses {used}");
    }

    [Theory]
    [InlineData(Cmdlets, "HyperDas.Commands.MeasureRavelScoreCommand", "HyperDas.Engine.Evaluation.RavelScorer")]
    [InlineData(Engine, "HyperDas.Engine.Evaluation.RavelScorer", "HyperDas.Engine.Methods.Interpreter")]
    [InlineData(Engine, "HyperDas.Engine.Interventions.HouseholderSubspace", "TorchSharp.torch/Tensor")]
    public void The_rules_see_what_a_type_uses_in_lambdas_signatures_and_bodies(string assembly, string type, string used)
    {
        Assert.Contains(Layers.Uses(Layers.Of(assembly).Single(t => t.FullName == type)), u => u.Replace('+', '/') == used);
    }

    [Fact]
    public void Abstractions_need_nothing_but_the_framework()
    {
        IEnumerable<string?> references = typeof(HyperDasException).Assembly.GetReferencedAssemblies().Select(a => a.Name);

        Assert.DoesNotContain(references, name => name is null || !(name.StartsWith("System.", StringComparison.Ordinal)
            || name is "netstandard" or "mscorlib"));
    }

    // Formats that execute code from the file when they are read: pickle, TorchScript, serialised .NET objects, assemblies.
    [Fact]
    public void The_engine_reads_no_format_that_can_run_code()
    {
        string[] types =
        [
            "TorchSharp.torch+jit", "TorchSharp.PyBridge", "Razorvine.Pickle", "System.Runtime.Serialization.Formatters",
            "Microsoft.CodeAnalysis"
        ];
        string[] methods =
        [
            "TorchSharp.torch::load(", "::load_state_dict(", "+Module::load(", "System.Reflection.Assembly::Load",
            "AssemblyLoadContext::LoadFrom", "System.Type::GetType(System.String", "System.Activator::CreateInstance(System.String"
        ];
        ArchUnitNET.Domain.Dependencies.ITypeDependency[] uses = [.. Layers.Of("HyperDas.Engine").SelectMany(t => t.Dependencies)];

        Assert.Contains(uses.OfType<ArchUnitNET.Domain.Dependencies.MethodCallDependency>(), d => d.TargetMember.FullName.Contains(
            "TorchSharp.torch::empty(", StringComparison.Ordinal));
        Assert.Empty(uses.Select(d => d.Target.FullName)
            .Where(name => types.Any(t => name.StartsWith(t, StringComparison.Ordinal))).Distinct());
        Assert.Empty(uses.OfType<ArchUnitNET.Domain.Dependencies.MethodCallDependency>().Select(d => d.TargetMember.FullName)
            .Where(name => methods.Any(m => name.Contains(m, StringComparison.Ordinal))).Distinct());
    }

    [Fact]
    public void Public_members_of_Abstractions_have_types_of_the_framework_or_their_own()
    {
        System.Reflection.Assembly own = typeof(HyperDasException).Assembly;
        IEnumerable<(MemberInfo Member, Type Type)> used = own.GetExportedTypes().SelectMany(t => t.GetMembers()).SelectMany(Signature);

        Assert.Empty(used.Where(u => u.Type.Assembly != own && u.Type.Namespace?.StartsWith("System", StringComparison.Ordinal) != true)
            .Select(u => $"{u.Member.DeclaringType}.{u.Member.Name}: {u.Type}"));
    }

    [Fact]
    public void Cmdlets_return_types_of_Abstractions_the_framework_or_PowerShell()
    {
        using ModuleSession session = new();
        Outcome returned = session.Run("(Get-Command -Module HyperDas).OutputType.Type");

        Assert.NotEmpty(returned.Output);
        Assert.All(returned.Output.Select(o => (Type)o.BaseObject), t => Assert.True(
            IsOf(t, Abstractions, "System.Management.Automation"), t.AssemblyQualifiedName));
    }

    [Fact]
    public void Cmdlets_take_types_of_Abstractions_the_framework_or_PowerShell()
    {
        using ModuleSession session = new();
        Outcome taken = session.Run("(Get-Command -Module HyperDas).Parameters.Values.ParameterType");

        Assert.NotEmpty(taken.Output);
        Assert.All(
            taken.Output.Select(o => (Type)o.BaseObject).Select(t => Nullable.GetUnderlyingType(t) ?? t.GetElementType() ?? t),
            t => Assert.True(IsOf(t, Abstractions, "System.Management.Automation"), t.AssemblyQualifiedName));
    }

    private static bool IsOf(Type type, params string[] assemblies) =>
        type.Assembly == typeof(object).Assembly || type.Assembly == typeof(Uri).Assembly
            || assemblies.Contains(type.Assembly.GetName().Name);

    private static IEnumerable<(MemberInfo, Type)> Signature(MemberInfo member) => (member switch
    {
        MethodBase method => [.. method.GetParameters().Select(p => p.ParameterType), (method as MethodInfo)?.ReturnType ?? typeof(void)],
        PropertyInfo property => [property.PropertyType],
        FieldInfo field => [field.FieldType],
        EventInfo e => [e.EventHandlerType!],
        _ => Array.Empty<Type>(),
    }).SelectMany(Parts).Select(type => (member, type));

    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!) : type.IsGenericParameter
            ? []
            : [type, .. type.GetGenericArguments().SelectMany(Parts)];
}
