using System.Buffers.Binary;
using System.Numerics;

namespace HyperDas.Engine.Checkpoints.Pickle;

/// <summary>
/// Reads only pickles that <c>torch.save</c> writes: it knows the operations of protocols 2 to 4 that tensors, numbers, texts and
/// collections need, and the names of <see cref="PickleGlobal"/>. Nothing that the file names is looked up or executed.
/// </summary>
/// <remarks>
/// Not Razorvine.Pickle, on which TorchSharp.PyBridge builds: that makes an object of every name that it doesn't know, keeps its list of
/// names for the whole process, and PyBridge reads all storages into memory at once.
/// </remarks>
/// <param name="input">The bytes.</param>
/// <param name="storage">Makes a storage of what stands for it in the pickle.</param>
internal sealed class PickleReader(PickleInput input, Func<object?, PickledStorage> storage)
{
    // Limits above those of any model's tensors; otherwise a few bytes could request much memory.
    private const int MaxValues = 8_000_000, MaxStack = 2_000_000, MaxNumberBytes = 256;

    private static readonly object s_mark = new();

    private readonly List<object?> _stack = [];
    private readonly Dictionary<long, object?> _memo = [];
    private int _values;

    /// <summary>Reads one pickle.</summary>
    /// <returns>Null, bool, long, BigInteger, double, string, byte[], object?[] (a tuple), List, or a type of this namespace.</returns>
    /// <exception cref="PickleException">It is broken, or asks for something that isn't allowed.</exception>
    public object? Read()
    {
        _stack.Clear();
        _memo.Clear();
        while (true)
        {
            char operation = (char)input.Byte();
            if (operation == '.')
            {
                return Pop();
            }
            Do(operation);
            if (_stack.Count > MaxStack || _memo.Count > MaxValues)
            {
                throw new PickleException("it contains more values than any model");
            }
        }
    }

    private void Do(char operation)
    {
        switch (operation)
        {
            case '\x80':
                byte protocol = input.Byte();
                Require(protocol is >= 2 and <= 5, $"the pickle has the unsupported protocol {protocol}");
                break;
            case '\x95':
                // A frame; its bytes are read as part of the stream.
                input.Number(8);
                break;
            case '(':
                _stack.Add(s_mark);
                break;
            case '0':
                Pop();
                break;
            case '1':
                Marked();
                break;
            case '2':
                _stack.Add(Top());
                break;
            case 'q' or 'r':
                _memo[operation == 'q' ? input.Byte() : input.Number(4)] = Top();
                break;
            case '\x94':
                _memo[_memo.Count] = Top();
                break;
            case 'h' or 'j':
                long key = operation == 'h' ? input.Byte() : input.Number(4);
                _stack.Add(_memo.TryGetValue(key, out object? kept)
                    ? kept
                    : throw new PickleException($"it uses value {key}, which it hasn't stored"));
                break;
            default:
                if (!Scalar(operation) && !Collection(operation))
                {
                    Name(operation);
                }
                break;
        }
    }

    private bool Scalar(char operation)
    {
        switch (operation)
        {
            case 'N':
                Push(null);
                break;
            case '\x88' or '\x89':
                Push(operation == '\x88');
                break;
            case 'J':
                Push(input.Number(4, signed: true));
                break;
            case 'K':
                Push((long)input.Byte());
                break;
            case 'M':
                Push(input.Number(2));
                break;
            case '\x8a':
                Push(Whole(input.Bytes(input.Byte())));
                break;
            case '\x8b':
                long length = input.Number(4);
                Require(length <= MaxNumberBytes, $"a number has {length} bytes");
                Push(Whole(input.Bytes(length)));
                break;
            case 'G':
                Push(BinaryPrimitives.ReadDoubleBigEndian(input.Bytes(8)));
                break;
            case 'X':
                Push(input.Text(input.Number(4)));
                break;
            case '\x8c':
                Push(input.Text(input.Byte()));
                break;
            case '\x8d':
                Push(input.Text(input.Number(8)));
                break;
            case 'C':
                Push(input.Bytes(input.Byte()));
                break;
            case 'B':
                Push(input.Bytes(input.Number(4)));
                break;
            default:
                return false;
        }
        return true;
    }

