using System.Globalization;

namespace HyperDas.Engine.Tokenization.Chat.Jinja;

/// <summary>Parses expressions with Jinja's operator precedence into functions of the scope.</summary>
/// <param name="source">The expression.</param>
internal sealed class JinjaExpression(string source)
{
    private const int Deepest = 100;
    private const int MostWords = 2000;

    private static readonly string[] s_comparisons = ["==", "!=", "<=", ">=", "<", ">"];

    private readonly List<JinjaToken> _tokens = JinjaToken.Cut(source) is { Count: <= MostWords } tokens ? tokens
        : throw new JinjaException($"an expression has more than {MostWords} words");
    private int _at;
    private int _depth;

    /// <summary>Whether all tokens have been read.</summary>
    public bool IsAtEnd => _at >= _tokens.Count;

    /// <summary>Reads a word or sign if it comes next.</summary>
    /// <param name="text">The word or sign.</param>
    public bool Take(string text)
    {
        if (!Is(text))
        {
            return false;
        }
        _at++;
        return true;
    }

    /// <summary>Reads a name.</summary>
    /// <exception cref="JinjaException">Something else comes next.</exception>
    public string Name() => Next is { Kind: JinjaTokenKind.Name } token ? Advance(token.Text) : throw Unexpected();

    /// <summary>Reads a word or sign.</summary>
    /// <param name="text">The word or sign.</param>
    /// <exception cref="JinjaException">Something else comes next.</exception>
    public void Expect(string text)
    {
        if (!Take(text))
        {
            throw Unexpected();
        }
    }

    /// <summary>Parses the whole expression.</summary>
    /// <exception cref="JinjaException">It isn't understood.</exception>
    public Func<JinjaScope, object?> ReadWhole()
    {
        Func<JinjaScope, object?> whole = Read();
        return IsAtEnd ? whole : throw Unexpected();
    }

    /// <summary>Parses an expression as far as it goes.</summary>
    /// <param name="withCondition">Whether a trailing <c>if</c> is part of it.</param>
    /// <exception cref="JinjaException">It isn't understood.</exception>
    public Func<JinjaScope, object?> Read(bool withCondition = true)
    {
        if (++_depth > Deepest)
        {
            throw new JinjaException("an expression is nested too deeply");
        }
        Func<JinjaScope, object?> value = ReadOr();
        while (withCondition && Take("if"))
        {
            Func<JinjaScope, object?> yes = value, condition = ReadOr();
            Func<JinjaScope, object?> no = Take("else") ? Read() : _ => JinjaUndefined.Value;
            value = scope => JinjaValue.IsTrue(condition(scope)) ? yes(scope) : no(scope);
        }
        _depth--;
        return value;
    }

    private JinjaToken Next => IsAtEnd ? new JinjaToken(JinjaTokenKind.End, "") : _tokens[_at];

    private bool Is(string text) => Next.Kind is JinjaTokenKind.Name or JinjaTokenKind.Sign && Next.Text == text;

    private string Advance(string text)
    {
        _at++;
        return text;
    }

    private Func<JinjaScope, object?> ReadOr()
    {
        Func<JinjaScope, object?> left = ReadAnd();
        while (Take("or"))
        {
            Func<JinjaScope, object?> a = left, b = ReadAnd();
            left = scope => a(scope) is var value && JinjaValue.IsTrue(value) ? value : b(scope);
        }
        return left;
    }

    private Func<JinjaScope, object?> ReadAnd()
    {
        Func<JinjaScope, object?> left = ReadNot();
        while (Take("and"))
        {
            Func<JinjaScope, object?> a = left, b = ReadNot();
            left = scope => a(scope) is var value && !JinjaValue.IsTrue(value) ? value : b(scope);
        }
        return left;
    }

    private Func<JinjaScope, object?> ReadNot()
    {
        bool negated = false;
        while (Take("not"))
        {
            negated = !negated;
        }
        Func<JinjaScope, object?> value = ReadComparison();
        return negated ? scope => !JinjaValue.IsTrue(value(scope)) : value;
    }

