using Serverless.Storage;

namespace Serverless.Tracking;

/// <summary>What was deleted and is still there. Nothing goes without being listed first.</summary>
public sealed class ModelTrash
{
    private readonly ModelTable table;

    internal ModelTrash(ModelTable table) => this.table = table;

    /// <summary>Deleted models, the newest first.</summary>
    public async Task<IReadOnlyList<RegisteredModel>> ListAsync(CancellationToken cancellationToken = default)
    {
        var models = new List<RegisteredModel>();
        await foreach (var row in table.ListAsync("d|", cancellationToken).ConfigureAwait(false))
        {
            models.Add(row.Read<RegisteredModel>());
        }

        return models;
    }

    /// <summary>Deleted versions, with those of deleted models.</summary>
    public async Task<IReadOnlyList<ModelVersion>> ListVersionsAsync(CancellationToken cancellationToken = default)
    {
        var gone = (await ListAsync(cancellationToken).ConfigureAwait(false)).ToDictionary(m => m.Id);
        var versions = new List<ModelVersion>();
        await foreach (var row in table.ListAsync("v|", cancellationToken).ConfigureAwait(false))
        {
            var version = row.Read<ModelVersion>();
            if (version.DeletedAt is not null || gone.ContainsKey(Keys.Split(row.RowKey)[1]))
            {
                versions.Add(version);
            }
        }

        return versions;
    }

    /// <summary>Removes for good what was deleted before a time. The history stays: it says who deleted it.</summary>
    /// <returns>How many versions went, or would go.</returns>
    public async Task<int> CollectAsync(DateTimeOffset before, bool isDryRun, CancellationToken cancellationToken = default)
    {
        var gone = (await ListAsync(cancellationToken).ConfigureAwait(false)).Where(m => m.DeletedAt < before).ToDictionary(m => m.Id);
        var changes = new List<RowChange>();
        foreach (var prefix in (string[])["v|", "q|"])
        {
            await foreach (var row in table.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
            {
                if (gone.ContainsKey(Keys.Split(row.RowKey)[1]) || (prefix == "v|" && row.Read<ModelVersion>().DeletedAt < before))
                {
                    changes.Add(RowChange.Delete(row, row.ETag));
                }
            }
        }

        if (!isDryRun)
        {
            foreach (var batch in changes.Chunk(Table.MaxChanges))
            {
                await table.Rows.CommitAsync(batch, cancellationToken).ConfigureAwait(false);
            }
        }

        return changes.Count(c => c.Row.RowKey.StartsWith("v|", StringComparison.Ordinal));
    }
}
