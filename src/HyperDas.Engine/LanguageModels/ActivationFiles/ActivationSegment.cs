using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using HyperDas.Engine.Files;
using Microsoft.Win32.SafeHandles;

namespace HyperDas.Engine.LanguageModels.ActivationFiles;

/// <summary>Where a sequence's states are in a segment.</summary>
/// <param name="Segment">The file.</param>
/// <param name="Offset">Where its record begins.</param>
/// <param name="Tokens">How many tokens it has.</param>
internal readonly record struct ActivationPlace(ActivationSegment Segment, long Offset, int Tokens);

/// <summary>
/// A file of hidden states. After the head come groups, each written at once and whole or not at all, so that what was computed together
/// is found together: a group's length, then for every sequence its token count, the token ids, SHA-256 of ids and states, the states.
/// It is read by position and not mapped into memory: the page cache serves both alike, but a mapped file that another process cuts off
/// kills this one.
/// </summary>
internal sealed class ActivationSegment : IDisposable
{
    /// <summary>Extension of finished files.</summary>
    public const string Extension = ".activations";

    /// <summary>Extension of files that are being written, or whose writer was killed.</summary>
    public const string PartExtension = ".activations.part";

    private const int MagicLength = 8, HeadLength = MagicLength + ActivationKey.DigestLength, GroupHeadLength = 16, HashLength = 32;

    private static readonly byte[] s_magic = "HDASACT1"u8.ToArray();
    private static readonly byte[] s_group = "HDASGRP1"u8.ToArray();

    private readonly SafeFileHandle _handle;
    private readonly long _bytesPerToken;

