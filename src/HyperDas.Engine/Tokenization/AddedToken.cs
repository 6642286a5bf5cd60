namespace HyperDas.Engine.Tokenization;

/// <summary>A token that is matched in the text before anything is split or merged.</summary>
/// <param name="Id">Token id.</param>
/// <param name="Text">Its text.</param>
/// <param name="Special">Whether it is a control token, which decoding omits and user text never encodes to.</param>
/// <param name="LeftStrip">Whether it includes the white space before it.</param>
/// <param name="RightStrip">Whether it includes the white space after it.</param>
/// <param name="SingleWord">Whether it matches only where no letter, digit or underscore is adjacent.</param>
/// <param name="Normalized">Whether it is matched in the text after normalisation, and is normalised itself.</param>
internal sealed record AddedToken(
    int Id, string Text, bool Special, bool LeftStrip = false, bool RightStrip = false, bool SingleWord = false, bool Normalized = false);
