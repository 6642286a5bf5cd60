using System.Globalization;
using System.Text;

namespace HyperDas.Engine.Tokenization.Unicode;

/// <summary>
/// Composed form (NFC) by an own table: .NET uses ICU, which some machines lack and many processes disable, and then silently leaves text
/// unchanged. It also returns the number of original characters of each result, which tokenizers' offsets need.
/// </summary>
internal static class ComposedForm
{
    private const int HangulFirst = 0xAC00, LeadFirst = 0x1100, VowelFirst = 0x1161, TrailFirst = 0x11A7;
    private const int Leads = 19, Vowels = 21, Trails = 28;

    private static readonly Lazy<Tables> s_tables = new(Read);

    /// <summary>A character of the composed text.</summary>
    /// <param name="Rune">The character.</param>
    /// <param name="Change">0: it represents one character of the text; 1: it was added to the characters of the previous one; −n: it
    /// represents n + 1 characters.</param>
    internal readonly record struct Piece(Rune Rune, int Change);

    /// <summary>Whether a text may need composition; below U+0300, as in nearly all text, nothing combines.</summary>
    internal static bool MayChange(ReadOnlySpan<char> text) => text.ContainsAnyInRange('\u0300', '\uFFFF');

    /// <summary>A text in composed form.</summary>
    /// <param name="text">Any text.</param>
    internal static string Of(string text) => MayChange(text) ? string.Concat(Compose(text).Select(piece => piece.Rune.ToString())) : text;

    /// <summary>Composes a text.</summary>
    /// <param name="text">Any text; lone surrogates count as U+FFFD.</param>
    internal static List<Piece> Compose(string text)
    {
        Tables tables = s_tables.Value;
        List<(Piece Piece, int Class)> decomposed = new(text.Length + 8);
        int unsorted = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            int before = decomposed.Count;
            Decompose(rune.Value, tables, decomposed);
            for (int i = before; i < decomposed.Count; i++)
            {
                decomposed[i] = (decomposed[i].Piece with { Change = i == before ? 0 : 1 }, decomposed[i].Class);
                if (decomposed[i].Class == 0)
                {
                    SortMarks(decomposed, unsorted, i);
                    unsorted = i + 1;
                }
            }
        }
        SortMarks(decomposed, unsorted, decomposed.Count);
        return Recompose(decomposed, tables);
    }

    private static void Decompose(int value, Tables tables, List<(Piece Piece, int Class)> pieces)
    {
        int syllable = value - HangulFirst;
        if (syllable is >= 0 and < Leads * Vowels * Trails)
        {
            Add(LeadFirst + (syllable / (Vowels * Trails)));
            Add(VowelFirst + (syllable % (Vowels * Trails) / Trails));
            if (syllable % Trails > 0)
            {
                Add(TrailFirst + (syllable % Trails));
            }
        }
        else if (tables.Decompositions.TryGetValue(value, out (int First, int Second) parts))
        {
            Decompose(parts.First, tables, pieces);
            if (parts.Second != 0)
            {
                Decompose(parts.Second, tables, pieces);
            }
        }
        else
        {
            pieces.Add((new Piece(new Rune(value), 0), tables.Classes.GetValueOrDefault(value)));
        }

        void Add(int part) => pieces.Add((new Piece(new Rune(part), 0), 0));
    }

    // Marks of different classes may be in any order; equal ones keep theirs.
    private static void SortMarks(List<(Piece Piece, int Class)> pieces, int from, int to)
    {
        for (int i = from + 1; i < to; i++)
        {
            (Piece Piece, int Class) moved = pieces[i];
            int k = i;
            for (; k > from && pieces[k - 1].Class > moved.Class; k--)
            {
                pieces[k] = pieces[k - 1];
            }
            pieces[k] = moved;
        }
    }

    private static List<Piece> Recompose(List<(Piece Piece, int Class)> decomposed, Tables tables)
    {
        List<Piece> composed = new(decomposed.Count);
        int starter = -1, lastClass = 0;
        foreach ((Piece piece, int @class) in decomposed)
        {
            // A mark is blocked by one of the same or a higher class between it and its letter.
            bool reaches = starter >= 0 && (composed.Count == starter + 1 || (lastClass < @class && lastClass != 0));
            if (reaches && Pair(composed[starter].Rune.Value, piece.Rune.Value, tables) is int whole)
            {
                composed[starter] = new Piece(new Rune(whole), composed[starter].Change + piece.Change - 1);
                continue;
            }
            composed.Add(piece);
            lastClass = @class;
            if (@class == 0)
            {
                starter = composed.Count - 1;
            }
        }
        return composed;
    }

    private static int? Pair(int first, int second, Tables tables)
    {
        if (first - LeadFirst is >= 0 and < Leads && second - VowelFirst is >= 0 and < Vowels)
        {
            return HangulFirst + (((((first - LeadFirst) * Vowels) + second) - VowelFirst) * Trails);
        }
        if (first - HangulFirst is >= 0 and < Leads * Vowels * Trails && (first - HangulFirst) % Trails == 0
            && second - TrailFirst is > 0 and < Trails)
        {
            return first + second - TrailFirst;
        }
        return tables.Compositions.TryGetValue((first, second), out int whole) ? whole : null;
    }

    private static Tables Read()
    {
        Tables tables = new([], [], []);
        using Stream stream = typeof(ComposedForm).Assembly.GetManifestResourceStream("ComposedForm.txt")!;
        using StreamReader reader = new(stream);
        while (reader.ReadLine() is { } line)
        {
            int sign = line.AsSpan().IndexOfAny('=', '>');
            if (line.StartsWith('#'))
            {
                continue;
            }
            if (sign < 0)
            {
                string[] parts = line.Split(' ', '-');
                for (int value = Hex(parts[0]); value <= Hex(parts[^2]); value++)
                {
                    tables.Classes.Add(value, int.Parse(parts[^1], CultureInfo.InvariantCulture));
                }
                continue;
            }
            string[] letters = line[(sign + 1)..].Split(' ');
            (int, int) pair = (Hex(letters[0]), letters.Length > 1 ? Hex(letters[1]) : 0);
            tables.Decompositions.Add(Hex(line[..sign]), pair);
            if (line[sign] == '=')
            {
                tables.Compositions.Add(pair, Hex(line[..sign]));
            }
        }
        return tables;

        static int Hex(string digits) => int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    private sealed record Tables(
        Dictionary<int, int> Classes, Dictionary<int, (int First, int Second)> Decompositions, Dictionary<(int, int), int> Compositions);
}
