namespace Serverless.Core.Columns;

/// <summary>
/// Walks through Thrift's compact protocol, the form of Parquet's metadata, without keeping anything: every length is held against
/// what is there, and every nesting against a limit. Source: thrift-compact-protocol.md of Apache Thrift.
/// </summary>
/// <param name="bytes">Where it stands; what it reads must end within them.</param>
internal ref struct ThriftReader(ReadOnlySpan<byte> bytes)
{
    public const int True = 1;
    public const int Struct = 12;

    private const int DeepestNesting = 24;
    private readonly ReadOnlySpan<byte> bytes = bytes;
    private int depth;

    /// <summary>How far it has come.</summary>
    public int Position { get; private set; }

    /// <summary>The next field of a struct: its type, and its number in <paramref name="field"/>; 0 at the end of the struct.</summary>
    public int Field(ref int field)
    {
        var head = Byte();
        if (head == 0)
        {
            return 0;
        }

        field = head >> 4 is not 0 and var step ? field + step : checked((int)Number());
        return head & 15;
    }

    /// <summary>The head of a list: how many items of which type. A list cannot have more items than bytes follow.</summary>
    public (int Count, int Type) List()
    {
        var head = Byte();
        var count = head >> 4 is 15 ? Varint() : (ulong)(head >> 4);
        return count <= (ulong)(bytes.Length - Position)
            ? ((int)count, head & 15)
            : throw new InvalidDataException("A list is longer than the metadata.");
    }

    /// <summary>A number of 16, 32 or 64 bits.</summary>
    public long Number()
    {
        var value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public string Text()
    {
        var length = Varint();
        return length <= (ulong)(bytes.Length - Position)
            ? System.Text.Encoding.UTF8.GetString(Bytes((int)length))
            : throw new InvalidDataException("A text is longer than the metadata.");
    }

    /// <summary>Goes into a struct, so that its nesting counts.</summary>
    public void Enter()
    {
        if (++depth > DeepestNesting)
        {
            throw new InvalidDataException($"The metadata is nested more than {DeepestNesting} deep.");
        }
    }

    public void Leave() => depth--;

    public void Skip(int type)
    {
        switch (type)
        {
            case True or 2:
                // A field that is true or false has its value in its type.
                break;
            case 3:
                Byte();
                break;
            case 4 or 5 or 6:
                Varint();
                break;
            case 7:
                Bytes(8);
                break;
            case 8:
                Text();
                break;
            case 9 or 10:
                SkipList();
                break;
            case Struct:
                Enter();
                var field = 0;
                while (Field(ref field) is not 0 and var inner)
                {
                    Skip(inner);
                }

                Leave();
                break;
            case 13:
                Bytes(16);
                break;
            default:
                throw new InvalidDataException("The metadata has a value of a type that does not belong there.");
        }
    }

    private void SkipList()
    {
        var (count, type) = List();
        Enter();
        for (var i = 0; i < count; i++)
        {
            // The format has no lists of truth values and no maps, and readers differ over them.
            Skip(type is True or 2 ? 0 : type);
        }

        Leave();
    }

    private byte Byte() => Position < bytes.Length ? bytes[Position++] : throw new InvalidDataException("The metadata ends too early.");

    private ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > bytes.Length - Position)
        {
            throw new InvalidDataException("The metadata ends too early.");
        }

        Position += count;
        return bytes.Slice(Position - count, count);
    }

    private ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Byte();
            value |= (ulong)(next & 127) << shift;
            if (next < 128)
            {
                return value;
            }
        }

        throw new InvalidDataException("A number of the metadata is longer than 64 bits.");
    }
}