    private ActivationSegment(string path, SafeFileHandle handle, long bytesPerToken, long length)
    {
        Path = path;
        _handle = handle;
        _bytesPerToken = bytesPerToken;
        Length = length;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Bytes that hold whole groups.</summary>
    public long Length { get; private set; }

    /// <summary>Begins a file; until it is finished nobody else opens it.</summary>
    /// <param name="path">A name that ends on <see cref="PartExtension"/>.</param>
    /// <param name="key">What it will hold.</param>
    /// <exception cref="IOException">It can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It mustn't be written.</exception>
    public static ActivationSegment Create(string path, ActivationKey key)
    {
        SafeFileHandle handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        try
        {
            RandomAccess.Write(handle, [.. s_magic, .. key.Digest], 0);
            return new ActivationSegment(path, handle, key.BytesPerToken, HeadLength);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file and lists what it holds. What isn't whole at its end is left out; so is a file of something else.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">What it must hold.</param>
    /// <param name="found">Told of every sequence: token ids and place.</param>
    /// <returns>The file, or null when it holds nothing of use or can't be read.</returns>
    public static ActivationSegment? TryOpen(string path, ActivationKey key, Action<int[], ActivationPlace> found)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            long length = RandomAccess.GetLength(handle);
            Span<byte> head = stackalloc byte[HeadLength];
            if (length < HeadLength || !Fill(handle, head, 0) || !head[..MagicLength].SequenceEqual(s_magic)
                || !head[MagicLength..].SequenceEqual(key.Digest))
            {
                handle.Dispose();
                return null;
            }
            ActivationSegment segment = new(path, handle, key.BytesPerToken, HeadLength);
            segment.List(length, found);
            return segment;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            handle?.Dispose();
            return null;
        }
    }

    /// <summary>Appends sequences that were computed together.</summary>
    /// <param name="group">Token ids and states of each.</param>
    /// <returns>Their places, in order.</returns>
    /// <exception cref="IOException">It can't be written; nothing of the group counts then.</exception>
    public ActivationPlace[] Append(IReadOnlyList<(int[] Ids, byte[] States)> group)
    {
        long body = group.Sum(g => RecordLength(g.Ids.Length));
        byte[] bytes = new byte[GroupHeadLength + body];
        s_group.CopyTo(bytes, 0);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(s_group.Length), body);
        ActivationPlace[] places = new ActivationPlace[group.Count];
        int at = GroupHeadLength;
        for (int i = 0; i < group.Count; i++)
        {
            (int[] ids, byte[] states) = group[i];
            places[i] = new ActivationPlace(this, Length + at, ids.Length);
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), ids.Length);
            Span<byte> content = bytes.AsSpan(at + sizeof(int), ids.Length * sizeof(int));
            MemoryMarshal.AsBytes(ids.AsSpan()).CopyTo(content);
            Hash(content, states).CopyTo(bytes.AsSpan(at + sizeof(int) + content.Length));
            states.CopyTo(bytes.AsSpan(at + sizeof(int) + content.Length + HashLength));
            at += (int)RecordLength(ids.Length);
        }
        RandomAccess.Write(_handle, bytes, Length);
        Length += bytes.Length;
        return places;
    }

    /// <summary>Reads a sequence's states.</summary>
    /// <param name="place">Where it is.</param>
    /// <param name="ids">Its token ids.</param>
    /// <returns>The states, or null when they aren't what was written: the disk or somebody has changed them.</returns>
    public byte[]? Read(ActivationPlace place, int[] ids)
    {
        try
        {
            byte[] record = new byte[RecordLength(place.Tokens)];
            int content = place.Tokens * sizeof(int);
            if (!Fill(_handle, record, place.Offset))
            {
                return null;
            }
            Span<byte> stored = record.AsSpan(sizeof(int), content), hash = record.AsSpan(sizeof(int) + content, HashLength);
            byte[] states = record[(sizeof(int) + content + HashLength)..];
            return stored.SequenceEqual(MemoryMarshal.AsBytes(ids.AsSpan())) && Hash(stored, states).AsSpan().SequenceEqual(hash)
                ? states
                : null;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>Writes everything to the disk and gives the file its final name.</summary>
    /// <exception cref="IOException">It can't be done.</exception>
    public void Finish()
    {
        RandomAccess.FlushToDisk(_handle);
        Dispose();
        File.Move(Path, Path[..^PartExtension.Length] + Extension);
    }

    /// <summary>Finishes what a killed process left, as far as it is whole. A file whose writer lives is left alone.</summary>
    /// <param name="path">A file that ends on <see cref="PartExtension"/>.</param>
    public static void Rescue(string path)
    {
        try
        {
            using (File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            {
                // A process that writes it would hold the lock.
            }
            File.Move(path, path[..^PartExtension.Length] + Extension);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private long RecordLength(int tokens) => sizeof(int) + ((long)tokens * sizeof(int)) + HashLength + (tokens * _bytesPerToken);

    private void List(long length, Action<int[], ActivationPlace> found)
    {
        Span<byte> groupHead = stackalloc byte[GroupHeadLength], count = stackalloc byte[sizeof(int)];
        while (length - Length >= GroupHeadLength && Fill(_handle, groupHead, Length) && groupHead[..s_group.Length].SequenceEqual(s_group))
        {
            long body = BinaryPrimitives.ReadInt64LittleEndian(groupHead[s_group.Length..]);
            long at = Length + GroupHeadLength, end = at + body;
            if (body <= 0 || body > length - at)
            {
                return;
            }
            while (at < end && Fill(_handle, count, at))
            {
                int tokens = BinaryPrimitives.ReadInt32LittleEndian(count);
                if (tokens <= 0 || RecordLength(tokens) > end - at)
                {
                    return;
                }
                byte[] ids = new byte[tokens * sizeof(int)];
                if (!Fill(_handle, ids, at + sizeof(int)))
                {
                    return;
                }
                found(MemoryMarshal.Cast<byte, int>(ids).ToArray(), new ActivationPlace(this, at, tokens));
                at += RecordLength(tokens);
            }
            Length = end;
        }
    }

    private static byte[] Hash(ReadOnlySpan<byte> ids, ReadOnlySpan<byte> states)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(ids);
        hash.AppendData(states);
        return hash.GetHashAndReset();
    }

    private static bool Fill(SafeFileHandle handle, Span<byte> buffer, long offset) => PositionedRead.Fill(handle, buffer,
        offset) == buffer.Length;
}
