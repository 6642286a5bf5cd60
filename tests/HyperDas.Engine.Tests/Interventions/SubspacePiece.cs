using HyperDas.Engine.Interventions;
using HyperDas.Engine.Numerics;
using HyperDas.Engine.Tests.Golden;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Interventions;

/// <summary>One of the original's subspace modules (d = 12, k = 4) with the original's parameters, and the vectors it was run on.</summary>
internal sealed class SubspacePiece : IDisposable
{
    private const int Width = 12, Rank = 4, Inner = 20;
    private readonly string _name;

    internal SubspacePiece(string name)
    {
        _name = name;
        Case = GoldenCase.Open("subspace_pieces");
        using Generator random = new(1, CPU);
        Subspace = name switch
        {
            "reflect" => new HouseholderSubspace(Store, Width, Rank, reflections: 1, Inner, span: 0, random),
            "lowrank" => new LowRankSubspace(Store, Width, Rank, random),
            "mask" => new MaskSubspace(Store, Width, Rank, Inner, random),
            "boundless" => new BoundlessSubspace(Store, Width, random),
            _ => throw new ArgumentOutOfRangeException(nameof(name)),
        };
        Store.Seal();
        Store.Restore((parameter, _) => Case[$"{name}/param/{Original(parameter)}"]);
        Base = Case["base"].requires_grad_();
        Source = Case["source"].requires_grad_();
        Instructions = Case["hidden"].requires_grad_();
    }

    internal GoldenCase Case { get; }

    internal ParameterStore Store { get; } = new(CPU);

    internal Subspace Subspace { get; }

    internal Tensor Base { get; }

    internal Tensor Source { get; }

    /// <summary>The instructions' last hidden vectors are what the subspace is made from, <c>[batch, length, d]</c>.</summary>
    internal Tensor Instructions { get; }

    internal Tensor this[string tensor] => Case[$"{_name}/{tensor}"];

    /// <summary>Name in the fixture.</summary>
    internal static string Original(string parameter) => parameter["das_module.".Length..];

    /// <summary>Source swapped into base, as far as the subspace goes.</summary>
    internal Tensor Patched() => Base + Subspace.Prepare(Instructions.select(1, -1))(Source - Base);

    public void Dispose()
    {
        Store.Dispose();
        Case.Dispose();
    }
}
