using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace HyperDas.Pump;

/// <summary>
/// The models and interpreters that were passed to the pipeline, and their users. The list doesn't keep them alive: one that no variable
/// holds disappears when the garbage collector finds it.
/// </summary>
internal static class OpenHandles
{
    private static readonly ConditionalWeakTable<NativeHandle, Entry> s_entries = [];

    /// <summary>Adds a handle to the list.</summary>
    /// <param name="handle">A loaded model, or an interpreter.</param>
    public static void Add(NativeHandle handle) => s_entries.AddOrUpdate(handle, new Entry());

    /// <summary>Keeps a handle's memory while it is used, and records the user.</summary>
    /// <param name="handle">The handle.</param>
    /// <param name="user">Name of a command or job.</param>
    /// <returns>The use; dispose it at the end of the operation.</returns>
    /// <exception cref="HyperDasException"><c>ModelDisposed</c>, <c>InterpreterDisposed</c>.</exception>
    public static IDisposable Use(NativeHandle handle, string user)
    {
        IDisposable memory = handle.Acquire();
        return new NamedUse(
            memory, user, handle is InterpreterHandle interpreter ? [EntryOf(handle), EntryOf(interpreter.Model)] : [EntryOf(handle)]);
    }

    /// <summary>Open handles, oldest first: those that weren't released, and those that were released but are still used.</summary>
    public static IReadOnlyList<OpenHandle> List()
    {
        DateTimeOffset now = DateTimeOffset.Now;
        (NativeHandle Handle, Entry Entry)[] open =
            [.. s_entries.Select(e => (e.Key, e.Value)).Where(e => !e.Key.IsDisposed
                || !e.Value.Users.IsEmpty).OrderBy(e => e.Value.Opened)];
        return [.. open.Select(e => Describe(e.Handle, e.Entry))];

        OpenHandle Describe(NativeHandle handle, Entry entry)
        {
            ModelHandle model = handle as ModelHandle ?? ((InterpreterHandle)handle).Model;
            bool isModel = handle is ModelHandle;
            string[] interpreters = isModel ? [.. open.Where(o => o.Handle is InterpreterHandle i
                && ReferenceEquals(i.Model, handle)).Select(o => o.Handle.ToString()!)] : [];
            return new OpenHandle(
                handle.ToString()!, isModel ? HandleKind.Model : HandleKind.Interpreter, Bytes(handle), model.Device,
                entry.Opened, now - entry.Opened,
                [.. entry.Users.Values.Distinct().Order(StringComparer.Ordinal), .. interpreters], handle);
        }
    }

    // Interpreters are trained in 32 bits.
    private static long Bytes(NativeHandle handle) => handle switch
    {
        ModelHandle model => model.ParameterCount * (model.Dtype == ModelDtype.BFloat16 ? sizeof(short) : sizeof(float)),
        _ => ((InterpreterHandle)handle).ParameterCount * sizeof(float),
    };

    private static Entry EntryOf(NativeHandle handle) => s_entries.GetOrCreateValue(handle);

    private sealed class Entry
    {
        public DateTimeOffset Opened { get; } = DateTimeOffset.Now;

        public ConcurrentDictionary<NamedUse, string> Users { get; } = new();
    }

    private sealed class NamedUse : IDisposable
    {
        private readonly IDisposable _memory;
        private readonly Entry[] _entries;

        public NamedUse(IDisposable memory, string user, Entry[] entries)
        {
            (_memory, _entries) = (memory, entries);
            Array.ForEach(entries, entry => entry.Users[this] = user);
        }

        public void Dispose()
        {
            Array.ForEach(_entries, entry => entry.Users.TryRemove(this, out _));
            _memory.Dispose();
        }
    }
}
