using Serverless.Core.Columns;

namespace Serverless.Core.Tests.Columns;

public sealed class CsvErrorTests
{
    [Theory]
    [InlineData("", "data.csv: The file is empty.")]
    [InlineData("\n \n", "data.csv: The file is empty.")]
    [InlineData("a,b\n1,2\n1,2,3\n4\n", "data.csv:3: The row has 3 fields, but the header has 2. (1 more like this.)")]
    [InlineData("a,b\n\"1\n\n\",2\n\n4\n", "data.csv:6: The row has 1 field, but the header has 2.")]
    [InlineData("a,b\n1,2\n3,\"x\n4,5\n6,7\n", "data.csv:3: A quoted field has no closing quote.")]
    [InlineData("a,\"b\n1,2\n", "data.csv:1: A quoted field has no closing quote.")]
    [InlineData("a,b\n1,\"x\"y\n", "data.csv:2: Field 2 has text after its closing quote.")]
    [InlineData("a,b,a\n1,2,3\n", "data.csv:1: Columns 1 and 3 have the same name 'a'.")]
    [InlineData("\n,b\n1,2\n", "data.csv:2: Column 1 of 2 has no name in the header.")]
    public async Task Malformed_text_is_told_with_its_line(string text, string expected)
    {
        var error = await Csv.ErrorAsync(text);

        Assert.Equal(ErrorCodes.ValidationFailed, error.Code);
        Assert.Equal(expected, error.Message);
        Assert.NotNull(error.Fix);
        Assert.Equal(400, error.Status);
    }

    [Fact]
    public async Task Any_bytes_are_a_frame_or_a_clear_error()
    {
        byte[][] pieces =
        [
            "a"u8.ToArray(),
            ","u8.ToArray(),
            "\""u8.ToArray(),
            "\n"u8.ToArray(),
            "\r"u8.ToArray(),
            "1"u8.ToArray(),
            "\u00e9"u8.ToArray(),
            [0xC3],
            [0x00],
            [0xFF, 0xFE],
            " "u8.ToArray(),
            "NaN"u8.ToArray(),
            ";"u8.ToArray(),
        ];
        var frames = 0;
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            byte[] bytes =
            [
                .. Enumerable.Range(0, random.Next(30)).SelectMany(_ => pieces[random.Next(seed % 2 == 0 ? pieces.Length : 6)]),
            ];
            try
            {
                await Csv.ReadAsync(bytes);
                frames++;
            }
            catch (ServerlessException error)
            {
                Assert.NotNull(error.Fix);
                Assert.StartsWith("data.csv", error.Message);
            }
        }

        Assert.InRange(frames, 100, 2900);
    }

    [Fact]
    public async Task All_ragged_rows_are_counted_and_the_first_ten_told()
    {
        var error = await Csv.ErrorAsync("a,b\n" + string.Concat(Enumerable.Repeat("1\n2,3\n", 25)));

        Assert.EndsWith("(24 more like this.)", error.Message);
        Assert.Equal([2, 4, 6, 8, 10, 12, 14, 16, 18, 20], error.Diagnostics.Select(finding => finding.Line));
    }

    [Fact]
    public async Task Bytes_that_are_not_utf8_are_told_with_their_offset_and_line()
    {
        byte[] bytes = [.. "a,b\n1,x\n2,Zo"u8, 0xEB, .. "\n"u8];

        var error = await Assert.ThrowsAsync<ServerlessException>(() => Csv.ReadAsync(bytes));

        Assert.Equal("data.csv:3: The file is not UTF-8: byte 0xEB at offset 12.", error.Message);
        Assert.Equal("Save the file as UTF-8.", error.Fix);
    }

    [Fact]
    public async Task The_offset_of_a_wrong_byte_is_exact_in_a_long_file_of_long_characters()
    {
        byte[] bytes = [.. "a\n"u8, .. System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("€\n", 50_000))), 0xC3];

        var error = await Assert.ThrowsAsync<ServerlessException>(() => Csv.ReadAsync(bytes));

        Assert.Equal("data.csv:50002: The file is not UTF-8: byte 0xC3 at offset 200002.", error.Message);
    }

    [Fact]
    public async Task Utf16_without_a_mark_is_recognized()
    {
        var error = await Assert.ThrowsAsync<ServerlessException>(() => Csv.ReadAsync(System.Text.Encoding.Unicode.GetBytes("a,b\n1,2\n")));

        Assert.Equal("Save the file as UTF-8.", error.Fix);
    }

    [Fact]
    public async Task An_unknown_encoding_lists_the_known()
    {
        var error = await Csv.ErrorAsync("a\n1\n", new() { Encoding = "ebcdic" });

        Assert.Equal(ErrorCodes.InvalidParameterValue, error.Code);
        Assert.Contains("windows-1252", error.Fix);
    }

    [Fact]
    public async Task A_header_without_rows_is_a_frame_without_rows_unless_rows_are_required()
    {
        Assert.Equal("0 rows; a: Number, b: Number", (await Csv.ReadAsync("a,b\n")).ToString());

        var error = await Csv.ErrorAsync("a,b\n", new() { RequireRows = true });
        Assert.Equal("data.csv: The file has columns but no rows.", error.Message);
    }

    [Fact]
    public async Task Files_that_are_missing_or_no_tables_are_told()
    {
        using var folder = new TemporaryFolder();

        var missing = await Assert.ThrowsAsync<ServerlessException>(() => ColumnReader.ReadAsync(folder.File("no.csv")));
        Assert.EndsWith("no.csv: the file does not exist.", missing.Message);
        Assert.Equal(ErrorCodes.InvalidParameterValue, missing.Code);

        Directory.CreateDirectory(folder.File("folder.csv"));
        var directory = await Assert.ThrowsAsync<ServerlessException>(() => ColumnReader.ReadAsync(folder.File("folder.csv")));
        Assert.EndsWith("is a folder, not a file.", directory.Message);

        var image = await Assert.ThrowsAsync<ServerlessException>(() => ColumnReader.ReadAsync(folder.Write("x.png", "")));
        Assert.Contains("'.png'", image.Message);

        var gzip = await Assert.ThrowsAsync<ServerlessException>(() => ColumnReader.ReadAsync(folder.Write("x.csv.gz", "a,b\n1,2\n")));
        Assert.EndsWith("The file is not valid gzip.", gzip.Message);
    }
}
