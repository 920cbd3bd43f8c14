using Parquet;
using Parquet.Schema;
using Serverless.Core.Columns;

namespace Serverless.Core.Tests.Columns;

public sealed class ParquetReadingTests
{
    [Fact]
    public async Task Columns_keep_their_types_over_row_groups()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("t.parquet");
        var id = new DataField<long>("id");
        var n = new DataField<int?>("n");
        var x = new DataField<double?>("x");
        var flag = new DataField<bool>("flag");
        var text = new DataField<string>("text");
        var time = new DataField<DateTime>("time");
        await using (var file = File.Create(path))
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(id, n, x, flag, text, time), file))
        {
            for (var i = 0; i < 2; i++)
            {
                using var group = writer.CreateRowGroup();
                await group.WriteAsync<long>(id, new[] { 9007199254740993 + i, 2 }.AsMemory());
                await group.WriteAsync<int>(n, new int?[] { null, i }.AsMemory());
                await group.WriteAsync<double>(x, new double?[] { 0.1, double.PositiveInfinity }.AsMemory());
                await group.WriteAsync<bool>(flag, new[] { true, false }.AsMemory());
                await group.WriteAsync(text, (string?[])["a,b", null]);
                await group.WriteAsync<DateTime>(
                    time,
                    new[] { new DateTime(2024, 2, 29, 1, 2, 3, DateTimeKind.Utc), default(DateTime).AddYears(2000) }.AsMemory()
                );
            }
        }

        var frame = await ColumnReader.ReadAsync(path);

        Assert.Equal("4 rows; id: Integer, n: Integer, x: Number, flag: Boolean, text: Text, time: Text", frame.ToString());
        Assert.Equal(["9007199254740993", "2", "9007199254740994", "2"], frame["id"].Texts());
        Assert.Equal([null, "0", null, "1"], frame["n"].Texts());
        Assert.Equal(["0.1", "inf", "0.1", "inf"], frame["x"].Texts());
        Assert.Equal(["true", "false", "true", "false"], frame["flag"].Texts());
        Assert.Equal(["a,b", null, "a,b", null], frame["text"].Texts());
        Assert.Equal("2024-02-29T01:02:03", frame["time"].GetText(0));

        var typed = await ColumnReader.ReadAsync(
            path,
            new()
            {
                Types = new Dictionary<string, ColumnType> { ["id"] = ColumnType.Text },
                NullTexts = ["a,b"],
            }
        );
        Assert.Equal(ColumnType.Text, typed["id"].Type);
        Assert.Equal(4, typed["text"].NullCount);
    }

    [Fact]
    public async Task What_is_no_parquet_file_or_no_table_is_told()
    {
        using var folder = new TemporaryFolder();

        var csv = await Assert.ThrowsAsync<ServerlessException>(() =>
            ColumnReader.ReadAsync(folder.Write("a.parquet", "a,b\n1,2\n3,4\n5,6\n"))
        );
        Assert.Equal(ErrorCodes.ValidationFailed, csv.Code);
        Assert.Contains("not a readable Parquet file", csv.Message);

        var empty = await Assert.ThrowsAsync<ServerlessException>(() => ColumnReader.ReadAsync(folder.Write("e.parquet", "")));
        Assert.EndsWith("The file is empty.", empty.Message);

        var list = new DataField<int[]>("list");
        await using (var file = File.Create(folder.File("n.parquet")))
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(list), file))
        {
            using var group = writer.CreateRowGroup();
            await group.WriteAsync<int>(list, new[] { 1, 2 }.AsMemory(), new[] { 0, 1 }.AsMemory());
        }

        var nested = await Assert.ThrowsAsync<ServerlessException>(() => ColumnReader.ReadAsync(folder.File("n.parquet")));
        Assert.EndsWith("Column 'list' is nested or repeated.", nested.Message);
    }

    [Theory]
    [InlineData(
        "UEFSMRUAFRIVEiwVQBUGFQYVBgAABQAAAAWN+yABFQIZLEgGc2NoZW1hFQIAFQAlABgEZm"
            + "xhZwAWQBkcGRwmCBwVABkVBhkYBGZsYWcVABZAFjQWNCYIAAAWNBZAAABBAAAAUEFSMQ=="
    )]
    [InlineData(
        "UEFSMRUGFRIVElwVQBUAFUAVBhUAFQASAAAFAAAABY37IAEVAhksSAZzY2hlbWEVAgAVACUA"
            + "GARmbGFnABZAGRwZHCYIHBUAGRUGGRgEZmxhZxUAFkAWPhY+JggAABY+FkAAAEEAAABQQVIx"
    )]
    public async Task Booleans_that_another_writer_packed_in_runs_are_refused_with_what_to_do_and_never_misread(string file)
    {
        using var stream = new MemoryStream(Convert.FromBase64String(file));

        var error = await Assert.ThrowsAsync<ServerlessException>(() => ColumnReader.ReadAsync(stream, ColumnFormat.Parquet));

        Assert.Contains("booleans that are packed in runs", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_written_under_a_parquet_name_is_parquet_and_reads_back_the_same()
    {
        using var folder = new TemporaryFolder();
        var frame = new ColumnFrame(
            Column.FromIntegers("n", [1, null, 9007199254740993]),
            Column.FromNumbers("x", [0.1, double.NaN, double.PositiveInfinity]),
            Column.FromBooleans("b", [true, null, false]),
            Column.FromTexts("t", ["ä,b", null, "c"])
        );

        await ColumnWriter.WriteAsync(frame, folder.File("t.parquet"));
        await ColumnWriter.WriteAsync(frame, folder.File("t.csv.gz"));

        var read = await ColumnReader.ReadAsync(folder.File("t.parquet"));
        Assert.Equal("3 rows; n: Integer, x: Number, b: Boolean, t: Text", read.ToString());
        var packed = await ColumnReader.ReadAsync(folder.File("t.csv.gz"));
        foreach (var column in frame.Columns)
        {
            Assert.Equal(column.Texts(), read[column.Name].Texts());
            Assert.Equal(column.Texts(), packed[column.Name].Texts());
        }
    }
}
