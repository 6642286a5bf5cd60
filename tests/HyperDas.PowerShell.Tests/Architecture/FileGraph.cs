using System.Text.RegularExpressions;

namespace HyperDas.PowerShell.Tests.Architecture;

/// <summary>
/// Which files of a project name types of other files in the same room, i.e. the same top-level folder of the project.
/// A file with its types, the types nested in them and the other files of its partial types are one thing, known by the first file's name.
/// Calling an extension method names the type that declares it; comments and string literals name nothing.
/// </summary>
internal sealed partial class FileGraph
{
    private readonly Dictionary<string, string> _code;
    private readonly Dictionary<string, string> _first;
    private readonly Dictionary<(string Room, string Name), string> _declares = [];
    private readonly Dictionary<(string Room, string Method), string> _extensions = [];
    private readonly HashSet<string> _spaces = [];
    private readonly List<string> _twice = [];
    private readonly SortedDictionary<string, Dictionary<string, string>> _names = new(StringComparer.Ordinal);

    /// <summary>Reads files.</summary>
    /// <param name="files">C# by path, with forward slashes from the project's folder on.</param>
    public FileGraph(IReadOnlyDictionary<string, string> files)
    {
        string[] paths = [.. files.Keys.Order(StringComparer.Ordinal)];
        _code = paths.ToDictionary(path => path, path => SourceText.CodeOf(files[path]));
        _first = paths.ToDictionary(path => path);
        Array.ForEach(paths, Declare);
        Array.ForEach(paths, Name);
    }

    /// <summary>How often a file names another of its room.</summary>
    public int Count => _names.Values.Sum(named => named.Count);

    /// <summary>Names that stand for two types of a room, so that nobody can tell which file is meant.</summary>
    public IReadOnlyList<string> Ambiguous => _twice;

    /// <summary>The files under a project's folder.</summary>
    public static FileGraph OfProject(string folder) => new(FilesOf(folder));

    /// <summary>The files under a project's folder, all rooms as one.</summary>
    public static FileGraph OfRoom(string folder) => new(FilesOf(folder).ToDictionary(file => "all/" + file.Key, file => file.Value));

    private static Dictionary<string, string> FilesOf(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .ToDictionary(path => Path.GetRelativePath(folder, path).Replace('\\', '/'), path => path)
            .Where(file => !file.Key.StartsWith("obj/", StringComparison.Ordinal) && !file.Key.StartsWith("bin/", StringComparison.Ordinal))
            .ToDictionary(file => file.Key, file => File.ReadAllText(file.Value));

    public bool Has(string from, string to) =>
        _names.TryGetValue(First(from), out Dictionary<string, string>? named) && named.ContainsKey(First(to));

    /// <summary>The shortest circle of every set of files that name each other, with the names that close it.</summary>
    public IReadOnlyList<string> Cycles()
    {
        List<string> cycles = [];
        HashSet<string> told = [];
        foreach (string file in _names.Keys.Where(file => !told.Contains(file)))
        {
            if (Way(file, file) is not { } way)
            {
                continue;
            }
            told.UnionWith(_names.Keys.Where(other => Way(file, other) is not null && Way(other, file) is not null));
            cycles.Add(string.Join("; ", way.Zip(way[1..], (from, to) => $"{from} names {_names[from][to]} of {to}")));
        }
        return cycles;
    }

    private void Declare(string path)
    {
        string code = _code[path], room = Room(path);
        _spaces.UnionWith(Namespace().Matches(code).SelectMany(space => space.Groups["name"].Value.Split('.')));
        foreach (Match type in Declaration().Matches(code))
        {
            string name = type.Groups["name"].Value;
            if (!_declares.TryAdd((room, name), path))
            {
                string other = _declares[(room, name)];
                if (type.Groups["partial"].Success)
                {
                    Join(path, other);
                }
                else if (other != path)
                {
                    _twice.Add($"{name} of {other} and {path}");
                }
            }
        }
        foreach (Match method in Extension().Matches(code))
        {
            _extensions.TryAdd((room, method.Groups["name"].Value), path);
        }
    }

    private void Name(string path)
    {
        string room = Room(path);
        foreach (Match chain in Chain().Matches(_code[path]))
        {
            string[] parts = [.. chain.Value.Split('.').Select(part => part.Trim(' ', '\r', '\n', '?', '!'))];
            // Its namespace may precede a type's name; its members follow it.
            int type = Array.FindIndex(parts, part => _declares.ContainsKey((room, part)) || !_spaces.Contains(part));
            if (type >= 0 && _declares.TryGetValue((room, parts[type]), out string? declaring))
            {
                Add(path, declaring, parts[type]);
            }
        }
        foreach (Match call in Call().Matches(_code[path]))
        {
            string method = call.Groups["name"].Value;
            if (_extensions.TryGetValue((room, method), out string? declaring))
            {
                Add(path, declaring, method);
            }
        }
    }

    private void Add(string from, string to, string name)
    {
        (from, to) = (First(from), First(to));
        if (from != to)
        {
            (_names.TryGetValue(from, out Dictionary<string, string>? named) ? named : _names[from] = []).TryAdd(to, name);
        }
    }

    private void Join(string path, string other)
    {
        string[] both = [First(path), First(other)];
        Array.Sort(both, StringComparer.Ordinal);
        _first[both[1]] = both[0];
    }

    private string First(string path) => _first[path] == path ? path : First(_first[path]);

    private static string Room(string path) => path.Contains('/', StringComparison.Ordinal) ? path.Split('/')[0] : "";

    // Breadth-first search: the shortest path of at least one step.
    private string[]? Way(string from, string to)
    {
        Dictionary<string, string> before = [];
        Queue<string> open = new([from]);
        while (open.TryDequeue(out string? file))
        {
            string[] nexts = _names.TryGetValue(file, out Dictionary<string, string>? named) ? [.. named.Keys] : [];
            foreach (string next in nexts)
            {
                if (before.TryAdd(next, file) && next != to)
                {
                    open.Enqueue(next);
                }
            }
            if (before.TryGetValue(to, out string? at))
            {
                List<string> way = [to];
                for (; at != from; at = before[at])
                {
                    way.Insert(0, at);
                }
                return [from, .. way];
            }
        }
        return null;
    }

    [GeneratedRegex(@"^namespace (?<name>[\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    // At the beginning of a line: indented declarations are nested in another type.
    [GeneratedRegex(
        @"^(?:(?:public|internal|file|static|sealed|abstract|readonly|ref|unsafe|(?<partial>partial)) )*"
            + @"(?:(?:class|struct|interface|enum|record struct|record class|record) (?<name>\w+)|delegate [^(;]+? (?<name>\w+)(?=[<(]))",
        RegexOptions.Multiline)]
    private static partial Regex Declaration();

    // Names separated by dots. A name after a single dot is a member of something else; after two dots it isn't.
    [GeneratedRegex(@"(?<!\w|@)(?<!(?<!\.)\.\s*)[A-Za-z_]\w*(?:\s*[?!]?\.(?!\.)\s*[A-Za-z_]\w*)*")]
    private static partial Regex Chain();

    [GeneratedRegex(@"\b(?:public|internal) static [^(;={]+ (?<name>\w+)(?:<[^>(]*>)?\(\s*this ")]
    private static partial Regex Extension();

    [GeneratedRegex(@"(?<!\.)\.\s*(?<name>\w+)(?:<[^>(]*>)?\(")]
    private static partial Regex Call();
}
