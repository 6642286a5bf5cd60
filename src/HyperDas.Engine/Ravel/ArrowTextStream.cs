using System.Buffers.Binary;
using System.Text;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// Reads the UTF-8 text columns of an Arrow IPC stream: the only type in the published datasets (docs/methods.md#published-datasets).
/// Numeric columns, which other tools add, are skipped.
/// </summary>
/// <remarks>Not Apache.Arrow's reader, which follows a damaged file's offsets anywhere and crashes the process. Here the target span checks
/// every offset.</remarks>
internal static class ArrowTextStream
{
    private const int Continuation = -1;
    private const byte SchemaHeader = 1;
    private const byte RecordBatchHeader = 3;

    // org.apache.arrow.flatbuf.Type.
    private const byte NullType = 1, IntType = 2, FloatType = 3, BinaryType = 4, Utf8Type = 5, BoolType = 6, DecimalType = 7, DateType = 8,
        TimeType = 9, TimestampType = 10;
    private const byte LargeBinaryType = 19, LargeUtf8Type = 20;

    // The published datasets have 13.
    private const int MaxColumns = 256;

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads all rows.</summary>
    /// <param name="content">The file.</param>
    /// <returns>Column names, and for each row its texts in the columns' order; null where a cell is empty.</returns>
    /// <exception cref="InvalidDataException">The stream is damaged, or something else than text.</exception>
    internal static (IReadOnlyList<string> Columns, IReadOnlyList<string?[]> Rows) Read(ReadOnlySpan<byte> content)
    {
        Column[]? columns = null;
        List<string?[]> rows = [];
        try
        {
            Require(!content.StartsWith("ARROW1"u8), "it is in Arrow's file format; Hugging Face datasets write its stream format");
            int at = 0;
            while (true)
            {
                Require(Int32(content, at) == Continuation, $"there is no message at byte {at}");
                int length = Int32(content, at + 4);
                if (length == 0)
                {
                    return ([.. (columns ?? throw new InvalidDataException("the stream has no schema")).Where(c => c.IsText)
                        .Select(c => c.Name)], rows);
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
                        rows.AddRange(Rows(
                            message.Table(2), body, columns ?? throw new InvalidDataException("a record batch comes before the schema")));
                        break;
                    default:
                        throw new InvalidDataException(
                            $"messages of kind {message.Byte(1)} aren't supported, only text columns without dictionaries");
                }
            }
        }
        catch (Exception error) when (error is ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException("an offset points outside the stream, or a text isn't UTF-8", error);
        }
    }

    private static Column[] Columns(FlatTable schema)
    {
        // Columns of a malicious file may share the bytes of a name, which a few bytes would multiply.
        Require(schema.VectorLength(1) <= MaxColumns, $"it has {schema.VectorLength(1)} columns; at most {MaxColumns} are supported");
        Column[] columns = new Column[schema.VectorLength(1)];
        int next = 0;
        for (int i = 0; i < columns.Length; i++)
        {
            FlatTable field = schema.VectorTable(1, i);
            string name = field.Text(0, s_utf8);
            byte type = field.Byte(2);
            // A separate dictionary, or nested columns.
            Require(!field.Has(4) && field.VectorLength(5) == 0, $"the column '{name}' contains neither plain text nor plain numbers");
            int buffers = type switch
            {
                NullType => 0,
                IntType or FloatType or BoolType or DecimalType or DateType or TimeType or TimestampType => 2,
                Utf8Type or LargeUtf8Type or BinaryType or LargeBinaryType => 3,
                _ => throw new InvalidDataException($"the column '{name}' contains neither plain text nor plain numbers"),
            };
            columns[i] = new Column(name, type is Utf8Type or LargeUtf8Type, type == LargeUtf8Type ? 8 : 4, next);
            next += buffers;
        }
        return columns;
    }

    private static string?[][] Rows(FlatTable batch, ReadOnlySpan<byte> body, Column[] columns)
    {
        int count = checked((int)batch.Int64(0));
        Require(!batch.Has(3), "the record batches are compressed, which isn't supported");
        Require(batch.VectorLength(1) == columns.Length, "a record batch doesn't match the schema's columns");
        Column[] texts = Array.FindAll(columns, c => c.IsText);
        // Every row takes at least one four-byte offset in each text column, so an invalid count can't request excessive memory.
        Require(count >= 0 && (texts.Length == 0 ? count == 0 : count <= body.Length / (4 * texts.Length)),
            $"a record batch of {body.Length} bytes can't have {count} rows");
        long bytes = 0;
        string?[][] rows = new string?[count][];
        for (int row = 0; row < count; row++)
        {
            rows[row] = new string?[texts.Length];
        }
        for (int place = 0; place < texts.Length; place++)
        {
            Column column = texts[place];
            (long length, long nulls) = batch.VectorPair(1, Array.IndexOf(columns, column));
            Require(length == count, $"the column '{column.Name}' has {length} of {count} rows");
            ReadOnlySpan<byte> present = Buffer(batch, body, column.FirstBuffer), offsets = Buffer(batch, body, column.FirstBuffer + 1),
                content = Buffer(batch, body, column.FirstBuffer + 2);
            for (int row = 0; row < count; row++)
            {
                if (nulls == 0 || (present[row / 8] & (1 << (row % 8))) != 0)
                {
                    int start = Offset(offsets, row, column.OffsetBytes), end = Offset(offsets, row + 1, column.OffsetBytes);
                    // Overlapping texts would be larger than the file.
                    bytes += end - (long)start;
                    Require(bytes <= body.Length, "the texts are longer than the record batch");
                    rows[row][place] = s_utf8.GetString(content[start..end]);
                }
            }
        }
        return rows;
    }

    private static int Offset(ReadOnlySpan<byte> offsets, int row, int size) =>
        size == 4 ? Int32(offsets, 4 * row) : checked((int)BinaryPrimitives.ReadInt64LittleEndian(offsets[(8 * row)..]));

    private static ReadOnlySpan<byte> Buffer(FlatTable batch, ReadOnlySpan<byte> body, int buffer)
    {
        Require(buffer < batch.VectorLength(2), "a record batch doesn't match the schema's columns");
        (long offset, long length) = batch.VectorPair(2, buffer);
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

    /// <summary>A column, and where its buffers begin among those of a batch.</summary>
    private sealed record Column(string Name, bool IsText, int OffsetBytes, int FirstBuffer);
}
