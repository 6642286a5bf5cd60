using HyperDas.Engine.Methods.Das;
using HyperDas.Engine.Methods.Dbm;
using HyperDas.Engine.Methods.Pca;
using HyperDas.Engine.Methods.Rlap;
using HyperDas.Engine.Methods.Sae;
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
        InterpreterMethod.Pca => typeof(PcaOptions),
        InterpreterMethod.Sae => typeof(SaeOptions),
        InterpreterMethod.Rlap => typeof(RlapOptions),
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, "Not a method with a fixed position."),
    };

    /// <summary>Refuses what can't be built.</summary>
    /// <param name="options">Method and dimensions.</param>
    /// <param name="dimension">d of the target model.</param>
    /// <exception cref="HyperDasException"><c>OptionInvalid</c>; <c>MemoryInsufficient</c>.</exception>
    public static void Validate(FixedMethodOptions options, int dimension)
    {
        switch (options)
        {
            case DasOptions das:
                Dimension(das.FeatureDimension);
                break;
            case DbmOptions dbm:
                NotNegative(dbm.MaskPenalty, nameof(dbm.MaskPenalty));
                break;
            case PcaOptions pca:
                Positive(pca.ProbeStrength, nameof(pca.ProbeStrength));
                break;
            case SaeOptions sae:
                Positive(sae.ProbeStrength, nameof(sae.ProbeStrength));
                Positive(sae.LatentMultiple, nameof(sae.LatentMultiple));
                MemoryCheck.RequireTrained(2.0 * sae.LatentMultiple * dimension * dimension, $"A sparse autoencoder with {sae.LatentMultiple} times {dimension} latents", sae.LatentMultiple);
                Positive(sae.Epochs, nameof(sae.Epochs));
                Positive(sae.BatchSize, nameof(sae.BatchSize));
                Positive(sae.LearningRate, nameof(sae.LearningRate));
                NotNegative(sae.WeightDecay, nameof(sae.WeightDecay));
                NotNegative(sae.Sparsity, nameof(sae.Sparsity));
                break;
            case RlapOptions rlap:
                Dimension(rlap.FeatureDimension);
                Positive(rlap.Steps, nameof(rlap.Steps));
                Positive(rlap.BatchSize, nameof(rlap.BatchSize));
                Positive(rlap.EvaluateEvery, nameof(rlap.EvaluateEvery));
                Positive(rlap.LearningRate, nameof(rlap.LearningRate));
                NotNegative(rlap.WeightDecay, nameof(rlap.WeightDecay));
                break;
            default:
                break;
        }
        if (options is FeatureMethodOptions features)
        {
            Require(features.MaxVectors >= 2, nameof(features.MaxVectors), features.MaxVectors, "at least 2");
        }

        void Dimension(int k) => Require(k >= 1 && k <= dimension, "FeatureDimension", k, $"1 to {dimension}, the target's hidden width");

        static void NotNegative(double value, string name) => Require(double.IsFinite(value) && value >= 0, name, value, "at least 0");

        static void Positive(double value, string name) => Require(double.IsFinite(value) && value > 0, name, value, "above 0");
    }

    /// <summary>How many numbers <see cref="CreateModules"/> registers, without making them.</summary>
    /// <param name="options">Method and dimensions.</param>
    /// <param name="dimension">d of the target model.</param>
    /// <param name="concepts">The concepts.</param>
    public static double StoredNumbers(FixedMethodOptions options, int dimension, IReadOnlyList<ConceptKey> concepts)
    {
        double d = dimension, domains = concepts.Select(c => c.Domain).Distinct().Count();
        return options switch
        {
            DasOptions das => concepts.Count * ((d * d) + (d * das.FeatureDimension)),
            DbmOptions => concepts.Count * d,
            PcaOptions => (concepts.Count * d) + (domains * ((d * d) + (2 * d))),
            SaeOptions { LatentMultiple: var multiple } => (concepts.Count * multiple * d) + (domains * ((2 * multiple * d * d) + (multiple * d) + d + 1)),
            RlapOptions rlap => concepts.Count * d * rlap.FeatureDimension,
            _ => 0,
        };
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
        Dictionary<string, PrincipalComponents> components = [];
        Dictionary<string, SparseAutoencoder> autoencoders = [];
        return [.. concepts.Select(concept =>
        {
            using Generator generator = new(new SeededRandom(seed, concept.ToString()).NextBits(), CPU);
            return Create(concept, Prefix(concept), generator);
        })];

        ConceptModule Create(ConceptKey concept, string prefix, Generator generator) => options switch
        {
            DasOptions das => new DasModule(store, prefix, dimension, das.FeatureDimension, generator),
            DbmOptions dbm => new DbmModule(store, prefix, dimension, dbm.MaskPenalty),
            PcaOptions pca => new PcaModule(store, prefix, Shared(components, concept, p => new PrincipalComponents(store, p, dimension)), pca.LiteralFormula),
            SaeOptions sae => new SaeModule(
                store, prefix, Shared(autoencoders, concept, p => new SparseAutoencoder(store, p, dimension, sae.LatentMultiple * dimension, generator)), sae.AddError),
            RlapOptions rlap => new RlapModule(store, prefix, dimension, rlap.FeatureDimension),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options, "Unknown method."),
        };

        static T Shared<T>(Dictionary<string, T> made, ConceptKey concept, Func<string, T> make)
        {
            if (!made.TryGetValue(concept.Domain, out T? shared))
            {
                made[concept.Domain] = shared = make(Prefix(concept.Domain));
            }
            return shared;
        }
    }

    /// <summary>What the names on disk of a domain's shared parameters begin with, e.g. <c>city/</c>.</summary>
    /// <param name="domain">Domain.</param>
    public static string Prefix(string domain) => $"{domain}/";

    /// <summary>What the names of a concept's parameters on disk begin with, e.g. <c>city/Country/</c>.</summary>
    /// <param name="concept">The concept.</param>
    public static string Prefix(ConceptKey concept) => $"{concept.Domain}/{concept.Attribute}/";

    private static void Require(bool holds, string name, double value, string right)
    {
        if (!holds)
        {
            throw new HyperDasException("OptionInvalid", HyperDasErrorKind.InvalidArgument, $"{name} is {value}; it must be {right}.", value);
        }
    }
}
