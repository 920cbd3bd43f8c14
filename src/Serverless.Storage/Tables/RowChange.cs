using Azure;
using Azure.Data.Tables;

namespace Serverless.Storage.Tables;

/// <summary>A change in a transaction.</summary>
public readonly record struct RowChange
{
    private RowChange(Row row, TableTransactionActionType type, string etag) => (Row, Type, ETag) = (row, type, etag);

    public Row Row { get; }

    internal TableTransactionActionType Type { get; }

    internal string ETag { get; }

    /// <summary>Gets a value that indicates whether the change requires the version that was read (or no row at all).</summary>
    internal bool IsGuarded => Type == TableTransactionActionType.Add || (Type != TableTransactionActionType.UpsertReplace && ETag != "*");

    /// <summary>Requires that the row does not exist yet.</summary>
    public static RowChange Insert(Row row) => new(row, TableTransactionActionType.Add, "");

    /// <summary>Requires that the row is still the version that was read.</summary>
    public static RowChange Replace(Row row, string etag) => new(row, TableTransactionActionType.UpdateReplace, etag);

    /// <summary>Overwrites whatever exists: only for rows that one writer owns.</summary>
    public static RowChange Put(Row row) => new(row, TableTransactionActionType.UpsertReplace, "");

    public static RowChange Delete(Row row, string etag = "*") => new(row, TableTransactionActionType.Delete, etag);

    internal TableTransactionAction ToAction() => new(Type, Row.Entity, ETag.Length == 0 ? default : new ETag(ETag));
}

/// <summary>The outcome of a transaction: all changes were made, or none because of one unexpected row.</summary>
public readonly record struct CommitResult(bool IsCommitted, int ConflictIndex);
