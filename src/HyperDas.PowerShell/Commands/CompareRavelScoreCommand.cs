using System.Management.Automation;
using HyperDas.Pump;
using HyperDas.Transforms;

namespace HyperDas.Commands;

/// <summary>Compares scores with earlier scores of the same attributes, e.g. before and after training.</summary>
[Cmdlet(VerbsData.Compare, "RavelScore")]
[OutputType(typeof(RavelScoreComparison))]
public sealed class CompareRavelScoreCommand : EngineCmdlet
{
    [Parameter(Mandatory = true, Position = 0)]
    [ScoreTransform]
    [ValidateNotNullOrEmpty]
    public RavelScore[] Before { get; set; } = [];

    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Scores")]
    [ScoreTransform]
    public RavelScore[] After { get; set; } = [];

    protected override void ProcessInput() => ForEach(After, after => WriteObject(RavelScoreComparison.Of(Counterpart(after), after)));

    // A single earlier score of an attribute applies to every selection mode; of several, only that of the same mode does.
    private RavelScore Counterpart(RavelScore after)
    {
        RavelScore[] found = [.. Before.Where(b =>
            (b.Domain, b.Attribute, b.Dialect, b.HeldOut, b.Wording, b.Template)
                == (after.Domain, after.Attribute, after.Dialect, after.HeldOut, after.Wording, after.Template))];
        return (found.Length == 1 ? found[0] : found.FirstOrDefault(b => b.SelectionMode == after.SelectionMode))
            ?? throw Errors.ScoreNotFound(after);
    }
}
