using System.Text;

namespace HyperDas.Engine.Tokenization.Chat.Jinja;

/// <summary>
/// The subset of Jinja that chat templates use: loops, conditions, assignments and expressions. Templates have no access to anything else,
/// and the numbers of steps and of written characters are limited. Unsupported constructs are errors.
/// </summary>
internal sealed class JinjaTemplate
{
    private const int Longest = 1 << 18;
    private const int Deepest = 60;

    private readonly Queue<JinjaPart> _parts;
    private readonly Action<JinjaScope> _whole;
    private int _depth;

    /// <summary>Parses a template.</summary>
    /// <param name="source">Its text.</param>
    /// <exception cref="JinjaException">It isn't understood.</exception>
    public JinjaTemplate(string source)
    {
        if (source.Length > Longest)
        {
            throw new JinjaException($"it has {source.Length} characters");
        }
        _parts = new Queue<JinjaPart>(JinjaPart.Cut(source));
        _whole = ReadBody(out string end, out _);
        if (end.Length > 0)
        {
            throw new JinjaException($"'{end}' has no matching start");
        }
    }

    /// <summary>Renders the template.</summary>
    /// <param name="values">Values of the names that it may use.</param>
    /// <exception cref="JinjaException">It can't be done, or the template refuses the values.</exception>
    public string Render(IEnumerable<KeyValuePair<string, object?>> values)
    {
        JinjaScope scope = new();
        scope.Set("raise_exception", (JinjaFunction)((a, _) => throw new JinjaException(
            $"its message: {(a.Length > 0 ? JinjaValue.Text(a[0]) : "")}")));
        scope.Set("namespace", (JinjaFunction)((_, named) => new Dictionary<string, object?>(named, StringComparer.Ordinal)));
        scope.Set("range", (JinjaFunction)Range);
        foreach ((string name, object? value) in values)
        {
            scope.Set(name, value);
        }
        _whole(scope);
        return scope.Output.ToString();
    }

    private static object? Range(object?[] arguments, IReadOnlyDictionary<string, object?> named) => arguments switch
    {
        [long count] when count is >= 0 and <= 10_000 => Enumerable.Range(0, (int)count).Select(n => (object?)(long)n).ToList(),
        [long from, long to] when to - from is >= 0 and <= 10_000 =>
            Enumerable.Range(0, (int)(to - from)).Select(n => (object?)(from + n)).ToList(),
        _ => throw new JinjaException("a range isn't supported"),
    };

    // Reads up to a statement that ends or divides the enclosing one.
    private Action<JinjaScope> ReadBody(out string end, out JinjaExpression? rest)
    {
        if (++_depth > Deepest)
        {
            throw new JinjaException("statements are nested too deeply");
        }
        List<Action<JinjaScope>> steps = [];
        (end, rest) = ("", null);
        while (_parts.TryDequeue(out JinjaPart part))
        {
            switch (part.Kind)
            {
                case JinjaPartKind.Text:
                    steps.Add(scope => scope.Write(part.Content));
                    continue;
                case JinjaPartKind.Output:
                    Func<JinjaScope, object?> value = new JinjaExpression(part.Content).ReadWhole();
                    steps.Add(scope =>
                    {
                        scope.Step();
                        scope.Write(JinjaValue.Text(value(scope)));
                    });
                    continue;
            }
            JinjaExpression statement = new(part.Content);
            string word = statement.Name();
            if (word is "elif" or "else" || word.StartsWith("end", StringComparison.Ordinal))
            {
                (end, rest) = (word, statement);
                break;
            }
            steps.Add(word switch
            {
                "if" => ReadIf(statement),
                "for" => ReadFor(statement),
                "set" => ReadSet(statement),
                // Marks the part that a training learns from.
                "generation" => ReadEnclosed("endgeneration"),
                _ => throw new JinjaException($"the statement '{word}' isn't supported"),
            });
        }
        _depth--;
        return scope => steps.ForEach(step => step(scope));
    }

