using static TorchSharp.torch;

namespace HyperDas.Engine.Numerics;

/// <summary>Moments of some numbers of one parameter, on the processor.</summary>
/// <param name="Format">What they are held in.</param>
/// <param name="First">First moments, <c>[numbers]</c>.</param>
/// <param name="Second">Second moments, <c>[numbers]</c>.</param>
/// <param name="FirstBase">Bases of the first ones' blocks, or null.</param>
/// <param name="SecondBase">Bases of the second ones' blocks, or null.</param>
internal readonly record struct MomentPiece(MomentFormat Format, Tensor First, Tensor Second, Tensor? FirstBase, Tensor? SecondBase);
