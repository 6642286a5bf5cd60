using System.ComponentModel;
using System.Management.Automation;

namespace HyperDas.Pump;

/// <summary>
/// Base of the cmdlets that process rows, e.g. those of Import-Csv, in batches. A row that fails causes an error with its number, and the
/// others are processed. Required parameters are mandatory on the command line, where PowerShell prompts for them; missing ones of a row
/// are checked here, because PowerShell's own error doesn't contain the row's number.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RowCmdlet : EngineCmdlet
{
    private protected const string ArgumentSet = "Argument", RowSet = "Row";

    private readonly List<(object Item, InputRow Row)> _waiting = [];
    private PSObject? _input;
    private int _count;
    private InputRow _current;

    // PowerShell binds a row's properties after the row itself, on the pipeline thread.
    [ThreadStatic]
    private static int t_binding;

    /// <summary>
    /// The row whose properties are being bound on this thread, from 1; otherwise 0. For transformations that reject a cell.
    /// </summary>
    internal static int RowBeingBound => t_binding;

    // By value, and therefore for every row, including one whose properties can't be bound.
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

    /// <summary>Number of rows that are computed together.</summary>
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
        // After a terminating error, EndProcessing isn't called.
        t_binding = 0;
        base.Dispose(disposing);
    }

    /// <summary>Checks one row and passes its request to <see cref="Enqueue"/>.</summary>
    private protected abstract void ProcessRow();

    /// <summary>Computes and writes the results of several rows.</summary>
    /// <param name="items">At least one, in order.</param>
    private protected abstract void Run(IReadOnlyList<object> items);

    /// <summary>Throws for a row without a value that isn't on the command line either.</summary>
    /// <param name="needed">Required parameters: name and value.</param>
    /// <exception cref="HyperDasException"><c>RowIncomplete</c>: names all missing ones, and the row's columns.</exception>
    private protected void ThrowIfIncomplete(params (string Name, object? Value)[] needed)
    {
        string[] missing = [.. needed.Where(one => one.Value is null).Select(one => one.Name)];
        if (missing.Length > 0)
        {
            throw Errors.RowIncomplete(missing, _input, mayBeShared: true);
        }
    }

    /// <summary>Adds an item to the next batch.</summary>
    /// <param name="item">The current row's request.</param>
    private protected void Enqueue(object item)
    {
        _waiting.Add((item, _current));
        if (_waiting.Count >= Together)
        {
            Flush();
        }
    }

    /// <summary>Processes the remaining items.</summary>
    private protected void Flush()
    {
        (object Item, InputRow Row)[] batch = [.. _waiting];
        _waiting.Clear();
        if (batch.Length == 0 || (batch.Length > 1 && Succeeds(batch)))
        {
            return;
        }
        InputRow current = _current;
        // Running each one individually identifies the row that failed.
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
    /// <param name="Number">From 1; 0 without pipeline input.</param>
    /// <param name="Input">The record.</param>
    private readonly record struct InputRow(int Number, PSObject? Input);
}
