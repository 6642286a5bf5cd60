using System.Management.Automation;

namespace HyperDas.Shell.Hosting;

/// <summary>Where progress records go.</summary>
internal interface IProgressDisplay
{
    public void Show(ProgressRecord record);

    /// <summary>Makes room for other output.</summary>
    public void Clear();
}
