using System.Buffers.Binary;
using System.Text;

namespace HyperDas.Engine.Tests.Backends;

/// <summary>What a native library asks of others and what it offers, read from the file of any of the three systems.</summary>
/// <param name="Wanted">Symbols that must come from another library; where the format says so, with that library's name.</param>
/// <param name="Offered">Symbols that other libraries find in it.</param>
internal sealed record NativeSymbols(IReadOnlyList<(string? Library, string Symbol)> Wanted, IReadOnlySet<string> Offered)
{
    public static NativeSymbols Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        return BinaryPrimitives.ReadUInt32LittleEndian(file) switch
        {
            0x464C457F => Elf(file),
            0xFEEDFACF => MachO(file),
            _ when file[0] == 'M' && file[1] == 'Z' => Pe(file),
            _ => throw new InvalidDataException($"'{path}' is no native library."),
        };
    }

    // Elf64_Shdr and Elf64_Sym: the section .dynsym (type 11) and the strings that it is linked with.
    private static NativeSymbols Elf(byte[] file)
    {
        const int SectionSize = 64, SymbolSize = 24, DynamicSymbols = 11;
        List<(string?, string)> wanted = [];
        HashSet<string> offered = [];
        long sections = Long(file, 40);
        for (int i = 0; i < Short(file, 60); i++)
        {
            int section = (int)sections + (i * SectionSize);
            if (Int(file, section + 4) != DynamicSymbols)
            {
                continue;
            }
            int strings = (int)Long(file, (int)sections + (Int(file, section + 40) * SectionSize) + 24);
            int start = (int)Long(file, section + 24), count = (int)(Long(file, section + 32) / SymbolSize);
            for (int n = 1; n < count; n++)
            {
                int symbol = start + (n * SymbolSize);
                string name = Text(file, strings + Int(file, symbol));
                bool weak = file[symbol + 4] >> 4 == 2;
                if (Short(file, symbol + 6) != 0)
                {
                    offered.Add(name);
                }
                else if (!weak)
                {
                    wanted.Add((null, name));
                }
            }
        }
        return new NativeSymbols(wanted, offered);
    }

    // nlist_64 of LC_SYMTAB; the libraries of LC_LOAD_DYLIB in order are what the two-level name space counts.
    private static NativeSymbols MachO(byte[] file)
    {
        const int SymbolTable = 2, LoadLibrary = 12, ReExport = unchecked((int)0x8000001F),
            LoadWeak = unchecked((int)0x80000018), SymbolSize = 16;
        List<string> libraries = [];
        int symbols = 0, count = 0, strings = 0;
        int at = 32;
        for (int i = 0; i < Int(file, 16); i++, at += Int(file, at + 4))
        {
            switch (Int(file, at))
            {
                case SymbolTable:
                    (symbols, count, strings) = (Int(file, at + 8), Int(file, at + 12), Int(file, at + 16));
                    break;
                case LoadLibrary or ReExport or LoadWeak:
                    libraries.Add(Path.GetFileName(Text(file, at + Int(file, at + 8))));
                    break;
            }
        }
        List<(string?, string)> wanted = [];
        HashSet<string> offered = [];
        for (int n = 0; n < count; n++)
        {
            int symbol = symbols + (n * SymbolSize), type = file[symbol + 4];
            int library = Short(file, symbol + 6) >> 8;
            string name = Text(file, strings + Int(file, symbol));
            bool external = (type & 1) != 0, debug = (type & 0xE0) != 0;
            if (external && !debug && (type & 0x0E) == 0)
            {
                wanted.Add((library >= 1 && library <= libraries.Count ? libraries[library - 1] : null, name));
            }
            else if (external && !debug)
            {
                offered.Add(name);
            }
        }
        return new NativeSymbols(wanted, offered);
    }

    // The import and export directories of PE32+.
    private static NativeSymbols Pe(byte[] file)
    {
        int header = Int(file, 60), optional = header + 24, directories = optional + 112;
        int sections = optional + Short(file, header + 20), sectionCount = Short(file, header + 6);
        List<(string?, string)> wanted = [];
        HashSet<string> offered = [];
        if (Int(file, directories) is int exports and not 0)
        {
            int table = Place(exports), names = Place(Int(file, table + 32));
            for (int n = 0; n < Int(file, table + 24); n++)
            {
                offered.Add(Text(file, Place(Int(file, names + (4 * n)))));
            }
        }
        if (Int(file, directories + 8) is int imports and not 0)
        {
            for (int entry = Place(imports); Int(file, entry + 12) != 0; entry += 20)
            {
                string library = Text(file, Place(Int(file, entry + 12)));
                int lookup = Int(file, entry) is int original and not 0 ? original : Int(file, entry + 16);
                for (int slot = Place(lookup); Long(file, slot) is long value and not 0; slot += 8)
                {
                    // The highest bit marks an import by number.
                    wanted.Add((library, value < 0 ? $"#{value & 0xFFFF}" : Text(file, Place((int)value) + 2)));
                }
            }
        }
        return new NativeSymbols(wanted, offered);

        int Place(int address)
        {
            for (int n = 0; n < sectionCount; n++)
            {
                int section = sections + (40 * n), start = Int(file, section + 12);
                if (address >= start && address < start + Math.Max(Int(file, section + 8), Int(file, section + 16)))
                {
                    return address - start + Int(file, section + 20);
                }
            }
            throw new InvalidDataException($"No section has the address {address:X}.");
        }
    }

    private static int Int(byte[] file, int at) => BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at));

    private static int Short(byte[] file, int at) => BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(at));

    private static long Long(byte[] file, int at) => BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(at));

    private static string Text(byte[] file, int at) => Encoding.UTF8.GetString(file, at, Array.IndexOf(file, (byte)0, at) - at);
}
