using System.Management.Automation;
using HyperDas.Engine.Evaluation;
using HyperDas.Engine.Experiments;

namespace HyperDas.Commands;

/// <summary>Reads scores from a file written by Measure-RavelScore, by a run of an experiment, or by Export-Csv.</summary>
[Cmdlet(VerbsData.Import, "RavelScore", DefaultParameterSetName = PathSet)]
[OutputType(typeof(RavelScore))]
public sealed class ImportRavelScoreCommand : PathCmdlet
{
    protected override void ProcessInput() => ForEachPath(path =>
    {
        string file = Directory.Exists(path) ? System.IO.Path.Combine(path, RunFolder.ScoresFile) : path;
        WriteObject(Compute((_, _) => RavelScoreFile.Read(file)), enumerateCollection: true);
    });
}
