using static TorchSharp.torch;

namespace HyperDas.Engine.LanguageModels;

/// <summary>An edit of the residual stream in the prompt's pass; tokens generated afterwards aren't edited.</summary>
/// <param name="Layer">Intervention layer: the hidden state to replace, 0 (embeddings) to L.</param>
/// <param name="Apply">Receives hidden_states[Layer] of the right-padded batch, <c>[batch, columns, hidden]</c>, and returns its
/// replacement of the same shape. A prompt of n tokens occupies the first n columns.</param>
public sealed record HiddenEdit(int Layer, Func<Tensor, Tensor> Apply);
