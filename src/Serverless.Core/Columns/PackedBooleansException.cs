namespace Serverless.Core.Columns;

/// <summary>A Parquet file holds booleans that are packed in runs, which the library misreads.</summary>
internal sealed class PackedBooleansException : Exception;
