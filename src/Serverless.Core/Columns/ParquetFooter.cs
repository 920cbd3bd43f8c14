namespace Serverless.Core.Columns;

/// <summary>One column of one row group: where its pages lie.</summary>
internal readonly record struct ParquetChunk(long Start, long Values, int RowGroup);

/// <summary>
/// What the end of a Parquet file says of it: how many rows in how many columns, and where they lie. Only what the limits need is kept.
/// </summary>
internal sealed class ParquetFooter
{
    private const int MostChunks = 1_000_000;
    private const int DeepestSchema = 24;

    private readonly List<(int Children, bool IsLeaf)> schema = [];

    public List<ParquetChunk> Chunks { get; } = [];

    public List<long> GroupRows { get; } = [];

    public long Rows { get; private set; }

    /// <summary>How many columns hold values.</summary>
    public int Columns => schema.Count(s => s.IsLeaf);

    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static ParquetFooter Read(ReadOnlySpan<byte> bytes)
    {
        var check = new ThriftReader(bytes);
        ParquetMetadata.Check(ref check, ParquetMetadata.File);
        var footer = new ParquetFooter();
        var reader = new ThriftReader(bytes);
        var field = 0;
        while (reader.Field(ref field) is not 0 and var type)
        {
            switch (field, type)
            {
                case (2, 9):
                    footer.ReadSchema(ref reader);
                    break;
                case (3, 6):
                    footer.Rows = reader.Number();
                    break;
                case (4, 9):
                    footer.ReadGroups(ref reader);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        footer.CheckSchema();
        footer.CheckRows();
        return footer;
    }

    private void ReadSchema(ref ThriftReader reader)
    {
        var (count, type) = reader.List();
        Need(type == ThriftReader.Struct, "The schema is no list of columns.");
        for (var i = 0; i < count; i++)
        {
            var (field, children) = (0, 0L);
            while (reader.Field(ref field) is not 0 and var inner)
            {
                if (field == 5 && inner == 5)
                {
                    children = reader.Number();
                }
                else
                {
                    reader.Skip(inner);
                }
            }

            Need(children >= 0 && children < count, "The schema counts more columns than it has.");
            schema.Add(((int)children, children == 0 && i > 0));
        }
    }

    private void ReadGroups(ref ThriftReader reader)
    {
        var (count, type) = reader.List();
        Need(type == ThriftReader.Struct, "The row groups are no list.");
        for (var i = 0; i < count; i++)
        {
            var (field, rows) = (0, -1L);
            while (reader.Field(ref field) is not 0 and var inner)
            {
                switch (field, inner)
                {
                    case (1, 9):
                        ReadChunks(ref reader, i);
                        break;
                    case (3, 6):
                        rows = reader.Number();
                        break;
                    default:
                        reader.Skip(inner);
                        break;
                }
            }

            Need(rows >= 0, "A row group does not say how many rows it has.");
            GroupRows.Add(rows);
        }
    }

    private void ReadChunks(ref ThriftReader reader, int group)
    {
        var (count, type) = reader.List();
        Need(type == ThriftReader.Struct, "The columns of a row group are no list.");
        Need(Chunks.Count + (long)count <= MostChunks, $"It has more than {MostChunks} columns in all its row groups.");
        for (var i = 0; i < count; i++)
        {
            var field = 0;
            while (reader.Field(ref field) is not 0 and var inner)
            {
                if (field == 3 && inner == ThriftReader.Struct)
                {
                    ReadChunk(ref reader, group);
                }
                else
                {
                    Need(field != 1, "A column lies in another file.");
                    reader.Skip(inner);
                }
            }
        }
    }

    private void ReadChunk(ref ThriftReader reader, int group)
    {
        var (field, values, data, dictionary) = (0, -1L, -1L, 0L);
        while (reader.Field(ref field) is not 0 and var inner)
        {
            switch (field, inner)
            {
                case (5, 6):
                    values = reader.Number();
                    break;
                case (9, 6):
                    data = reader.Number();
                    break;
                case (11, 6):
                    dictionary = reader.Number();
                    break;
                default:
                    reader.Skip(inner);
                    break;
            }
        }

        Need(values >= 0 && data > 0 && dictionary >= 0, "A column does not say where it lies.");
        Chunks.Add(new ParquetChunk(dictionary > 0 ? Math.Min(dictionary, data) : data, values, group));
    }

    private void CheckSchema()
    {
        Need(schema.Count > 0, "It has no schema.");
        var open = new Stack<int>();
        foreach (var (children, _) in schema)
        {
            Need(open.Count > 0 || Equals(schema[0], (children, false)), "The schema counts fewer columns than it has.");
            if (open.TryPop(out var left) && left > 1)
            {
                open.Push(left - 1);
            }

            if (children > 0)
            {
                open.Push(children);
                Need(open.Count <= DeepestSchema, $"The schema is nested more than {DeepestSchema} deep.");
            }
        }

        Need(open.Count == 0, "The schema counts more columns than it has.");
    }

    private void CheckRows()
    {
        Need(
            Rows >= 0 && GroupRows.Aggregate(0UL, (sum, rows) => checked(sum + (ulong)rows)) == (ulong)Rows,
            "Its numbers of rows differ."
        );
        var columns = new int[GroupRows.Count];
        foreach (var chunk in Chunks)
        {
            columns[chunk.RowGroup]++;
        }

        Need(columns.All(c => c == Columns), "A row group has other columns than the schema.");
    }

    private static void Need(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidDataException(what);
        }
    }
}
