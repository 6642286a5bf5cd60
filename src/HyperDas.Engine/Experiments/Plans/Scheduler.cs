using System.ComponentModel;
using System.Diagnostics;

namespace HyperDas.Engine.Experiments.Plans;

/// <summary>Runs a scheduler's commands as specified by its template.</summary>
internal sealed class Scheduler(PlanTemplate template)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>Submits a script.</summary>
    /// <param name="command">The template's command.</param>
    /// <param name="file">The script.</param>
    /// <param name="after">The submission after which it starts; null for none.</param>
    /// <returns>The submission's ID as reported by the scheduler.</returns>
    /// <exception cref="HyperDasException"><c>SchedulerNotFound</c>; <c>SubmissionRefused</c>: with the scheduler's own words.</exception>
    public string Submit(string command, string file, string? after = null)
    {
        Answer answer = Run(command, file, after);
        string? id = template.Id is { } told
            ? told.Match(answer.Output) is { Success: true } match ? match.Groups[match.Groups.Count > 1 ? 1 : 0].Value : null
            : Number(answer.Output);
        return answer.Code == 0 && id is not null
            ? id
            : throw new HyperDasException(
                "SubmissionRefused", HyperDasErrorKind.InvalidOperation,
                $"'{Name(command)}' refused '{file}' (exit code {answer.Code}): {answer.Words} Nothing was submitted.", file);
    }

    /// <summary>Whether a submission is still active.</summary>
    /// <param name="id">Its ID.</param>
    /// <returns>Null when the template has no query.</returns>
    /// <exception cref="HyperDasException"><c>SchedulerNotFound</c>; <c>SchedulerUnavailable</c>: it doesn't answer.</exception>
    public bool? IsActive(string id)
    {
        if (template.Query is not { } query)
        {
            return null;
        }
        Answer answer = Run(query, file: "", id);
        if (SaysEnded(answer))
        {
            return false;
        }
        return answer.Code == 0
            ? answer.Output.Trim().Length > 0
            : throw new HyperDasException(
                "SchedulerUnavailable", HyperDasErrorKind.ResourceUnavailable,
                $"'{Name(query)}' gave no information about {id} (exit code {answer.Code}): {answer.Words} "
                + "The submitted jobs may continue; Get-HyperDasExperiment shows their state.", id);
    }

    /// <summary>Cancels submissions.</summary>
    /// <param name="ids">Their IDs.</param>
    /// <exception cref="HyperDasException"><c>SchedulerNotFound</c>; <c>SchedulerUnavailable</c>: it refuses.</exception>
    public void Cancel(params IEnumerable<string> ids)
    {
        foreach (string id in ids.Where(_ => template.Cancel is not null))
        {
            Answer answer = Run(template.Cancel!, file: "", id);
            if (answer.Code != 0 && !SaysEnded(answer))
            {
                throw new HyperDasException(
                    "SchedulerUnavailable", HyperDasErrorKind.ResourceUnavailable,
                    $"'{Name(template.Cancel!)}' didn't cancel {id} (exit code {answer.Code}): {answer.Words} Cancel it manually.", id);
            }
        }
    }

    // "123", "123;cluster", "123[].server", "Submitted batch job 123", "Job <123> is submitted to queue <normal>."
    private static string? Number(string text) => text.Split([' ', '\n', '\r', '\t', '<', '>'], StringSplitOptions.RemoveEmptyEntries)
        .LastOrDefault(word => char.IsAsciiDigit(word[0]))?.Split(';')[0];

    private bool SaysEnded(Answer answer) => answer.Code != 0
        && template.Ended.Any(words => answer.Words.Contains(words, StringComparison.OrdinalIgnoreCase));

    private static string Name(string command) => command.Split(' ')[0];

    // The command is split into words before placeholders are filled in: paths stay whole, and no shell is involved. '< {{file}}' at the
    // end redirects standard input as a shell would: LSF's bsub reads scripts that way.
    private static Answer Run(string command, string file, string? job)
    {
        string[] words =
        [
            .. command.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(word => word.Replace("{{file}}", file, StringComparison.Ordinal)
                    .Replace("{{job}}", job ?? "", StringComparison.Ordinal)),
        ];
        string? input = words is [_, .., "<", var source] ? source : null;
        words = input is null ? words : words[..^2];
        ProcessStartInfo start = new(words[0], words[1..])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
            WorkingDirectory = file.Length > 0 ? Path.GetDirectoryName(file) : null,
        };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> error = process.StandardError.ReadToEndAsync(), output = process.StandardOutput.ReadToEndAsync();
            Feed(process, input);
            if (!process.WaitForExit(s_patience))
            {
                process.Kill();
                return new Answer(-1, "", $"it didn't answer in {s_patience.TotalSeconds:F0} s");
            }
            return new Answer(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
        }
        catch (Win32Exception e)
        {
            throw new HyperDasException(
                "SchedulerNotFound", HyperDasErrorKind.NotInstalled,
                $"'{words[0]}' can't be started: {e.Message}. "
                + "Submit on a machine with the scheduler's commands on the path, or use -Local to run on this machine.", words[0], e);
        }
    }

    // A program that fails before it reads its input closes the pipe.
    private static void Feed(Process process, string? file)
    {
        try
        {
            if (file is not null)
            {
                process.StandardInput.Write(File.ReadAllText(file));
            }
            process.StandardInput.Close();
        }
        catch (IOException)
        {
        }
    }

    private readonly record struct Answer(int Code, string Output, string Error)
    {
        // The cause in one line, with a full stop.
        public string Words
        {
            get
            {
                string[] lines = (Error.Trim().Length > 0 ? Error : Output)
                    .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
                string text = string.Join(' ', lines);
                return text.Length == 0 ? "no message." : text[^1] is '.' or '!' ? text : text + ".";
            }
        }
    }
}
