using System.Text.Json;
using Azure.Data.Tables;
using Serverless.Core;

namespace Serverless.Storage.Tables;

/// <summary>A table entity: its keys, its ETag, and a record as JSON.</summary>
/// <remarks>
/// Azure Tables holds 64 KiB a property and 1 MiB an entity, so the JSON lies in as many UTF-8 properties as it needs.
/// </remarks>
public sealed class Row
{
    private const int ChunkBytes = 60_000;
    private const int MaxBytes = 900_000;
    private readonly TableEntity entity;

    public Row(string partitionKey, string rowKey)
        : this(new TableEntity(partitionKey, rowKey)) { }

    internal Row(TableEntity entity) => this.entity = entity;

    public string PartitionKey => entity.PartitionKey;

    public string RowKey => entity.RowKey;

    /// <summary>Gets the version that was read; empty for a new row.</summary>
    public string ETag
    {
        get => entity.ETag.ToString();
        internal set => entity.ETag = new Azure.ETag(value);
    }

    internal TableEntity Entity => entity;

    /// <summary>Gets about how much of a transaction's 4 MiB this row takes.</summary>
    public int Size { get; private set; } = 512;

    public static Row Of<T>(string partitionKey, string rowKey, T record, JsonSerializerOptions? options = null) =>
        new Row(partitionKey, rowKey).Write(record, options);

    public T Read<T>(JsonSerializerOptions? options = null)
    {
        var first = entity.GetBinary("Data") ?? throw new InvalidDataException($"Row {PartitionKey} / {RowKey} has no record.");
        if (first.Length < ChunkBytes)
        {
            return JsonSerializer.Deserialize<T>(first, options ?? StorageJson.Options)!;
        }

        using var whole = new MemoryStream();
        whole.Write(first);
        for (var i = 1; entity.GetBinary($"Data{i}") is { } chunk; i++)
        {
            whole.Write(chunk);
        }

        return JsonSerializer.Deserialize<T>(whole.GetBuffer().AsSpan(0, (int)whole.Length), options ?? StorageJson.Options)!;
    }

    /// <summary>Gets the record as it is stored: JSON in UTF-8, in parts. Empty for a row without a record.</summary>
    public IEnumerable<byte[]> Parts()
    {
        for (var i = 0; entity.TryGetValue(i == 0 ? "Data" : $"Data{i}", out var value); i++)
        {
            yield return value switch
            {
                byte[] bytes => bytes,
                BinaryData data => data.ToArray(),
                _ => [],
            };
        }
    }

    private Row Write<T>(T record, JsonSerializerOptions? options)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(record, options ?? StorageJson.Options);
        if (bytes.Length > MaxBytes)
        {
            throw ServerlessException.Invalid(
                $"A record of {bytes.Length:N0} bytes does not fit into a table row (maximum: {MaxBytes:N0} bytes).",
                "Write large values to an output file instead of a parameter."
            );
        }

        Size += bytes.Length;
        for (int i = 0, at = 0; at < bytes.Length || i == 0; i++, at += ChunkBytes)
        {
            entity[i == 0 ? "Data" : $"Data{i}"] = bytes.AsSpan(at, Math.Min(ChunkBytes, bytes.Length - at)).ToArray();
        }

        return this;
    }
}
