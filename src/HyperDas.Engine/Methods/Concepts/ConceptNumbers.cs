namespace HyperDas.Engine.Methods.Concepts;

/// <summary>Fitted numbers of a <see cref="ConceptClassifier"/>, in row-major order.</summary>
/// <param name="Descriptions">Weights of the known descriptions, <c>[descriptions, classes]</c>.</param>
/// <param name="States">Weights of the target's states after standardising, <c>[width, classes]</c>.</param>
/// <param name="Biases">Biases of the classes, <c>[classes]</c>.</param>
/// <param name="Mean">Means of the states of the known descriptions, <c>[width]</c>.</param>
/// <param name="Scale">Their standard deviations, above 0, <c>[width]</c>.</param>
internal sealed record ConceptNumbers(float[] Descriptions, float[] States, float[] Biases, float[] Mean, float[] Scale);
