using System.Text;
using Serverless.Core.Columns;

namespace Serverless.Core.Tests.Columns;

/// <summary>Reads CSV text that a test spells out.</summary>
internal static class Csv
{
    public static Task<ColumnFrame> ReadAsync(string text, ColumnReaderOptions? options = null) =>
        ReadAsync(Encoding.UTF8.GetBytes(text), options);

    public static Task<ColumnFrame> ReadAsync(byte[] bytes, ColumnReaderOptions? options = null) =>
        ColumnReader.ReadAsync(new MemoryStream(bytes), ColumnFormat.Csv, options, "data.csv");

    /// <summary>Reads one column: its values stand one a line.</summary>
    public static async Task<Column> ColumnAsync(ColumnReaderOptions? options, params string[] values) =>
        (await ReadAsync("other,x\n" + string.Concat(values.Select(value => $"1,{value}\n")), options))["x"];

    public static Task<Column> ColumnAsync(params string[] values) => ColumnAsync(null, values);

    public static async Task<ServerlessException> ErrorAsync(string text, ColumnReaderOptions? options = null) =>
        await Assert.ThrowsAsync<ServerlessException>(() => ReadAsync(text, options));

    public static string?[] Texts(this Column column) => [.. Enumerable.Range(0, column.Length).Select(column.GetText)];
}
