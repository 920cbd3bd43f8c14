using Azure;
using Azure.Data.Tables;

namespace Serverless.Storage.Tables;

/// <summary>One change of a transaction.</summary>
public readonly record struct RowChange
{
    private RowChange(Row row, TableTransactionActionType type, string etag) => (Row, Type, ETag) = (row, type, etag);

    public Row Row { get; }

    internal TableTransactionActionType Type { get; }

    internal string ETag { get; }

    /// <summary>True if the change only goes through against the version that was read (or against none).</summary>
    internal bool IsGuarded => Type == TableTransactionActionType.Add || (Type != TableTransactionActionType.UpsertReplace && ETag != "*");

    /// <summary>The row must not be there yet.</summary>
    public static RowChange Insert(Row row) => new(row, TableTransactionActionType.Add, "");

    /// <summary>The row must still be the version that was read.</summary>
    public static RowChange Replace(Row row, string etag) => new(row, TableTransactionActionType.UpdateReplace, etag);

    /// <summary>Whatever is there gives way: only for rows that one writer owns.</summary>
    public static RowChange Put(Row row) => new(row, TableTransactionActionType.UpsertReplace, "");

    public static RowChange Delete(Row row, string etag = "*") => new(row, TableTransactionActionType.Delete, etag);

    internal TableTransactionAction ToAction() => new(Type, Row.Entity, ETag.Length == 0 ? default : new ETag(ETag));
}

/// <summary>How a transaction ended: all of it went through, or none because of one row that is not as expected.</summary>
public readonly record struct CommitResult(bool IsCommitted, int ConflictIndex);