    private bool Collection(char operation)
    {
        switch (operation)
        {
            case ')':
                Push(Array.Empty<object?>());
                break;
            case 't':
                Push(Marked());
                break;
            case '\x85' or '\x86' or '\x87':
                int count = operation - '\x84';
                Require(_stack.Count >= count, "it takes a value from an empty stack");
                object?[] tuple = [.. _stack[^count..]];
                _stack.RemoveRange(_stack.Count - count, count);
                Push(tuple);
                break;
            case ']':
                Push(new List<object?>());
                break;
            case '}':
                Push(new PickleDictionary());
                break;
            case 'a':
                object? item = Pop();
                Top<List<object?>>("a list").Add(item);
                break;
            case 'e':
                object?[] items = Marked();
                Top<List<object?>>("a list").AddRange(items);
                break;
            case 's':
                object? value = Pop(), name = Pop();
                Top<PickleDictionary>("a dictionary").Pairs.Add(new(name, value));
                break;
            case 'u':
                object?[] pairs = Marked();
                Require(pairs.Length % 2 == 0, "a key has no value");
                List<KeyValuePair<object?, object?>> into = Top<PickleDictionary>("a dictionary").Pairs;
                for (int i = 0; i < pairs.Length; i += 2)
                {
                    into.Add(new(pairs[i], pairs[i + 1]));
                }
                break;
            default:
                return false;
        }
        return true;
    }

    private void Name(char operation)
    {
        switch (operation)
        {
            case 'c':
                Push(Global(input.Line(), input.Line()));
                break;
            case '\x93':
                string name = Pop() as string ?? "", module = Pop() as string ?? "";
                Push(Global(module, name));
                break;
            case 'Q':
                Push(storage(Pop()));
                break;
            case 'R' or '\x81':
                object?[] arguments = Pop() as object?[] ?? throw new PickleException("the arguments of a call aren't a tuple");
                Push(PickleCalls.Call(
                    Pop() as PickleGlobal ?? throw new PickleException("it calls an unnamed object"), arguments));
                break;
            case 'b':
                // Attributes of dictionaries and tensors: versions of modules, hooks. They aren't needed here.
                Pop();
                Require(
                    Top() is PickleDictionary or PickledTensor,
                    "it sets attributes of an object that is neither a dictionary nor a tensor");
                break;
            default:
                throw new PickleException($"the operation 0x{(int)operation:x2} before byte {input.Position} isn't one that tensors need");
        }
    }

    private static PickleGlobal Global(string module, string name)
    {
        // Python 2 and 3, and dotted names, can refer to the same object in several ways: only exact names are allowed.
        string whole = $"{module}.{name}";
        return PickleGlobal.Find(whole) ?? throw new PickleException($"it asks for '{Shown(whole)}'", Shown(whole));
    }

    private static string Shown(string name) =>
        new([.. name.Take(100).Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter)]);

    private static object Whole(byte[] littleEndian)
    {
        BigInteger number = new(littleEndian);
        return number >= long.MinValue && number <= long.MaxValue ? (object)(long)number : number;
    }

    private object?[] Marked()
    {
        int mark = _stack.FindLastIndex(value => ReferenceEquals(value, s_mark));
        Require(mark >= 0, "a collection has no start mark");
        object?[] items = [.. _stack[(mark + 1)..]];
        _stack.RemoveRange(mark, _stack.Count - mark);
        _values += items.Length;
        Require(_values <= MaxValues, "it contains more values than any model");
        return items;
    }

    private void Push(object? value)
    {
        _values++;
        Require(_values <= MaxValues, "it contains more values than any model");
        _stack.Add(value);
    }

    private object? Top()
    {
        Require(_stack.Count > 0 && !ReferenceEquals(_stack[^1], s_mark), "it takes a value from an empty stack");
        return _stack[^1];
    }

    private T Top<T>(string what)
        where T : class => Top() as T ?? throw new PickleException($"it puts a value into an object that isn't {what}");

    private object? Pop()
    {
        object? value = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new PickleException(otherwise);
        }
    }
}
