using System.Management.Automation;
using HyperDas.Pump;

namespace HyperDas.Commands;

/// <summary>Puts scores side by side with reference scores of the same attributes, e.g. before and after training.</summary>
[Cmdlet(VerbsData.Compare, "RavelScore")]
[OutputType(typeof(RavelScoreComparison))]
public sealed class CompareRavelScoreCommand : EngineCmdlet
{
    [Parameter(Mandatory = true, Position = 0)]
    public RavelScore[] ReferenceScore { get; set; } = [];

    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    public RavelScore[] Score { get; set; } = [];

    protected override void ProcessInput() => ForEach(Score, score =>
    {
        RavelScore before = ReferenceScore.FirstOrDefault(r => r.Domain == score.Domain && r.Attribute == score.Attribute)
            ?? throw Errors.ReferenceScoreNotFound(score);
        WriteObject(RavelScoreComparison.Of(before, score));
    });
}