    private Func<JinjaScope, object?> ReadComparison()
    {
        Func<JinjaScope, object?> left = ReadSum();
        while (true)
        {
            Func<JinjaScope, object?> a = left;
            if (s_comparisons.FirstOrDefault(Is) is string sign)
            {
                _at++;
                Func<JinjaScope, object?> b = ReadSum();
                left = sign switch
                {
                    "==" => scope => JinjaValue.Same(a(scope), b(scope)),
                    "!=" => scope => !JinjaValue.Same(a(scope), b(scope)),
                    "<=" => scope => JinjaValue.Compare(a(scope), b(scope)) <= 0,
                    ">=" => scope => JinjaValue.Compare(a(scope), b(scope)) >= 0,
                    "<" => scope => JinjaValue.Compare(a(scope), b(scope)) < 0,
                    _ => scope => JinjaValue.Compare(a(scope), b(scope)) > 0,
                };
            }
            else if (Take("in"))
            {
                Func<JinjaScope, object?> b = ReadSum();
                left = scope => JinjaValue.Contains(b(scope), a(scope));
            }
            else if (Is("not") && _at + 1 < _tokens.Count && _tokens[_at + 1] is { Kind: JinjaTokenKind.Name, Text: "in" })
            {
                _at += 2;
                Func<JinjaScope, object?> b = ReadSum();
                left = scope => !JinjaValue.Contains(b(scope), a(scope));
            }
            else
            {
                return left;
            }
        }
    }

    private Func<JinjaScope, object?> ReadSum()
    {
        Func<JinjaScope, object?> left = ReadJoined();
        while (Is("+") || Is("-"))
        {
            bool adds = Take("+") || !Take("-");
            Func<JinjaScope, object?> a = left, b = ReadJoined();
            left = adds ? scope => JinjaValue.Add(a(scope), b(scope)) : scope => JinjaValue.Calculate("-", a(scope), b(scope));
        }
        return left;
    }

    private Func<JinjaScope, object?> ReadJoined()
    {
        Func<JinjaScope, object?> left = ReadProduct();
        while (Take("~"))
        {
            Func<JinjaScope, object?> a = left, b = ReadProduct();
            left = scope => JinjaValue.Text(a(scope)) + JinjaValue.Text(b(scope));
        }
        return left;
    }

    private Func<JinjaScope, object?> ReadProduct()
    {
        Func<JinjaScope, object?> left = ReadSigned();
        while (((string[])["*", "/", "//", "%"]).FirstOrDefault(Is) is string sign)
        {
            _at++;
            Func<JinjaScope, object?> a = left, b = ReadSigned();
            left = scope => JinjaValue.Calculate(sign, a(scope), b(scope));
        }
        return left;
    }

    private Func<JinjaScope, object?> ReadSigned()
    {
        if (Take("-"))
        {
            Func<JinjaScope, object?> value = ReadSteps(ReadPrimary());
            return scope => JinjaValue.Calculate("-", 0L, value(scope));
        }
        return ReadSteps(ReadPrimary());
    }

    // Postfix operators: members, items, calls, filters and tests.
    private Func<JinjaScope, object?> ReadSteps(Func<JinjaScope, object?> value)
    {
        while (true)
        {
            Func<JinjaScope, object?> of = value;
            if (Take("."))
            {
                string name = Name();
                value = scope => JinjaValue.Member(of(scope), name);
            }
            else if (Take("["))
            {
                value = ReadItem(of);
            }
            else if (Take("("))
            {
                (Func<JinjaScope, object?>[] places, Dictionary<string, Func<JinjaScope, object?>> names) = ReadArguments();
                value = scope =>
                {
                    scope.Step();
                    return of(scope) is JinjaFunction function
                        ? function([.. places.Select(p => p(scope))], names.ToDictionary(n => n.Key, n => n.Value(scope)))
                        : throw new JinjaException($"it calls something that isn't a function in '{source.Trim()}'");
                };
            }
            else if (Take("|"))
            {
                string name = Name();
                (Func<JinjaScope, object?>[] places, Dictionary<string, Func<JinjaScope, object?>> names) = Take("(")
                    ? ReadArguments()
                    : ([], []);
                value = scope => JinjaFilters.Filter(
                    name, of(scope), [.. places.Select(p => p(scope))], names.ToDictionary(n => n.Key, n => n.Value(scope)));
            }
            else if (Take("is"))
            {
                bool negated = Take("not");
                string name = Name();
                Func<JinjaScope, object?>[] places = Take("(") ? ReadArguments().Places : [];
                value = scope => JinjaFilters.Test(name, of(scope), [.. places.Select(p => p(scope))]) != negated;
            }
            else
            {
                return value;
            }
        }
    }

