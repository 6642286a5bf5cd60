namespace HyperDas.Pump;

/// <content>The common rules for writing: see <see cref="IWriterCommand"/>.</content>
public abstract partial class EngineCmdlet
{
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    /// <summary>
    /// Whether the command may write: nothing is replaced without permission, the user agrees, and the places are writable.
    /// </summary>
    /// <param name="target">Target shown by <c>-WhatIf</c> and <c>-Confirm</c>.</param>
    /// <param name="action">Action shown by <c>-WhatIf</c> and <c>-Confirm</c>.</param>
    /// <param name="own">Whether existing files belong to the operation itself, which resumes from them.</param>
    /// <param name="places">All files and folders that it writes.</param>
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
    /// <param name="action">Action shown by <c>-WhatIf</c>.</param>
    /// <exception cref="HyperDasException"><c>OutputExists</c>, <c>WriteFailed</c>.</exception>
    private protected bool MayWrite(OutputPlace place, string action) => MayWrite(place.Path, action, own: false, place);
}
