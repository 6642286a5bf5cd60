using System.Text;

namespace HyperDas.Engine.Tokenization.Steps;

/// <summary>
/// Writes the regular expressions of tokenizers' files, which are Oniguruma's, so that .NET finds the same: possessive quantifiers,
/// classes by name, and what counts as a word. What .NET would silently read otherwise is refused.
/// </summary>
/// <param name="pattern">The expression as the file has it.</param>
internal sealed class OnigurumaPattern(string pattern)
{
    // .NET leaves out spacing and enclosing marks.
    private const string Word = @"\p{L}\p{M}\p{Nd}\p{Pc}";

    private static readonly Dictionary<string, string> s_named = new(StringComparer.Ordinal)
    {
        ["alpha"] = @"\p{L}\p{M}", ["digit"] = @"\p{Nd}", ["alnum"] = @"\p{L}\p{M}\p{Nd}", ["upper"] = @"\p{Lu}", ["lower"] = @"\p{Ll}",
        ["space"] = @"\s", ["word"] = Word, ["cntrl"] = @"\p{Cc}", ["xdigit"] = "0-9A-Fa-f",
    };

    private readonly StringBuilder _written = new(pattern.Length + 16);
    private readonly Stack<int> _groups = [];
    private int _at;

    // Where the last thing begins that a quantifier may follow.
    private int _atom;

    /// <summary>The expression for .NET, which needs <see cref="System.Text.RegularExpressions.RegexOptions.Multiline"/>:
    /// <c>^</c> and <c>$</c> are the ends of lines.</summary>
    /// <exception cref="ArgumentException">It has a part that .NET has no equal of.</exception>
    internal string Translate()
    {
        while (_at < pattern.Length)
        {
            char next = pattern[_at];
            switch (next)
            {
                case '(':
                    Open();
                    break;
                case ')':
                    _atom = _groups.TryPop(out int start) ? start : _written.Length;
                    Copy(1);
                    break;
                case '[':
                    _atom = _written.Length;
                    Class();
                    break;
                case '?' or '*' or '+':
                    Quantify();
                    break;
                case '{':
                    // A quantifier or a brace: not a new thing either way.
                    Copy(1);
                    break;
                case '\\':
                    _atom = _written.Length;
                    Escape(inClass: false);
                    break;
                default:
                    _atom = _written.Length;
                    Copy(char.IsSurrogatePair(pattern, _at) ? 2 : 1);
                    break;
            }
        }
        return _written.ToString();
    }

    private void Open()
    {
        // Options whose letters mean other things there: m lets the dot match the end of a line.
        if (pattern.AsSpan(_at).StartsWith("(?", StringComparison.Ordinal))
        {
            int end = pattern.AsSpan(_at).IndexOfAny(':', ')');
            if (end > 2 && pattern.AsSpan(_at + 2, end - 2).IndexOfAnyExcept("imsx-") < 0
                && pattern.AsSpan(_at + 2, end - 2).ContainsAny('m', 's', 'x'))
            {
                throw new ArgumentException($"Options of '{pattern[_at..(_at + end)]}' aren't understood.");
            }
        }
        _groups.Push(_written.Length);
        Copy(1);
        if (_at < pattern.Length && pattern[_at] == '?')
        {
            Copy(1);
        }
    }

    private void Quantify()
    {
        Copy(1);
        if (_at < pattern.Length && pattern[_at] == '+')
        {
            _written.Insert(_atom, "(?>").Append(')');
            _at++;
        }
        else if (_at < pattern.Length && pattern[_at] == '?')
        {
            Copy(1);
        }
    }

    private void Class()
    {
        Copy(1);
        if (_at < pattern.Length && pattern[_at] == '^')
        {
            Copy(1);
        }
        // A bracket right at the beginning is itself.
        if (_at < pattern.Length && pattern[_at] == ']')
        {
            Copy(1);
        }
        while (_at < pattern.Length && pattern[_at] != ']')
        {
            ReadOnlySpan<char> rest = pattern.AsSpan(_at);
            if (rest.StartsWith("&&", StringComparison.Ordinal) || (rest[0] == '[' && !rest.StartsWith("[:", StringComparison.Ordinal)))
            {
                throw new ArgumentException("Classes within classes aren't understood.");
            }
            if (rest[0] == '[')
            {
                int end = rest.IndexOf(":]", StringComparison.Ordinal);
                string name = end < 0 ? "" : rest[2..end].ToString();
                _written.Append(s_named.GetValueOrDefault(name) ?? throw new ArgumentException($"The class '{name}' isn't understood."));
                _at += end + 2;
            }
            else if (rest[0] == '\\')
            {
                Escape(inClass: true);
            }
            else
            {
                Copy(1);
            }
        }
        if (_at < pattern.Length)
        {
            Copy(1);
        }
    }

    private void Escape(bool inClass)
    {
        char kind = _at + 1 < pattern.Length ? pattern[_at + 1] : '\0';
        if (kind == 'w' || (kind == 'W' && !inClass))
        {
            _written.Append(inClass ? Word : $"[{(kind == 'W' ? "^" : "")}{Word}]");
            _at += 2;
            return;
        }
        if (kind is 'W' or 'b' && inClass)
        {
            throw new ArgumentException($@"'\{kind}' in a class isn't understood.");
        }
        Copy(Math.Min(2, pattern.Length - _at));
        // \p{L}, \x{...}: the braces belong to it.
        if (kind is 'p' or 'P' && _at < pattern.Length && pattern[_at] == '{')
        {
            int end = pattern.IndexOf('}', _at);
            Copy(end < 0 ? pattern.Length - _at : end + 1 - _at);
        }
    }

    private void Copy(int count)
    {
        _written.Append(pattern, _at, count);
        _at += count;
    }
}
