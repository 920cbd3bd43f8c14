using Serverless.Core.Columns;

namespace Serverless.Core.Tests.Columns;

public sealed class CsvWritingTests
{
    [Fact]
    public async Task A_frame_is_written_in_plain_rfc_4180()
    {
        using var folder = new TemporaryFolder();
        var frame = new ColumnFrame(
            Column.FromIntegers("id", [9007199254740993, null]),
            Column.FromNumbers("x, y", [0.1, double.NegativeInfinity]),
            Column.FromTexts("text", ["say \"hi\"\nand go", null]),
            Column.FromBooleans("flag", [true, false])
        );

        await ColumnWriter.WriteAsync(frame, folder.File("t.csv"));

        Assert.Equal(
            "id,\"x, y\",text,flag\n9007199254740993,0.1,\"say \"\"hi\"\"\nand go\",true\n,-inf,,false\n",
            File.ReadAllText(folder.File("t.csv"))
        );
        Assert.Equal(["t.csv"], folder.Names());
    }

    [Fact]
    public async Task Any_frame_survives_writing_and_reading()
    {
        string[] pieces = ["a", ",", "\"", "\n", "\r\n", "é", "😀", " ", "#", ";", "7", "\t"];
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var rows = random.Next(1, 8);
            var frame = new ColumnFrame(
                Column.FromNumbers(
                    "n",
                    Make(() =>
                        random.Next(5) == 0 ? double.NaN : BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue))
                    )
                ),
                Column.FromIntegers("i", Make(() => random.Next(5) == 0 ? (long?)null : random.NextInt64(long.MinValue, long.MaxValue))),
                Column.FromTexts(
                    "t\"x",
                    Make(() =>
                        random.Next(5) == 0
                            ? null
                            : string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => pieces[random.Next(pieces.Length)]))
                    )
                ),
                Column.FromBooleans(
                    "b",
                    Make(() =>
                        random.Next(3) switch
                        {
                            0 => (bool?)null,
                            1 => true,
                            _ => false,
                        }
                    )
                )
            );
            frame = random.Next(4) == 0 ? frame.Select(["t\"x"]) : frame;
            var types = frame.Columns.ToDictionary(column => column.Name, column => column.Type);

            var written = Write(frame);
            var read = await Csv.ReadAsync(written, new() { Types = types, Delimiter = ',' });

            Assert.Equal(frame.ToString(), read.ToString());
            Assert.All(frame.Columns, column => Assert.Equal(column.Texts(), read[column.Name].Texts()));
            Assert.Equal(written, Write(read));

            T[] Make<T>(Func<T> make) => [.. Enumerable.Range(0, rows).Select(_ => make())];
        }
    }

    [Fact]
    public async Task A_stopped_writing_leaves_the_old_file_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("t.csv", "old");
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            ColumnWriter.WriteAsync(new ColumnFrame(Column.FromNumbers("x", [1])), path, stop.Token)
        );

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal(["t.csv"], folder.Names());
    }

    private static byte[] Write(ColumnFrame frame)
    {
        using var stream = new MemoryStream();
        CsvColumnWriter.Write(frame, stream);
        return stream.ToArray();
    }
}
