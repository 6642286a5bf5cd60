#nullable disable
using System;
using System.Text;
#if !HYPERDAS_ENGINE
using System.IO;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Copies libLibTorchSharp.so without its requirement on a new C++ runtime; a file that looks otherwise than expected fails the build.
/// </summary>
public class WeakenGlibcxxRequirement : Task
{
    [Required]
    public string Source { get; set; }

    [Required]
    public string Destination { get; set; }

    public override bool Execute()
    {
        byte[] elf = File.ReadAllBytes(Source);
        string problem = GlibcxxRequirement.Weaken(elf);
        if (problem != null)
        {
            Log.LogError("{0} doesn't look as expected: {1}. build/WeakenGlibcxxRequirement.cs knows the layout of TorchSharp 0.107.0.",
                Source, problem);
            return false;
        }
        if (File.Exists(Destination) && SameBytes(File.ReadAllBytes(Destination), elf))
        {
            return true;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(Destination));
        // A new file each time: the destination may be a hard link, and writing through it would change the package cache.
        string temporary = Destination + "." + Guid.NewGuid().ToString("N") + ".tmp";
        File.WriteAllBytes(temporary, elf);
        if (File.Exists(Destination))
        {
            File.Delete(Destination);
        }
        File.Move(temporary, Destination);
        Log.LogMessage(
            MessageImportance.High, "LibTorchSharp staged with a weak {0} requirement: {1}", GlibcxxRequirement.NewVersion, Destination);
        return true;
    }

    private static bool SameBytes(byte[] left, byte[] right)
    {
        if (left.Length != right.Length)
        {
            return false;
        }
        for (int i = 0; i < left.Length; i++)
        {
            if (left[i] != right[i])
            {
                return false;
            }
        }
        return true;
    }
}
#endif

/// <summary>
/// Makes libLibTorchSharp.so load on systems whose C++ runtime is older than GCC 13's.
/// The file wants one symbol of version GLIBCXX_3.4.32, std::ios_base_library_init(), which does nothing but what
/// std::ios_base::Init::Init() has done since GLIBCXX_3.4. Debian 12, Ubuntu 22.04 and RHEL 9 stop at 3.4.30 and refuse the file.
/// The patched image refers to the old symbol, and the requirement on the new version is marked weak (VER_FLG_WEAK); it runs on new
/// systems as well. The build compiles this file as a task of its own, and the engine compiles it for Install-HyperDasBackend.
/// </summary>
internal static class GlibcxxRequirement
{
    private const string NewSymbol = "_ZSt21ios_base_library_initv";
    private const string OldSymbol = "_ZNSt8ios_base4InitC1Ev";
    internal const string NewVersion = "GLIBCXX_3.4.32";
    private const string OldVersion = "GLIBCXX_3.4";
    private const uint DynSym = 11, GnuVersym = 0x6fffffff, GnuVerneed = 0x6ffffffe;

    /// <summary>Changes the image in place; returns what is wrong with it, or null.</summary>
    internal static string Weaken(byte[] elf)
    {
        if (elf.Length < 64 || elf[0] != 0x7f || elf[1] != 'E' || elf[2] != 'L' || elf[3] != 'F' || elf[4] != 2 || elf[5] != 1)
        {
            return "not a 64-bit little-endian ELF file";
        }
        long sections = (long)BitConverter.ToUInt64(elf, 0x28);
        int sectionSize = BitConverter.ToUInt16(elf, 0x3A), sectionCount = BitConverter.ToUInt16(elf, 0x3C);
        long symbols = -1, symbolBytes = 0, names = -1, versions = -1, needs = -1;
        int needCount = 0;
        for (int i = 0; i < sectionCount; i++)
        {
            long header = sections + (long)i * sectionSize;
            uint type = BitConverter.ToUInt32(elf, (int)header + 4);
            long offset = (long)BitConverter.ToUInt64(elf, (int)header + 0x18);
            if (type == DynSym)
            {
                symbols = offset;
                symbolBytes = (long)BitConverter.ToUInt64(elf, (int)header + 0x20);
                long linked = sections + (long)BitConverter.ToUInt32(elf, (int)header + 0x28) * sectionSize;
                names = (long)BitConverter.ToUInt64(elf, (int)linked + 0x18);
            }
            else if (type == GnuVersym)
            {
                versions = offset;
            }
            else if (type == GnuVerneed)
            {
                needs = offset;
                needCount = (int)BitConverter.ToUInt32(elf, (int)header + 0x2C);
            }
        }
        if (symbols < 0 || names < 0 || versions < 0 || needs < 0)
        {
            return "a dynamic symbol or version section is missing";
        }

        int newIndex = -1, oldIndex = -1;
        long weakFlag = -1;
        long need = needs;
        for (int i = 0; i < needCount; i++)
        {
            int count = BitConverter.ToUInt16(elf, (int)need + 2);
            long aux = need + BitConverter.ToUInt32(elf, (int)need + 8);
            for (int j = 0; j < count; j++)
            {
                string version = NameAt(elf, names + BitConverter.ToUInt32(elf, (int)aux + 8));
                int index = BitConverter.ToUInt16(elf, (int)aux + 6);
                if (version == NewVersion)
                {
                    newIndex = index;
                    weakFlag = aux + 4;
                }
                else if (version == OldVersion)
                {
                    oldIndex = index;
                }
                aux += BitConverter.ToUInt32(elf, (int)aux + 12);
            }
            need += BitConverter.ToUInt32(elf, (int)need + 12);
        }
        if (newIndex < 0)
        {
            return null;
        }
        if (oldIndex < 0)
        {
            return "it doesn't require " + OldVersion;
        }

        int patched = 0;
        for (long i = 0; i < symbolBytes / 24; i++)
        {
            if ((BitConverter.ToUInt16(elf, (int)(versions + 2 * i)) & 0x7fff) != newIndex)
            {
                continue;
            }
            long name = names + BitConverter.ToUInt32(elf, (int)(symbols + 24 * i));
            if (NameAt(elf, name) != NewSymbol)
            {
                return "another symbol than " + NewSymbol + " wants " + NewVersion + ": " + NameAt(elf, name);
            }
            byte[] replacement = Encoding.ASCII.GetBytes(OldSymbol.PadRight(NewSymbol.Length, '\0'));
            Array.Copy(replacement, 0, elf, name, replacement.Length);
            Array.Copy(BitConverter.GetBytes((ushort)oldIndex), 0, elf, versions + 2 * i, 2);
            patched++;
        }
        if (patched != 1)
        {
            return "expected one symbol of version " + NewVersion + ", found " + patched;
        }
        elf[weakFlag] |= 2;
        return null;
    }

    private static string NameAt(byte[] elf, long offset)
    {
        int end = Array.IndexOf(elf, (byte)0, (int)offset);
        return Encoding.ASCII.GetString(elf, (int)offset, end - (int)offset);
    }
}
