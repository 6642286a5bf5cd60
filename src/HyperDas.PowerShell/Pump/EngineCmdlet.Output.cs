namespace HyperDas.Pump;

/// <content>The one rule of what writes: see <see cref="IWriterCommand"/>.</content>
public abstract partial class EngineCmdlet
{
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    /// <summary>Whether the command may write: nothing is replaced unasked, the user agrees, and it is possible.</summary>
    /// <param name="target">What <c>-WhatIf</c> and <c>-Confirm</c> name.</param>
    /// <param name="action">What is done.</param>
    /// <param name="own">Whether what is there is the work's own, which it goes on with.</param>
    /// <param name="places">Everything that it writes.</param>
    /// <exception cref="HyperDasException"><c>OutputExists</c>, <c>WriteFailed</c>.</exception>
    private protected bool MayWrite(string target, string action, bool own, params OutputPlace[] places)
    {
        bool force = ((IWriterCommand)this).Force;
        foreach (OutputPlace place in places)
        {
            place.ThrowIfImpossible();
            if (_written.Contains(place.Path))
            {
                throw Errors.OutputRepeated(place.Path);
            }
            if (!force && !own && place.IsTaken)
            {
                throw Errors.OutputExists(place.Path);
            }
        }
        if (!ShouldProcess(target, action))
        {
            return false;
        }
        foreach (OutputPlace place in places)
        {
            place.ThrowIfUnwritable();
            _written.Add(place.Path);
        }
        return true;
    }

    /// <summary>Whether the command may write one file or folder.</summary>
    /// <param name="place">The file or folder.</param>
    /// <param name="action">What is done, for <c>-WhatIf</c>.</param>
    /// <exception cref="HyperDasException"><c>OutputExists</c>, <c>WriteFailed</c>.</exception>
    private protected bool MayWrite(OutputPlace place, string action) => MayWrite(place.Path, action, own: false, place);
}
