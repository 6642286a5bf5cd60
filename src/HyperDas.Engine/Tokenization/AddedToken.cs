namespace HyperDas.Engine.Tokenization;

/// <summary>A token that is found in the text before anything is split or merged.</summary>
/// <param name="Id">Token id.</param>
/// <param name="Text">What it looks like in a text.</param>
/// <param name="Special">Whether it is a mark, which decoding leaves out and which nobody's words are read as.</param>
/// <param name="LeftStrip">Whether it takes the white space before it.</param>
/// <param name="RightStrip">Whether it takes the white space after it.</param>
/// <param name="SingleWord">Whether it counts only where no letter, digit or underscore touches it.</param>
/// <param name="Normalized">Whether it is looked for in the text after normalisation, and is normalised itself.</param>
internal sealed record AddedToken(
    int Id, string Text, bool Special, bool LeftStrip = false, bool RightStrip = false, bool SingleWord = false, bool Normalized = false);
