using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods.Das;
using HyperDas.Engine.Methods.Dbm;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Methods.Pca;
using HyperDas.Engine.Methods.Rlap;
using HyperDas.Engine.Methods.Sae;
using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Methods;

/// <summary>
/// The available methods. A new one needs a folder, a record of options, a name in <see cref="InterpreterMethod"/>, and a line here.
/// </summary>
public static class MethodCatalog
{
    /// <summary>All methods, in the order of <see cref="InterpreterMethod"/>.</summary>
    public static IReadOnlyList<MethodDescription> All { get; } =
    [
        new HyperDasMethod(),
        new MdasMethod(),
        new DasMethod(),
        new DbmMethod(),
        new PcaMethod(),
        new SaeMethod(),
        new RlapMethod(),
    ];

    /// <summary>A method's description.</summary>
    /// <param name="method">The method.</param>
    /// <exception cref="HyperDasException"><c>MethodUnknown</c>: a number that is no method.</exception>
    public static MethodDescription Of(InterpreterMethod method) => All.FirstOrDefault(m => m.Method == method)
        ?? throw new HyperDasException(
        "MethodUnknown", HyperDasErrorKind.InvalidArgument,
        $"Unknown method '{method}'; the methods are {string.Join(", ", All.Select(m => m.Method))}.", method);

    /// <summary>The description of the method that options belong to.</summary>
    /// <param name="options">The options.</param>
    public static MethodDescription Of(MethodOptions options) => Of(options.Method);

    /// <summary>The methods for which a setting has a meaning; none for an unknown name.</summary>
    /// <param name="name">As for <see cref="MethodDescription.Knows"/>.</param>
    public static IReadOnlyList<InterpreterMethod> With(string name) => [.. All.Where(m => m.Knows(name)).Select(m => m.Method)];

    /// <summary>Creates an untrained interpreter, see <see cref="MethodDescription.Create"/>.</summary>
    /// <param name="target">The target model.</param>
    /// <param name="options">Its parts; determines the method.</param>
    /// <param name="concepts">The concepts to learn separately.</param>
    /// <param name="seed">Seed of the initialisation.</param>
    public static Interpreter Create(LanguageModel target, MethodOptions options, IReadOnlyList<ConceptKey> concepts, long seed) =>
        Of(options).Create(target, options, concepts, seed);
}
