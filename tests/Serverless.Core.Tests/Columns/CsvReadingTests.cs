using System.IO.Compression;
using System.Text;
using Serverless.Core.Columns;

namespace Serverless.Core.Tests.Columns;

public sealed class CsvReadingTests
{
    [Theory]
    [InlineData("a,b\n1,x\n2,y\n")]
    [InlineData("a,b\n1,x\n2,y")]
    [InlineData("a,b\r\n1,x\r\n2,y\r\n")]
    [InlineData("a,b\r1,x\r2,y\r")]
    [InlineData("a;b\n1;x\n2;y\n")]
    [InlineData("a\tb\n1\tx\n2\ty\n")]
    [InlineData("a|b\n1|x\n2|y\n")]
    [InlineData("\"a\",\"b\"\n\"1\",\"x\"\n\"2\",\"y\"\n")]
    [InlineData("\n\na,b\n\n1,x\n  \n2,y\n\n\n")]
    public async Task One_table_in_many_spellings(string text)
    {
        var frame = await Csv.ReadAsync(text);

        Assert.Equal("2 rows; a: Integer, b: Text", frame.ToString());
        Assert.Equal(["1", "2"], frame["a"].Texts());
        Assert.Equal(["x", "y"], frame["b"].Texts());
    }

    [Fact]
    public async Task Quoted_fields_keep_delimiters_line_breaks_and_quotes()
    {
        var frame = await Csv.ReadAsync("a,\"b,c\"\n\"x\ny\",\"say \"\"hi\"\"\"\n5\" pipe,#no comment\n#row,z\n");

        Assert.Equal(["x\ny", "5\" pipe", "#row"], frame["a"].Texts());
        Assert.Equal(["say \"hi\"", "#no comment", "z"], frame["b,c"].Texts());
    }

    [Fact]
    public async Task An_empty_field_is_null_quoted_or_not_and_an_empty_line_is_null_in_a_file_of_one_column()
    {
        var frame = await Csv.ReadAsync("a,b\n,x\n1,\"\"\n");
        Assert.Equal([null, "1"], frame["a"].Texts());
        Assert.Equal(["x", null], frame["b"].Texts());

        Assert.Equal(["1", null, null, "2"], (await Csv.ReadAsync("a\n1\n\n\"\"\n2\n"))["a"].Texts());
    }

    public static TheoryData<string, byte[], string?> Encodings()
    {
        const string text = "name,n\nZoë €,1\n";
        return new TheoryData<string, byte[], string?>
        {
            { "utf-8", new UTF8Encoding(false).GetBytes(text), null },
            { "utf-8 with mark", [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text)], null },
            { "utf-16le with mark", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(text)], null },
            { "utf-16be with mark", [.. Encoding.BigEndianUnicode.Preamble, .. Encoding.BigEndianUnicode.GetBytes(text)], "latin1" },
            { "utf-16le", Encoding.Unicode.GetBytes(text), "utf-16le" },
            { "windows-1252", CodePagesEncodingProvider.Instance.GetEncoding(1252)!.GetBytes(text), "windows-1252" },
        };
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task Encodings_are_found_by_their_mark_or_given(string name, byte[] bytes, string? encoding)
    {
        var frame = await Csv.ReadAsync(bytes, new() { Encoding = encoding });

        Assert.NotEmpty(name);
        Assert.Equal(["name", "n"], frame.Columns.Select(column => column.Name));
        Assert.Equal(["Zoë €"], frame["name"].Texts());
    }

    [Fact]
    public async Task Files_are_read_by_their_extension()
    {
        using var folder = new TemporaryFolder();
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionMode.Compress))
        {
            gzip.Write("a,b\n1,2\n"u8);
        }

        string[] paths =
        [
            folder.Write("t.csv", "a,b\n1,2\n"),
            folder.Write("t.TSV", "a\tb\n1\t2\n"),
            folder.Write("t.txt", "a|b\n1|2\n"),
            folder.Write("t.csv.gz", zipped.ToArray()),
        ];

        foreach (var path in paths)
        {
            Assert.Equal("1 rows; a: Integer, b: Integer", (await ColumnReader.ReadAsync(path)).ToString());
        }
    }

    [Fact]
    public async Task A_tsv_file_may_hold_commas_and_a_given_delimiter_wins()
    {
        using var folder = new TemporaryFolder();
        var tsv = await ColumnReader.ReadAsync(folder.Write("t.tsv", "a,b,c\td\n1,2\t3\n"));
        Assert.Equal(["a,b,c", "d"], tsv.Columns.Select(column => column.Name));

        var given = await Csv.ReadAsync("a,b;c\n1,2;3\n", new() { Delimiter = ';' });
        Assert.Equal(["a,b", "c"], given.Columns.Select(column => column.Name));
    }

    [Fact]
    public async Task A_stream_is_read_from_where_it_stands_and_stays_open()
    {
        using var stream = new MemoryStream("skipped a,b\n1.5,x\n2,y\nz,y\n"u8.ToArray()) { Position = 8 };

        var frame = await ColumnReader.ReadAsync(stream, ColumnFormat.Csv);

        Assert.Equal(["1.5", "2", "z"], frame["a"].Texts());
        Assert.True(stream.CanRead);
    }
}
