using System.Text;

namespace HyperDas.Engine.Tokenization.Chat.Jinja;

/// <summary>The names that a part of a template can see, and its output.</summary>
internal sealed class JinjaScope
{
    private const int MostSteps = 200_000;
    private const int LongestOutput = 1 << 20;

    private readonly Dictionary<string, object?> _names = new(StringComparer.Ordinal);
    private readonly JinjaScope? _outer;
    private readonly JinjaScope _root;
    private int _steps;

    /// <summary>The scope of a whole template.</summary>
    public JinjaScope() => _root = this;

    private JinjaScope(JinjaScope outer, StringBuilder output) => (_outer, _root, Output) = (outer, outer._root, output);

    /// <summary>The output so far.</summary>
    public StringBuilder Output { get; } = new();

    /// <summary>A nested scope, whose assignments end with it.</summary>
    /// <param name="output">Its output; null: that of this scope.</param>
    public JinjaScope Inner(StringBuilder? output = null) => new(this, output ?? Output);

    /// <summary>Sets a name in this scope.</summary>
    public void Set(string name, object? value) => _names[name] = value;

    /// <summary>The value of a name.</summary>
    public object? Get(string name)
    {
        for (JinjaScope? scope = this; scope is not null; scope = scope._outer)
        {
            if (scope._names.TryGetValue(name, out object? value))
            {
                return value;
            }
        }
        return JinjaUndefined.Value;
    }

    /// <summary>Appends to the output.</summary>
    /// <exception cref="JinjaException">It gets too long.</exception>
    public void Write(string text)
    {
        if (Output.Length + text.Length > LongestOutput)
        {
            throw new JinjaException("it writes more than a megabyte");
        }
        Output.Append(text);
    }

    /// <summary>Counts a step, which prevents endless templates.</summary>
    /// <exception cref="JinjaException">There were too many.</exception>
    public void Step()
    {
        if (++_root._steps > MostSteps)
        {
            throw new JinjaException("it doesn't terminate");
        }
    }
}
