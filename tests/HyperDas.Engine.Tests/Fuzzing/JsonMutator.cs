using System.Text;
using System.Text.Json;

namespace HyperDas.Engine.Tests.Fuzzing;

/// <summary>
/// Changes one thing in a JSON value and leaves it JSON, mostly: wrong values, missing, renamed and repeated keys, other shapes.
/// </summary>
internal sealed class JsonMutator
{
    private readonly List<JsonMutator> _items = [];
    private readonly List<(string Key, JsonMutator Value)> _members = [];
    private string? _raw;
    private bool _isObject;

    private JsonMutator()
    {
    }

    private IEnumerable<JsonMutator> Children => _items.Concat(_members.Select(m => m.Value));

    /// <summary>A changed copy.</summary>
    /// <exception cref="JsonException">The content isn't JSON.</exception>
    internal static byte[] Mutate(byte[] content, Random random, IReadOnlyList<string> words)
    {
        using JsonDocument document = JsonDocument.Parse(content, new JsonDocumentOptions { MaxDepth = 200 });
        JsonMutator root = Of(document.RootElement);
        List<JsonMutator> all = [.. root.Descendants()];
        // Big lists would hide the few keys that decide: a level is chosen first.
        JsonMutator chosen = root;
        while (chosen.Children.Any() && random.Next(4) > 0)
        {
            JsonMutator[] children = [.. chosen.Children];
            chosen = children[random.Next(children.Length)];
        }
        chosen.Change(random, all, words);
        StringBuilder text = new();
        root.Write(text);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static JsonMutator Of(JsonElement element)
    {
        JsonMutator node = new();
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                node._isObject = true;
                node._members.AddRange(element.EnumerateObject().Select(p => (JsonSerializer.Serialize(p.Name), Of(p.Value))));
                break;
            case JsonValueKind.Array:
                node._items.AddRange(element.EnumerateArray().Select(Of));
                break;
            default:
                node._raw = element.GetRawText();
                break;
        }
        return node;
    }

    private void Change(Random random, List<JsonMutator> all, IReadOnlyList<string> words)
    {
        JsonMutator other = all[random.Next(all.Count)];
        int way = random.Next(12);
        if (_isObject && _members.Count > 0 && way < 8)
        {
            ChangeMembers(random, other, words, way);
        }
        else if (_items.Count > 0 && way < 6)
        {
            ChangeItems(random, other, way);
        }
        else if (_raw is { Length: > 0 } raw && way < 5)
        {
            Become(char.IsAsciiDigit(raw[^1]) ? Number(raw, random) : Text(raw, random, words));
        }
        else if (way < 7)
        {
            Take(other);
        }
        else
        {
            Become(words.Count > 0 && random.Next(4) == 0
                ? JsonSerializer.Serialize(words[random.Next(words.Count)])
                : HostileText.Json[random.Next(HostileText.Json.Length)]);
        }
    }

    private void ChangeMembers(Random random, JsonMutator other, IReadOnlyList<string> words, int way)
    {
        int at = random.Next(_members.Count);
        (string key, JsonMutator value) = _members[at];
        switch (way)
        {
            case 0 or 1:
                _members.RemoveAt(at);
                break;
            case 2:
                _members.Insert(random.Next(_members.Count + 1), (key, other.Copy()));
                break;
            case 3:
                _members.Insert(random.Next(_members.Count + 1), (key, value));
                break;
            case 4:
                _members[at] = (Text(key, random, words), value);
                break;
            case 5:
                int second = random.Next(_members.Count);
                (_members[at], _members[second]) = ((key, _members[second].Value), (_members[second].Key, value));
                break;
            case 6:
                _members.Add((JsonSerializer.Serialize(words.Count > 0 ? words[random.Next(words.Count)] : "more"), other.Copy()));
                break;
            default:
                value.Become(HostileText.Json[random.Next(HostileText.Json.Length)]);
                break;
        }
    }

    private void ChangeItems(Random random, JsonMutator other, int way)
    {
        int at = random.Next(_items.Count);
        switch (way)
        {
            case 0:
                _items.RemoveAt(at);
                break;
            case 1:
                _items.InsertRange(at, Enumerable.Repeat(_items[at], random.Next(1, 200)));
                break;
            case 2:
                _items.Insert(at, other.Copy());
                break;
            case 3:
                _items.Reverse();
                break;
            case 4:
                _items.RemoveRange(at, _items.Count - at);
                break;
            default:
                _items[at].Become(HostileText.Json[random.Next(HostileText.Json.Length)]);
                break;
        }
    }

    private static string Number(string raw, Random random)
    {
        if (!long.TryParse(raw, out long number))
        {
            return HostileText.Json[random.Next(HostileText.Json.Length)];
        }
        return unchecked(random.Next(6) switch
        {
            0 => number + 1,
            1 => number - 1,
            2 => number * 2,
            3 => -number,
            4 => number * 1_000_003,
            _ => random.Next(1000),
        }).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    // A change inside of the quotes, written as an escape where it must be.
    private static string Text(string raw, Random random, IReadOnlyList<string> words)
    {
        string? text = raw.StartsWith('"') ? JsonDocument.Parse(raw).RootElement is { ValueKind: JsonValueKind.String } e
            && !raw.Contains("\\ud", StringComparison.OrdinalIgnoreCase) ? e.GetString() : null : raw;
        if (text is null)
        {
            return "\"\"";
        }
        int at = random.Next(text.Length + 1);
        string piece = random.Next(3) == 0 && words.Count > 0
            ? words[random.Next(words.Count)]
            : HostileText.Words[random.Next(HostileText.Words.Length)];
        return random.Next(6) switch
        {
            0 => JsonSerializer.Serialize(text[..at]),
            1 => JsonSerializer.Serialize(text[at..]),
            2 => JsonSerializer.Serialize(text + text),
            3 => $"\"\\ud8{random.Next(10, 99)}{JsonSerializer.Serialize(text)[1..]}",
            4 => JsonSerializer.Serialize(piece),
            _ => JsonSerializer.Serialize(text[..at] + piece + text[at..]),
        };
    }

    private void Become(string raw)
    {
        _items.Clear();
        _members.Clear();
        _isObject = false;
        _raw = raw;
    }

    private void Take(JsonMutator other)
    {
        JsonMutator copy = other.Copy();
        _items.Clear();
        _members.Clear();
        _items.AddRange(copy._items);
        _members.AddRange(copy._members);
        (_raw, _isObject) = (copy._raw, copy._isObject);
    }

    private JsonMutator Copy()
    {
        JsonMutator copy = new() { _raw = _raw, _isObject = _isObject };
        copy._items.AddRange(_items.Select(i => i.Copy()));
        copy._members.AddRange(_members.Select(m => (m.Key, m.Value.Copy())));
        return copy;
    }

    private IEnumerable<JsonMutator> Descendants() => Children.SelectMany(c => c.Descendants()).Prepend(this);

    private void Write(StringBuilder text)
    {
        if (_raw is not null)
        {
            text.Append(_raw);
            return;
        }
        text.Append(_isObject ? '{' : '[');
        bool first = true;
        foreach ((string key, JsonMutator value) in _isObject ? _members : _items.Select(i => ("", i)))
        {
            text.Append(first ? "" : ", ").Append(key).Append(_isObject ? ": " : "");
            value.Write(text);
            first = false;
        }
        text.Append(_isObject ? '}' : ']');
    }
}
