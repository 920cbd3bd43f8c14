using System.Globalization;

namespace Serverless.Core.Columns;

/// <summary>
/// The structs of parquet.thrift. The library goes by the number of a field and not by its type, and loses its place where the two do not
/// fit: so they are compared here first.
/// </summary>
internal static class ParquetMetadata
{
    public const string File = "File";
    public const string PageHead = "PageHead";

    private const int List = 9;

    // By field: a type (? bool, b 8 bits, h 16, i 32, l 64, d double, s text, {struct}), with [ a list of it.
    private static readonly Dictionary<string, Dictionary<int, Field>> Structs = new(StringComparer.Ordinal)
    {
        [File] = Of("1i 2[{Schema} 3l 4[{RowGroup} 5[{KeyValue} 6s 7[{ColumnOrder}"),
        ["Schema"] = Of("1i 2i 3i 4s 5i 6i 7i 8i 9i 10{Logical}"),
        ["RowGroup"] = Of("1[{Chunk} 2l 3l 4[{Sorting} 5l 6l 7h"),
        ["Chunk"] = Of("2l 3{Column} 4l 5i 6l 7i"),
        ["Column"] = Of("1i 2[i 3[s 4i 5l 6l 7l 8[{KeyValue} 9l 10l 11l 12{Statistics} 13[{Encodings} 14l 15i 16{Sizes} 17{Geo}"),
        ["KeyValue"] = Of("1s 2s"),
        ["Sorting"] = Of("1i 2? 3?"),
        ["Statistics"] = Of("1s 2s 3l 4l 5s 6s 7? 8?"),
        ["Encodings"] = Of("1i 2i 3i"),
        ["Sizes"] = Of("1l 2[l 3[l"),
        ["Geo"] = Of("1{Box} 2[i"),
        ["Box"] = Of("1d 2d 3d 4d 5d 6d 7d 8d"),
        ["ColumnOrder"] = Of("1{Nothing} 2{Nothing}"),
        ["Nothing"] = [],
        ["Logical"] = Of(
            "1{Nothing} 2{Nothing} 3{Nothing} 4{Nothing} 5{Decimal} 6{Nothing} 7{Time} 8{Time} 10{Whole} 11{Nothing} 12{Nothing} "
                + "13{Nothing} 14{Nothing} 15{Nothing} 16{Variant} 17{Shape} 18{Shape}"
        ),
        ["Decimal"] = Of("1i 2i"),
        ["Time"] = Of("1? 2{Unit}"),
        ["Unit"] = Of("1{Nothing} 2{Nothing} 3{Nothing}"),
        ["Whole"] = Of("1b 2?"),
        ["Variant"] = Of("1b"),
        ["Shape"] = Of("1s 2i"),
        [PageHead] = Of("1i 2i 3i 4i 5{Page} 6{Nothing} 7{Dictionary} 8{PageV2}"),
        ["Page"] = Of("1i 2i 3i 4i 5{Statistics}"),
        ["Dictionary"] = Of("1i 2i 3?"),
        ["PageV2"] = Of("1i 2i 3i 4i 5i 6i 7? 8{Statistics}"),
    };

    /// <summary>Walks through a struct. A field that the format does not know is passed over, so that newer writers can be read.</summary>
    /// <exception cref="InvalidDataException">A field has another type than the format says.</exception>
    public static void Check(ref ThriftReader reader, string name)
    {
        var fields = Structs[name];
        reader.Enter();
        var number = 0;
        while (reader.Field(ref number) is not 0 and var type)
        {
            if (!fields.TryGetValue(number, out var field))
            {
                reader.Skip(type);
                continue;
            }

            Need(field.Fits(type), name, number);
            if (!field.IsList)
            {
                CheckValue(ref reader, field, type);
                continue;
            }

            var (count, inner) = reader.List();
            Need(count == 0 || field.FitsItem(inner), name, number);
            for (var i = 0; i < count; i++)
            {
                CheckValue(ref reader, field, inner);
            }
        }

        reader.Leave();
    }

    private static void CheckValue(ref ThriftReader reader, Field field, int type)
    {
        if (field.Struct is { } inner)
        {
            Check(ref reader, inner);
        }
        else
        {
            reader.Skip(type);
        }
    }

    private static void Need(bool holds, string name, int number)
    {
        if (!holds)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"Field {number} of {name} has a wrong type."));
        }
    }

    private static Dictionary<int, Field> Of(string fields) =>
        fields
            .Split(' ')
            .Select(f => (Digits: f.TakeWhile(char.IsAsciiDigit).Count(), Text: f))
            .ToDictionary(
                f => int.Parse(f.Text.AsSpan(0, f.Digits), CultureInfo.InvariantCulture),
                f => Field.Of(f.Text[f.Digits..])
            );

    private sealed record Field(bool IsList, int Type, string? Struct)
    {
        public static Field Of(string text)
        {
            var isList = text.StartsWith('[');
            var item = isList ? text[1..] : text;
            var type = item[0] switch
            {
                '?' => ThriftReader.True,
                'b' => 3,
                'h' => 4,
                'i' => 5,
                'l' => 6,
                'd' => 7,
                's' => 8,
                _ => ThriftReader.Struct,
            };
            return new Field(isList, type, type == ThriftReader.Struct ? item[1..^1] : null);
        }

        public bool Fits(int type) => IsList ? type == List : FitsItem(type);

        public bool FitsItem(int type) => type == Type || (Type == ThriftReader.True && type == 2);
    }
}
