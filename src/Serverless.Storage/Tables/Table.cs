using System.Net;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Serverless.Core;

namespace Serverless.Storage.Tables;

/// <summary>Accesses a table: point reads, range reads within a partition, and transactions within a partition.</summary>
public sealed class Table
{
    public const int MaxChanges = 100;

    /// <summary>The number of pages to request at the same time.</summary>
    private const int AtOnce = 8;

    /// <summary>Stored on every guarded row, so that a retried request whose first response was lost recognises its own write.</summary>
    private const string WriteId = "WriteId";
    private readonly TableClient client;

    internal Table(TableClient client) => this.client = client;

    public async Task<Row?> GetAsync(string partitionKey, string rowKey, CancellationToken cancellationToken = default)
    {
        try
        {
            var found = await client.GetEntityIfExistsAsync<TableEntity>(partitionKey, rowKey, cancellationToken: cancellationToken);
            return found.HasValue ? new Row(found.Value!) : null;
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>Returns the version of a row without its content, or null if it does not exist.</summary>
    public async Task<string?> GetETagAsync(string partitionKey, string rowKey, CancellationToken cancellationToken = default)
    {
        try
        {
            var found = await client.GetEntityIfExistsAsync<TableEntity>(partitionKey, rowKey, ["RowKey"], cancellationToken);
            return found.HasValue ? found.Value!.ETag.ToString() : null;
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>Returns the rows of a partition whose key begins with <paramref name="prefix"/>, in key order.</summary>
    public IAsyncEnumerable<Row> QueryAsync(string partitionKey, string prefix, CancellationToken cancellationToken = default) =>
        QueryAsync(partitionKey, prefix, prefix.Length == 0 ? null : Keys.After(prefix), cancellationToken);

    /// <summary>
    /// Returns the rows of a partition from <paramref name="from"/> up to but excluding <paramref name="before"/>, in key order.
    /// </summary>
    public IAsyncEnumerable<Row> QueryAsync(
        string partitionKey,
        string from,
        string? before,
        CancellationToken cancellationToken = default
    ) => RowsAsync(RangeFilter(partitionKey, from, before), cancellationToken);

    /// <summary>
    /// Returns all rows whose key is the prefix and an id, unordered and on several threads, so that pages of ids can be requested in
    /// parallel. An emulator sorts all matches for each page, so a hundred pages in sequence would take a minute.
    /// </summary>
    public async Task ForEachIdAsync(string partitionKey, string prefix, Action<Row> each, CancellationToken cancellationToken = default)
    {
        var filter = RangeFilter(partitionKey, prefix, Keys.After(prefix));
        var (last, count) = ("", 0);
        try
        {
            await foreach (var page in client.QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken).AsPages())
            {
                foreach (var entity in page.Values)
                {
                    each(new Row(entity));
                    (last, count) = (entity.RowKey, count + 1);
                }

                if (page.ContinuationToken is not null && count > 0)
                {
                    await Parallel.ForEachAsync(
                        IdRanges.After(prefix, last, count),
                        new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
                        async (piece, stop) =>
                        {
                            await foreach (var row in QueryAsync(partitionKey, piece.From, piece.Before ?? Keys.After(prefix), stop))
                            {
                                each(row);
                            }
                        }
                    );
                    return;
                }
            }
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>
    /// Returns every row of every partition whose key begins with <paramref name="partitionPrefix"/>. Scans the table from there on: for
    /// rare work only.
    /// </summary>
    public IAsyncEnumerable<Row> ScanAsync(string partitionPrefix, CancellationToken cancellationToken = default) =>
        ScanAsync(partitionPrefix, Keys.After(partitionPrefix), cancellationToken);

    /// <summary>Returns every row of every partition from <paramref name="from"/> up to but excluding <paramref name="before"/>.</summary>
    public IAsyncEnumerable<Row> ScanAsync(string from, string before, CancellationToken cancellationToken = default) =>
        RowsAsync(TableClient.CreateQueryFilter($"PartitionKey ge {from} and PartitionKey lt {before}"), cancellationToken);

    public Task<CommitResult> CommitAsync(RowChange change, CancellationToken cancellationToken = default) =>
        CommitAsync([change], cancellationToken);

    /// <summary>Writes all changes, which belong to one partition, or none. The rows carry their new ETag afterwards.</summary>
    public async Task<CommitResult> CommitAsync(IReadOnlyList<RowChange> changes, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(changes.Count, MaxChanges);
        foreach (var change in changes)
        {
            if (change.IsGuarded && change.Type != TableTransactionActionType.Delete)
            {
                change.Row.Entity[WriteId] = Ids.NewId();
            }
        }

        try
        {
            if (changes.Count == 1)
            {
                await CommitOneAsync(changes[0], cancellationToken);
            }
            else
            {
                var answers = await client.SubmitTransactionAsync(changes.Select(c => c.ToAction()), cancellationToken);
                for (var i = 0; i < changes.Count; i++)
                {
                    changes[i].Row.ETag = answers.Value[i].Headers.ETag?.ToString() ?? "";
                }
            }

            return new CommitResult(true, -1);
        }
        catch (RequestFailedException e) when (IsConflict(e))
        {
            return await WasOursAsync(changes, cancellationToken)
                ? new CommitResult(true, -1)
                : new CommitResult(false, e is TableTransactionFailedException { FailedTransactionActionIndex: { } at } ? at : 0);
        }
        catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
        {
            throw fault;
        }
    }

    private static bool IsConflict(RequestFailedException e) =>
        (HttpStatusCode)e.Status is HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed or HttpStatusCode.NotFound
        && e.ErrorCode != "TableNotFound";

    private async Task CommitOneAsync(RowChange change, CancellationToken cancellationToken)
    {
        var entity = change.Row.Entity;
        var answer = change.Type switch
        {
            TableTransactionActionType.Add => await client.AddEntityAsync(entity, cancellationToken),
            TableTransactionActionType.UpdateReplace => await client.UpdateEntityAsync(
                entity,
                new ETag(change.ETag),
                TableUpdateMode.Replace,
                cancellationToken
            ),
            TableTransactionActionType.UpsertReplace => await client.UpsertEntityAsync(entity, TableUpdateMode.Replace, cancellationToken),
            _ => await client.DeleteEntityAsync(entity.PartitionKey, entity.RowKey, new ETag(change.ETag), cancellationToken),
        };
        change.Row.ETag = answer.Headers.ETag?.ToString() ?? "";
    }

    /// <summary>
    /// Handles a request whose response was lost: the client sends it again and then meets its own write. All changes of a transaction are
    /// made together, so one guarded row with our write id proves the whole.
    /// </summary>
    private async Task<bool> WasOursAsync(IReadOnlyList<RowChange> changes, CancellationToken cancellationToken)
    {
        foreach (var change in changes)
        {
            if (!change.Row.Entity.TryGetValue(WriteId, out var mine) || !change.IsGuarded)
            {
                continue;
            }

            var there = await GetAsync(change.Row.PartitionKey, change.Row.RowKey, cancellationToken);
            if (there is null || !Equals(there.Entity.GetString(WriteId), mine))
            {
                return false;
            }

            change.Row.ETag = there.ETag;
            return true;
        }

        return false;
    }

    /// <summary>
    /// The order makes no difference to the service. An emulator looks at every row of the table and stops at the first condition that
    /// fails.
    /// </summary>
    private static string RangeFilter(string partitionKey, string from, string? before) =>
        TableClient.CreateQueryFilter($"RowKey ge {from}")
        + (before is null ? "" : TableClient.CreateQueryFilter($" and RowKey lt {before}"))
        + TableClient.CreateQueryFilter($" and PartitionKey eq {partitionKey}");

    private async IAsyncEnumerable<Row> RowsAsync(string filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var rows = client
            .QueryAsync<TableEntity>(filter, cancellationToken: cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await rows.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (Exception e) when (StorageFaults.Translate(e) is { } fault)
            {
                throw fault;
            }

            yield return new Row(rows.Current);
        }
    }
}
