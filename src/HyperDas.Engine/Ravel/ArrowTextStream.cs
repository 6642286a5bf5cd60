using System.Buffers.Binary;
using System.Text;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// Reads an Arrow IPC stream whose columns are all UTF-8 text: the only kind that the published datasets have
/// (docs/methods.md#published-datasets).
/// </summary>
/// <remarks>
/// Not Apache.Arrow's reader: that follows a damaged file's offsets wherever they point, and the process dies. Here every offset is
/// checked by the span that it leads into.
/// </remarks>
internal static class ArrowTextStream
{
    private const int Continuation = -1;
    private const byte SchemaHeader = 1;
    private const byte RecordBatchHeader = 3;
    private const byte Utf8Type = 5;
    private const int BuffersPerColumn = 3;

    // The published datasets have 13.
    private const int MaxColumns = 256;

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads all rows.</summary>
    /// <param name="content">The file.</param>
    /// <returns>Column names, and for each row its texts in the columns' order; null where a cell is empty.</returns>
    /// <exception cref="InvalidDataException">The stream is damaged, or something else than text.</exception>
    internal static (IReadOnlyList<string> Columns, IReadOnlyList<string?[]> Rows) Read(ReadOnlySpan<byte> content)
    {
        string[]? columns = null;
        List<string?[]> rows = [];
        try
        {
            int at = 0;
            while (true)
            {
                Require(Int32(content, at) == Continuation, $"there is no message at byte {at}");
                int length = Int32(content, at + 4);
                if (length == 0)
                {
                    return (columns ?? throw new InvalidDataException("the stream has no schema"), rows);
                }
                FlatTable message = FlatTable.Root(content.Slice(at + 8, length));
                long bodyLength = message.Int64(3);
                at = checked(at + 8 + length);
                ReadOnlySpan<byte> body = content.Slice(at, checked((int)bodyLength));
                at = checked(at + (int)bodyLength);
                switch (message.Byte(1))
                {
                    case SchemaHeader:
                        columns = Columns(message.Table(2));
                        break;
                    case RecordBatchHeader:
                        rows.AddRange(Rows(message.Table(2), body, columns ?? throw new InvalidDataException("a record batch comes before the schema")));
                        break;
                    default:
                        throw new InvalidDataException($"messages of kind {message.Byte(1)} aren't supported; text columns without dictionaries are needed");
                }
            }
        }
        catch (Exception error) when (error is ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException("an offset points outside the stream, or a text isn't UTF-8", error);
        }
    }

    private static string[] Columns(FlatTable schema)
    {
        // Columns may share the bytes of a name in a file that means harm, so that a few would make many.
        Require(schema.VectorLength(1) <= MaxColumns, $"it has {schema.VectorLength(1)} columns; at most {MaxColumns} are read");
        string[] names = new string[schema.VectorLength(1)];
        for (int i = 0; i < names.Length; i++)
        {
            FlatTable field = schema.VectorTable(1, i);
            names[i] = field.Text(0, s_utf8);
            Require(field.Byte(2) == Utf8Type && !field.Has(4), $"the column '{names[i]}' isn't plain text");
        }
        return names;
    }

    private static string?[][] Rows(FlatTable batch, ReadOnlySpan<byte> body, string[] columns)
    {
        int count = checked((int)batch.Int64(0));
        Require(!batch.Has(3), "the record batches are compressed, which isn't supported");
        Require(batch.VectorLength(1) == columns.Length && batch.VectorLength(2) == BuffersPerColumn * columns.Length, "a record batch has other columns than the schema");
        // Every row takes at least one offset of four bytes in each column, so that a wild count can't ask for wild memory.
        Require(count >= 0 && (columns.Length == 0 ? count == 0 : count <= body.Length / (4 * columns.Length)), $"a record batch of {body.Length} bytes can't have {count} rows");
        long bytes = 0;
        string?[][] rows = new string?[count][];
        for (int row = 0; row < count; row++)
        {
            rows[row] = new string?[columns.Length];
        }
        for (int column = 0; column < columns.Length; column++)
        {
            (long length, long nulls) = batch.VectorPair(1, column);
            Require(length == count, $"the column '{columns[column]}' has {length} of {count} rows");
            ReadOnlySpan<byte> present = Buffer(batch, body, column, 0), offsets = Buffer(batch, body, column, 1), texts = Buffer(batch, body, column, 2);
            for (int row = 0; row < count; row++)
            {
                if (nulls == 0 || (present[row / 8] & (1 << (row % 8))) != 0)
                {
                    int start = Int32(offsets, 4 * row), end = Int32(offsets, 4 * (row + 1));
                    // Texts that lie over one another would be more than the file.
                    bytes += end - (long)start;
                    Require(bytes <= body.Length, "the texts are longer than the record batch");
                    rows[row][column] = s_utf8.GetString(texts[start..end]);
                }
            }
        }
        return rows;
    }

    private static ReadOnlySpan<byte> Buffer(FlatTable batch, ReadOnlySpan<byte> body, int column, int kind)
    {
        (long offset, long length) = batch.VectorPair(2, (BuffersPerColumn * column) + kind);
        return body.Slice(checked((int)offset), checked((int)length));
    }

    private static int Int32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidDataException(otherwise);
        }
    }
}
