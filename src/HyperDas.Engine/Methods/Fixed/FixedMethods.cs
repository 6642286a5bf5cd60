using HyperDas.Engine.Methods.Das;
using HyperDas.Engine.Methods.Dbm;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Ravel;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Methods.Fixed;

/// <summary>The methods with a fixed position, by their options.</summary>
internal static class FixedMethods
{
    /// <summary>The record that holds a method's options.</summary>
    /// <param name="method">Any but HyperDas.</param>
    public static Type OptionsType(InterpreterMethod method) => method switch
    {
        InterpreterMethod.Mdas => typeof(MdasOptions),
        InterpreterMethod.Das => typeof(DasOptions),
        InterpreterMethod.Dbm => typeof(DbmOptions),
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, "Not a method with a fixed position."),
    };

    /// <summary>Refuses what can't be built.</summary>
    /// <param name="options">Method and dimensions.</param>
    /// <param name="dimension">d of the target model.</param>
    /// <exception cref="HyperDasException"><c>OptionInvalid</c>.</exception>
    public static void Validate(FixedMethodOptions options, int dimension)
    {
        switch (options)
        {
            case DasOptions das:
                Require(
                    das.FeatureDimension >= 1 && das.FeatureDimension <= dimension, nameof(das.FeatureDimension), das.FeatureDimension,
                    $"1 to {dimension}, the target's hidden width");
                break;
            case DbmOptions dbm:
                Require(double.IsFinite(dbm.MaskPenalty) && dbm.MaskPenalty >= 0, nameof(dbm.MaskPenalty), dbm.MaskPenalty, "at least 0");
                break;
            default:
                break;
        }
    }

    /// <summary>Builds the modules of all concepts.</summary>
    /// <param name="options">Method and dimensions.</param>
    /// <param name="store">Where their state lives.</param>
    /// <param name="dimension">d of the target model.</param>
    /// <param name="concepts">The concepts.</param>
    /// <param name="seed">Seed of random starts.</param>
    public static ConceptModule[] CreateModules(
        FixedMethodOptions options, ParameterStore store, int dimension, IReadOnlyList<ConceptKey> concepts, long seed)
    {
        return [.. concepts.Select(concept =>
        {
            using Generator generator = new(new SeededRandom(seed, concept.ToString()).NextBits(), CPU);
            return Create(concept, generator);
        })];

        ConceptModule Create(ConceptKey concept, Generator generator) => options switch
        {
            DasOptions das => new DasModule(store, Prefix(concept), dimension, das.FeatureDimension, generator),
            DbmOptions dbm => new DbmModule(store, Prefix(concept), dimension, dbm.MaskPenalty),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options, "Unknown method."),
        };
    }

    /// <summary>What the names of a concept's parameters on disk begin with, e.g. <c>city/Country/</c>.</summary>
    public static string Prefix(ConceptKey concept) => $"{concept.Domain}/{concept.Attribute}/";

    private static void Require(bool holds, string name, double value, string right)
    {
        if (!holds)
        {
            throw new HyperDasException("OptionInvalid", HyperDasErrorKind.InvalidArgument, $"{name} is {value}; it must be {right}.", value);
        }
    }
}
