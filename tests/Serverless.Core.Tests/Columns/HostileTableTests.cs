using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Parquet;
using Parquet.Schema;
using Serverless.Core.Columns;

namespace Serverless.Core.Tests.Columns;

/// <summary>Tables that were made to take a host down.</summary>
public sealed class HostileTableTests
{
    private static byte[] File(ReadOnlySpan<byte> footer, uint length)
    {
        var tail = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(tail, length);
        return [.. "PAR1"u8, .. footer, .. tail, .. "PAR1"u8];
    }

    private static Task<ColumnFrame> ReadAsync(byte[] bytes, ColumnFormat format = ColumnFormat.Parquet, ColumnLimits? limits = null) =>
        ColumnReader.ReadAsync(
            new MemoryStream(bytes),
            format,
            new() { Limits = limits ?? new ColumnLimits() },
            "t.parquet",
            TestContext.Current.CancellationToken
        );

    private static async Task<string> RefusedAsync(byte[] bytes, ColumnFormat format = ColumnFormat.Parquet, ColumnLimits? limits = null)
    {
        var clock = Stopwatch.StartNew();
        var e = await Assert.ThrowsAsync<ServerlessException>(() => ReadAsync(bytes, format, limits));
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal(400, e.Status);
        return e.Message;
    }

    [Fact]
    public async Task A_footer_of_nested_structs_is_refused()
    {
        var footer = new byte[64];
        Array.Fill(footer, (byte)0x1c);

        Assert.Contains("has a wrong type", await RefusedAsync(File(footer, 64)));
    }

    [Theory]
    [InlineData(0x7fffffffu)]
    [InlineData(0xffffffffu)]
    [InlineData(65u)]
    [InlineData(0u)]
    public async Task A_footer_longer_than_its_file_is_refused(uint length) =>
        Assert.Contains("its footer is longer than the file", await RefusedAsync(File(new byte[64], length)));

    [Fact]
    public async Task Any_damage_to_a_file_is_an_answer_within_seconds()
    {
        var sound = await SoundAsync();
        Assert.Equal(2000, (await ReadAsync(sound)).RowCount);
        var random = new Random(7);
        for (var i = 0; i < 400; i++)
        {
            var damaged = (byte[])sound.Clone();
            // Mostly in the metadata at the end, where the lengths and counts are.
            for (var change = 0; change < 1 + (i % 4); change++)
            {
                var from = i % 3 == 0 ? 4 : damaged.Length - 600;
                damaged[from + random.Next(damaged.Length - 8 - from)] = (byte)random.Next(256);
            }

            var clock = Stopwatch.StartNew();
            try
            {
                await ReadAsync(damaged, limits: ColumnLimits.OfRequest);
            }
            catch (ServerlessException e)
            {
                Assert.Equal(400, e.Status);
            }

            Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        }
    }

    [Fact]
    public async Task More_rows_or_columns_than_the_limits_are_refused_by_number()
    {
        var sound = await SoundAsync();

        Assert.Contains("more than 1999 rows, the most for 3 columns", await RefusedAsync(sound, limits: new ColumnLimits { Rows = 1999 }));
        Assert.Contains("has 3 columns; 2 is the most", await RefusedAsync(sound, limits: new ColumnLimits { Columns = 2 }));
        Assert.Contains("larger than 0 MiB, unpacked", await RefusedAsync(sound, limits: new ColumnLimits { Bytes = 1000 }));
    }

