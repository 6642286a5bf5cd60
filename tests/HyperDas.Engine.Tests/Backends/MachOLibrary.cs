using System.Buffers.Binary;
using System.Text;

namespace HyperDas.Engine.Tests.Backends;

/// <summary>What a native library of macOS is called and which others it is loaded with, read from its load commands.</summary>
/// <param name="Name">The name that others ask for it by.</param>
/// <param name="Needs">The names of those that it asks for.</param>
internal sealed record MachOLibrary(string Name, IReadOnlyList<string> Needs)
{
    /// <summary>Reads a 64-bit library for one processor.</summary>
    /// <param name="path">The file.</param>
    public static MachOLibrary Read(string path)
    {
        const int OwnName = 13, LoadLibrary = 12, LoadWeak = unchecked((int)0x80000018), ReExport = unchecked((int)0x8000001F);
        byte[] file = File.ReadAllBytes(path);
        string own = "";
        List<string> needs = [];
        int at = 32;
        for (int i = 0; i < Int(16); i++, at += Int(at + 4))
        {
            switch (Int(at))
            {
                case OwnName:
                    own = Text();
                    break;
                case LoadLibrary or LoadWeak or ReExport:
                    needs.Add(Text());
                    break;
            }
        }
        return new MachOLibrary(own, needs);

        int Int(int place) => BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(place));

        string Text()
        {
            int start = at + Int(at + 8);
            return Encoding.UTF8.GetString(file, start, Array.IndexOf(file, (byte)0, start) - start);
        }
    }
}
