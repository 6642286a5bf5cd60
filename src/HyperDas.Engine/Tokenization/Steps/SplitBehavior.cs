namespace HyperDas.Engine.Tokenization.Steps;

/// <summary>Treatment of the matches of a splitting pattern, by Hugging Face's names.</summary>
internal enum SplitBehavior
{
    /// <summary>They are dropped.</summary>
    Removed,

    /// <summary>Each is a piece.</summary>
    Isolated,

    /// <summary>Each belongs to the piece before it.</summary>
    MergedWithPrevious,

    /// <summary>Each belongs to the piece after it.</summary>
    MergedWithNext,

    /// <summary>Adjacent ones are one piece.</summary>
    Contiguous,
}
