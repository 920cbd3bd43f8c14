using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Serving.Invocations;
using Serverless.Training.Models;

namespace Serverless.Api.Native.Serving;

/// <summary>Reads CSV and Parquet bodies.</summary>
internal static class InvocationTable
{
    /// <summary>pandas' name for the index column, which `to_csv()` and R's `write.csv` write with an empty name.</summary>
    private static ReadOnlySpan<byte> IndexName => "Unnamed: 0"u8;

    public static async Task<ServingInput> ReadAsync(
        ReadOnlyMemory<byte> body,
        bool isCsv,
        IServedModel model,
        CancellationToken cancellationToken
    )
    {
        if (isCsv && (body.Span.StartsWith(","u8) || body.Span.StartsWith("\"\","u8)))
        {
            body = (byte[])[.. IndexName, .. body.Span[body.Span.IndexOf((byte)',')..]];
        }

        try
        {
            var frame = await ParseAsync(body, isCsv, null, cancellationToken);
            // A category with values `1` and `2` is text to the model, even if the values look like numbers.
            var types = model
                .Inputs.Where(i => i.Type == SignatureType.String && frame.TryGet(i.Name, out var c) && c.Type != ColumnType.Text)
                .ToDictionary(i => i.Name, _ => ColumnType.Text, StringComparer.Ordinal);
            return ServingInput.Of(types.Count == 0 || !isCsv ? frame : await ParseAsync(body, isCsv, types, cancellationToken));
        }
        catch (ServerlessException e)
        {
            throw isCsv
                ? InvocationErrors.NotATable("CSV-formatted", "to_csv", e.Message)
                : InvocationErrors.NotATable("Parquet", "to_parquet", e.Message);
        }
    }

    private static Task<ColumnFrame> ParseAsync(
        ReadOnlyMemory<byte> body,
        bool isCsv,
        IReadOnlyDictionary<string, ColumnType>? types,
        CancellationToken cancellationToken
    )
    {
        if (!System.Runtime.InteropServices.MemoryMarshal.TryGetArray(body, out var array))
        {
            array = body.ToArray();
        }

        var stream = new MemoryStream(array.Array!, array.Offset, array.Count, writable: false);
        return ColumnReader.ReadAsync(
            stream,
            isCsv ? ColumnFormat.Csv : ColumnFormat.Parquet,
            new ColumnReaderOptions
            {
                Types = types,
                Delimiter = isCsv ? ',' : null,
                Limits = ColumnLimits.OfRequest,
            },
            "body",
            cancellationToken
        );
    }
}
