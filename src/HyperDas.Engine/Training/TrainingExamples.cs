using HyperDas.Engine.Ravel;

namespace HyperDas.Engine.Training;

/// <summary>The training examples by epoch; each epoch has the same number.</summary>
/// <param name="first">Examples of the first epoch, and of all if none are drawn.</param>
/// <param name="draw">Draws the examples of an epoch after the first; null to repeat the first ones.</param>
internal sealed class TrainingExamples(IReadOnlyList<TokenizedExample> first, Func<int, IReadOnlyList<TokenizedExample>>? draw = null)
{
    private (int Epoch, IReadOnlyList<TokenizedExample> Examples) _last = (0, first);

    /// <summary>Examples of the first epoch.</summary>
    public IReadOnlyList<TokenizedExample> First => first;

    /// <summary>Number of examples in an epoch.</summary>
    public int Count => first.Count;

    /// <summary>Whether each epoch has examples of its own.</summary>
    public bool AreDrawnAnew => draw is not null;

    /// <summary>Examples of an epoch.</summary>
    /// <param name="epoch">0-based.</param>
    public IReadOnlyList<TokenizedExample> Of(int epoch)
    {
        if (_last.Epoch != epoch)
        {
            _last = (epoch, epoch == 0 || draw is null ? first : draw(epoch));
        }
        return _last.Examples;
    }
}