    private Func<JinjaScope, object?> ReadItem(Func<JinjaScope, object?> of)
    {
        Func<JinjaScope, object?>? from = Is(":") ? null : Read();
        if (Take("]"))
        {
            return scope => JinjaValue.Item(of(scope), from!(scope));
        }
        Expect(":");
        Func<JinjaScope, object?>? to = Is("]") || Is(":") ? null : Read(), step = Take(":") && !Is("]") ? Read() : null;
        Expect("]");
        return scope => JinjaValue.Slice(of(scope), from?.Invoke(scope), to?.Invoke(scope), step?.Invoke(scope));
    }

    private (Func<JinjaScope, object?>[] Places, Dictionary<string, Func<JinjaScope, object?>> Names) ReadArguments()
    {
        List<Func<JinjaScope, object?>> places = [];
        Dictionary<string, Func<JinjaScope, object?>> names = new(StringComparer.Ordinal);
        while (!Take(")"))
        {
            if (Next.Kind == JinjaTokenKind.Name && _at + 1 < _tokens.Count && _tokens[_at + 1] is { Kind: JinjaTokenKind.Sign, Text: "=" })
            {
                string name = Name();
                Expect("=");
                names[name] = Read();
            }
            else
            {
                places.Add(Read());
            }
            if (!Is(")"))
            {
                Expect(",");
            }
        }
        return ([.. places], names);
    }

    private Func<JinjaScope, object?> ReadPrimary()
    {
        JinjaToken token = Next;
        switch (token.Kind)
        {
            case JinjaTokenKind.Text:
                string text = "";
                for (; Next.Kind == JinjaTokenKind.Text; _at++)
                {
                    text += Next.Text;
                }
                return _ => text;
            case JinjaTokenKind.Number:
                _at++;
                return long.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                    ? _ => number
                    : throw Unexpected();
            case JinjaTokenKind.Name:
                _at++;
                return token.Text switch
                {
                    "true" or "True" => _ => true,
                    "false" or "False" => _ => false,
                    "none" or "None" => _ => null,
                    _ => scope => scope.Get(token.Text),
                };
        }
        if (Take("("))
        {
            Func<JinjaScope, object?> inner = Read();
            if (!Is(","))
            {
                Expect(")");
                return inner;
            }
            return ReadList(")", inner);
        }
        return Take("[") ? ReadList("]", null) : Take("{") ? ReadMap() : throw Unexpected();
    }

    private Func<JinjaScope, object?> ReadList(string end, Func<JinjaScope, object?>? first)
    {
        List<Func<JinjaScope, object?>> items = first is null ? [] : [first];
        if (first is not null)
        {
            Expect(",");
        }
        while (!Take(end))
        {
            items.Add(Read());
            if (!Is(end))
            {
                Expect(",");
            }
        }
        return scope => items.Select(item => item(scope)).ToList();
    }

    private Func<JinjaScope, object?> ReadMap()
    {
        List<(Func<JinjaScope, object?> Key, Func<JinjaScope, object?> Value)> items = [];
        while (!Take("}"))
        {
            Func<JinjaScope, object?> key = Read();
            Expect(":");
            items.Add((key, Read()));
            if (!Is("}"))
            {
                Expect(",");
            }
        }
        return scope =>
        {
            Dictionary<string, object?> map = new(StringComparer.Ordinal);
            items.ForEach(item => map[JinjaValue.Text(item.Key(scope))] = item.Value(scope));
            return map;
        };
    }

    private JinjaException Unexpected() =>
        new(IsAtEnd ? $"'{source.Trim()}' is incomplete" : $"'{Next.Text}' in '{source.Trim()}' isn't supported");
}
