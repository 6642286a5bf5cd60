using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>A change of the residual stream while a prompt is read; tokens generated afterwards aren't edited again.</summary>
/// <param name="Layer">Intervention layer: the hidden state to replace, 0 (embeddings) to L.</param>
/// <param name="Apply">
/// Gets hidden_states[Layer] of the right-padded batch, <c>[batch, columns, hidden]</c>, and returns what shall stand in its place, of the
/// same shape. A prompt of n tokens fills the first n columns.
/// </param>
public sealed record HiddenEdit(int Layer, Func<Tensor, Tensor> Apply);