    private Action<JinjaScope> ReadEnclosed(string last)
    {
        Action<JinjaScope> body = ReadBody(out string end, out _);
        return end == last ? body : throw new JinjaException($"'{last}' is missing");
    }

    private Action<JinjaScope> ReadIf(JinjaExpression statement)
    {
        Func<JinjaScope, object?> condition = statement.ReadWhole();
        Action<JinjaScope> yes = ReadBody(out string end, out JinjaExpression? rest);
        // The nesting depth of a sequence of alternatives is their number.
        if (++_depth > Deepest)
        {
            throw new JinjaException("statements are nested too deeply");
        }
        Action<JinjaScope> no = end switch
        {
            "elif" => ReadIf(rest!),
            "else" => ReadEnclosed("endif"),
            "endif" => _ => { },
            _ => throw new JinjaException("'endif' is missing"),
        };
        _depth--;
        return scope => (JinjaValue.IsTrue(condition(scope)) ? yes : no)(scope);
    }

    private Action<JinjaScope> ReadFor(JinjaExpression statement)
    {
        List<string> names = [statement.Name()];
        while (statement.Take(","))
        {
            names.Add(statement.Name());
        }
        statement.Expect("in");
        Func<JinjaScope, object?> over = statement.Read(withCondition: false);
        Func<JinjaScope, object?>? condition = statement.Take("if") ? statement.ReadWhole() : null;
        if (!statement.IsAtEnd)
        {
            throw new JinjaException("a loop isn't supported");
        }
        Action<JinjaScope> body = ReadBody(out string end, out _), none = end == "else" ? ReadEnclosed("endfor") : _ => { };
        if (end is not ("else" or "endfor"))
        {
            throw new JinjaException("'endfor' is missing");
        }
        return scope =>
        {
            List<object?> items =
            [
                .. JinjaValue.Items(over(scope)).Where(item => condition is null || JinjaValue.IsTrue(condition(Bound(scope, names, item))))
            ];
            if (items.Count == 0)
            {
                none(scope);
            }
            for (int i = 0; i < items.Count; i++)
            {
                scope.Step();
                JinjaScope inner = Bound(scope, names, items[i]);
                inner.Set("loop", new Dictionary<string, object?>
                {
                    ["index"] = i + 1L, ["index0"] = (long)i, ["first"] = i == 0, ["last"] = i == items.Count - 1,
                        ["length"] = (long)items.Count,
                    ["revindex"] = (long)items.Count - i, ["revindex0"] = items.Count - i - 1L,
                    ["previtem"] = i > 0 ? items[i - 1] : JinjaUndefined.Value, ["nextitem"] = i + 1 < items.Count
                        ? items[i + 1]
                        : JinjaUndefined.Value,
                });
                body(inner);
            }
        };
    }

    private static JinjaScope Bound(JinjaScope scope, List<string> names, object? item)
    {
        JinjaScope inner = scope.Inner();
        List<object?> values = names.Count == 1 ? [item] : JinjaValue.Items(item);
        if (values.Count != names.Count)
        {
            throw new JinjaException("the names of a loop don't match its values");
        }
        for (int i = 0; i < names.Count; i++)
        {
            inner.Set(names[i], values[i]);
        }
        return inner;
    }

    private Action<JinjaScope> ReadSet(JinjaExpression statement)
    {
        string name = statement.Name();
        string? member = statement.Take(".") ? statement.Name() : null;
        if (statement.IsAtEnd && member is null)
        {
            Action<JinjaScope> body = ReadEnclosed("endset");
            return scope =>
            {
                StringBuilder text = new();
                body(scope.Inner(text));
                scope.Set(name, text.ToString());
            };
        }
        statement.Expect("=");
        Func<JinjaScope, object?> value = statement.ReadWhole();
        return member is null ? scope => scope.Set(name, value(scope))
            : scope => (scope.Get(name) as Dictionary<string, object?>
                ?? throw new JinjaException($"'{name}' has no members to set"))[member] = value(scope);
    }
}