    [Fact]
    public async Task A_long_text_that_each_row_repeats_is_one_text()
    {
        var field = new DataField<string>("t");
        var options = new ParquetOptions();
        options.ColumnEncodingHints["t"] = EncodingHint.Dictionary;
        using var file = new MemoryStream();
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(field), file, options))
        {
            using var group = writer.CreateRowGroup();
            await group.WriteAsync(field, Enumerable.Repeat<string?>(new string('x', 100_000), 20_000).ToArray());
        }

        Assert.InRange(file.Length, 0, 1_000_000);
        var frame = await ReadAsync(file.ToArray(), limits: ColumnLimits.OfRequest);

        Assert.Equal(20_000, frame.RowCount);
        Assert.Same(frame["t"].GetText(0), frame["t"].GetText(19_999));
    }

    [Fact]
    public async Task A_million_columns_are_refused()
    {
        var header = Encoding.UTF8.GetBytes(string.Join(',', Enumerable.Range(0, 1_000_000)) + "\n");

        Assert.Contains(
            ":1: The line has more than 100000 fields; a table has at most 10000",
            await RefusedAsync(header, ColumnFormat.Csv)
        );

        var row = Encoding.UTF8.GetBytes("a,b\n" + new string(',', 1_000_000) + "\n");
        Assert.Contains(":2: The line has more than 100000 fields", await RefusedAsync(row, ColumnFormat.Csv));

        var many = Encoding.UTF8.GetBytes(string.Join(',', Enumerable.Range(0, 10_001)) + "\n");
        Assert.Contains("has 10001 columns; 10000 is the most", await RefusedAsync(many, ColumnFormat.Csv));
    }

    [Fact]
    public async Task Rows_that_a_small_gzip_unpacks_into_are_counted()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("rows.csv.gz");
        await using (var gzip = new GZipStream(System.IO.File.Create(path), CompressionLevel.Fastest))
        {
            await gzip.WriteAsync("a\n"u8.ToArray(), TestContext.Current.CancellationToken);
            var rows = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("1\n", 100_000)));
            for (var i = 0; i < 60; i++)
            {
                await gzip.WriteAsync(rows, TestContext.Current.CancellationToken);
            }
        }

        var rowsOf = await Assert.ThrowsAsync<ServerlessException>(() =>
            ColumnReader.ReadAsync(path, new() { Limits = ColumnLimits.OfRequest }, TestContext.Current.CancellationToken)
        );
        Assert.Contains("more than 5000000 rows, the most for 1 column", rowsOf.Message);

        var bytesOf = await Assert.ThrowsAsync<ServerlessException>(() =>
            ColumnReader.ReadAsync(path, new() { Limits = new() { Bytes = 1 << 20 } }, TestContext.Current.CancellationToken)
        );
        Assert.Contains("larger than 1 MiB, unpacked", bytesOf.Message);
    }

    [Fact]
    public async Task A_reader_that_never_ends_is_killed_at_its_deadline()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("t.parquet", await SoundAsync());
        var clock = Stopwatch.StartNew();

        var e = await Assert.ThrowsAsync<ServerlessException>(() =>
            ParquetProbe.RunAsync(
                ["/bin/sh", "-c", "sleep 1000"],
                path,
                TimeSpan.FromMilliseconds(200),
                TestContext.Current.CancellationToken
            )
        );

        Assert.Contains("was not read within 0.2 s", e.Message);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        var crash = await Assert.ThrowsAsync<ServerlessException>(() =>
            ParquetProbe.RunAsync(["/bin/sh", "-c", "exit 137"], path, TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)
        );
        Assert.Contains("ended its reader (exit code 137)", crash.Message);
    }

    private static async Task<byte[]> SoundAsync()
    {
        var (id, x, text) = (new DataField<long>("id"), new DataField<double?>("x"), new DataField<string>("text"));
        using var file = new MemoryStream();
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema(id, x, text), file))
        {
            for (var i = 0; i < 2; i++)
            {
                using var group = writer.CreateRowGroup();
                await group.WriteAsync<long>(id, Enumerable.Range(0, 1000).Select(n => (long)n).ToArray().AsMemory());
                await group.WriteAsync<double>(
                    x,
                    Enumerable.Range(0, 1000).Select(n => n % 3 == 0 ? null : (double?)n).ToArray().AsMemory()
                );
                await group.WriteAsync(text, Enumerable.Range(0, 1000).Select(n => (string?)$"text {n % 7}").ToArray());
            }
        }

        return file.ToArray();
    }
}
