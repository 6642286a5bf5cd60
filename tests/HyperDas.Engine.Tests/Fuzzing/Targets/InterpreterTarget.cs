using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Methods.Fixed;
using HyperDas.Engine.Methods.HyperDas;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Tests.LanguageModels;

namespace HyperDas.Engine.Tests.Fuzzing.Targets;

/// <summary>Folders of interpreters of several methods, for a target model that isn't damaged.</summary>
internal sealed class InterpreterTarget : FuzzTarget
{
    private readonly LanguageModel _model = TinyLlama.Create(
        TinyLlama.TextConfig with { BlockCount = 2, HiddenSize = 8, InnerWidth = 8, HeadCount = 2, KeyValueHeadCount = 1, HeadWidth = 4 });

    public InterpreterTarget()
    {
        ConceptKey[] concepts = [new("city", "Country"), new("city", "Language")];
        Seeds =
        [
            Saved(new HyperDasInterpreter(_model,
                new HypernetworkOptions { Layer = 1, Blocks = 1, Reflections = 2, FeatureDimension = 3, SubspaceInner = 8 }, seed: 1)),
            .. ((FixedMethodOptions[])[
                new MdasOptions { Layer = 1, FeatureDimension = 2 }, new DasOptions { Layer = 1, FeatureDimension = 2 },
                new DbmOptions { Layer = 1 }, new PcaOptions { Layer = 1 },
                new SaeOptions { Layer = 1, LatentMultiple = 2 }, new RlapOptions { Layer = 1, FeatureDimension = 2 },
            ]).Select(options => Saved((FixedPositionInterpreter)MethodCatalog.Create(_model, options, concepts, seed: 1))),
        ];
    }

    internal override string Name => "interpreter";

    internal override IReadOnlyList<FuzzFile[]> Seeds { get; }

    internal override IReadOnlyList<string> Words =>
    [
        "formatVersion", "method", "HyperDas", "Mdas", "Sae", "Pca", "17", "options", "concepts", "training", "layer", "featureDimension",
        "latentMultiple", "subspaceInner", "subspaceSpan", "blocks", "subspace",
        "boundless", "mask", "lowRank", "none", "domain", "attribute", "targetFingerprint", "F32", "I64", "BOOL", "shape",
    ];

    internal override void Read(string folder)
    {
        using Interpreter interpreter = InterpreterStore.Load(folder, _model);
        _ = (interpreter.ToString(), interpreter.FeatureDimension, interpreter.ParameterCount, interpreter.TrainedWith?.ToString());
    }

    public override void Dispose() => _model.Dispose();

    private static FuzzFile[] Saved(Interpreter interpreter)
    {
        using TemporaryFolder folder = new();
        InterpreterStore.Save(interpreter, folder.Path);
        interpreter.Dispose();
        return FuzzFile.Of(folder.Path, FuzzFile.KindOf);
    }
}
