using System.ComponentModel;
using System.Management.Automation;

namespace HyperDas.Pump;

/// <summary>
/// Base of the cmdlets that answer rows, e.g. those of Import-Csv, several at a time. A row that can't be answered is an error that says
/// which row it is, and the others get their answers. What is needed is mandatory where it is typed, so that PowerShell asks for it; a row
/// that lacks it is refused here: PowerShell's own error doesn't know its number.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RowCmdlet : EngineCmdlet
{
    private protected const string ArgumentSet = "Argument", RowSet = "Row";

    private readonly List<(object Item, InputRow Row)> _waiting = [];
    private PSObject? _input;
    private int _count;
    private InputRow _current;

    // PowerShell binds a row's properties after the row itself, on the thread that runs the pipeline.
    [ThreadStatic]
    private static int t_binding;

    /// <summary>The row whose properties are being bound on this thread, from 1; 0 where none is. For what refuses a cell.</summary>
    internal static int RowBeingBound => t_binding;

    // By value, and so for every row: also for one whose properties can't be bound, which is a row all the same.
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = RowSet)]
    public PSObject? InputObject
    {
        get => _input;
        set
        {
            _input = value;
            _count += value is null ? 0 : 1;
            t_binding = _count;
        }
    }

    /// <summary>How many rows are computed together.</summary>
    private protected abstract int Together { get; }

    /// <inheritdoc/>
    protected sealed override void ProcessInput()
    {
        t_binding = 0;
        _current = MyInvocation.ExpectingInput ? new InputRow(_count, _input) : default;
        ProcessRow();
    }

    /// <inheritdoc/>
    protected sealed override void ProcessAll()
    {
        t_binding = 0;
        _current = default;
        Flush();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // A pipeline that an error stops ends without its end.
        t_binding = 0;
        base.Dispose(disposing);
    }

    /// <summary>Checks one row and hands what it asks for to <see cref="Enqueue"/>.</summary>
    private protected abstract void ProcessRow();

    /// <summary>Computes and writes the answers of several rows.</summary>
    /// <param name="items">At least one, in their order.</param>
    private protected abstract void Run(IReadOnlyList<object> items);

    /// <summary>Refuses a row that lacks what nobody said on the command line either.</summary>
    /// <param name="needed">What is needed: a parameter's name, and its value.</param>
    /// <exception cref="HyperDasException"><c>RowIncomplete</c>: names all that is missing, and what the row has.</exception>
    private protected void ThrowIfIncomplete(params (string Name, object? Value)[] needed)
    {
        string[] missing = [.. needed.Where(one => one.Value is null).Select(one => one.Name)];
        if (missing.Length > 0)
        {
            throw Errors.RowIncomplete(missing, _input, mayBeShared: true);
        }
    }

    /// <summary>Lets something wait until there is enough for a batch.</summary>
    /// <param name="item">What the current row asks for.</param>
    private protected void Enqueue(object item)
    {
        _waiting.Add((item, _current));
        if (_waiting.Count >= Together)
        {
            Flush();
        }
    }

    /// <summary>Answers what waits.</summary>
    private protected void Flush()
    {
        (object Item, InputRow Row)[] batch = [.. _waiting];
        _waiting.Clear();
        if (batch.Length == 0 || (batch.Length > 1 && Succeeds(batch)))
        {
            return;
        }
        InputRow current = _current;
        // Which of them it was shows when each runs by itself.
        ForEach(batch, one =>
        {
            _current = one.Row;
            Run([one.Item]);
        });
        _current = current;
    }

    private protected sealed override HyperDasException Located(HyperDasException error) =>
        _current.Number > 0 ? Errors.InRow(_current.Number, _current.Input, error) : error;

    private bool Succeeds((object Item, InputRow Row)[] batch)
    {
        try
        {
            Run([.. batch.Select(one => one.Item)]);
            return true;
        }
        catch (HyperDasException e)
        {
            WriteDebug($"A batch of {batch.Length} failed ({e.ErrorId}) and is repeated one by one.");
            return false;
        }
    }

    /// <summary>A row of the input.</summary>
    /// <param name="Number">From 1; 0 when nothing comes down the pipeline.</param>
    /// <param name="Input">The record.</param>
    private readonly record struct InputRow(int Number, PSObject? Input);
}
