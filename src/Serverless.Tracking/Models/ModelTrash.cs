using Serverless.Core;
using Serverless.Storage.Tables;

namespace Serverless.Tracking.Models;

/// <summary>Manages deleted models and versions until they are removed. Nothing is removed without being listed first.</summary>
public sealed class ModelTrash
{
    private readonly ModelTable table;

    private readonly ModelWriter writer;

    internal ModelTrash(ModelWriter writer)
    {
        this.writer = writer;
        table = writer.Table;
    }

    /// <summary>Returns deleted models, newest first.</summary>
    public async Task<IReadOnlyList<RegisteredModel>> ListAsync(CancellationToken cancellationToken = default)
    {
        var models = new List<RegisteredModel>();
        await foreach (var row in table.ListAsync("d|", cancellationToken))
        {
            models.Add(row.Read<RegisteredModel>());
        }

        return models;
    }

    /// <summary>Returns deleted versions, including those of deleted models.</summary>
    public async Task<IReadOnlyList<ModelVersion>> ListVersionsAsync(CancellationToken cancellationToken = default)
    {
        var gone = (await ListAsync(cancellationToken)).ToDictionary(m => m.Id);
        var versions = new List<ModelVersion>();
        await foreach (var row in table.ListAsync("v|", cancellationToken))
        {
            var version = row.Read<ModelVersion>();
            if (version.DeletedAt is not null || gone.ContainsKey(Keys.Split(row.RowKey)[1]))
            {
                versions.Add(version);
            }
        }

        return versions;
    }

    /// <summary>Returns deleted versions, each with the time of its deletion or that of its model.</summary>
    public async Task<IReadOnlyList<ModelVersion>> ListDeletedAsync(CancellationToken cancellationToken = default)
    {
        var gone = (await ListAsync(cancellationToken)).ToDictionary(m => m.Id);
        var versions = new List<ModelVersion>();
        await foreach (var row in table.ListAsync("v|", cancellationToken))
        {
            var version = row.Read<ModelVersion>();
            var model = gone.GetValueOrDefault(Keys.Split(row.RowKey)[1]);
            if ((version.DeletedAt ?? model?.DeletedAt) is { } deletedAt)
            {
                versions.Add(version with { Name = model?.Name ?? version.Name, DeletedAt = deletedAt });
            }
        }

        return versions;
    }

    /// <summary>Restores a deleted model under its name, if that is free, without versions that were deleted before it.</summary>
    public async Task<RegisteredModel> RestoreAsync(string name, Actor actor, CancellationToken cancellationToken = default)
    {
        Row? row = null;
        await foreach (var candidate in table.ListAsync("d|", cancellationToken))
        {
            // The newest first: after several deletions of the same name, the last one is meant.
            if (candidate.Read<RegisteredModel>().Name == name)
            {
                row = candidate;
                break;
            }
        }

        if (row is null)
        {
            throw ServerlessException.NotFound(
                $"There is no deleted Registered Model with name={name}",
                "List what can be restored with `mlops models trash`."
            );
        }

        var deleted = row.Read<RegisteredModel>();
        ProductionGuard.CheckChange(deleted, actor, "restore");
        var model = deleted with { DeletedAt = null, UpdatedAt = writer.Now };
        var result = await table.Rows.CommitAsync(
            [
                RowChange.Insert(table.RowOf(ModelTable.NameKey(name), new ModelTable.NameRecord(model.Id))),
                RowChange.Insert(table.RowOf(ModelTable.ModelKey(model.Id), model)),
                RowChange.Delete(row, row.ETag),
                table.Audit(model.Id, new AuditEntry(writer.Now, actor.Name, "restore", 0, To: name)),
            ],
            cancellationToken
        );
        return result.IsCommitted
            ? model
            : throw ModelErrors.Exists(
                $"Registered Model (name={name}) already exists: rename that one before the deleted one can come back."
            );
    }

    /// <summary>Restores a deleted version, without its aliases.</summary>
    public async Task<(ModelState Model, ModelVersion Version)> RestoreVersionAsync(
        string name,
        int version,
        Actor actor,
        CancellationToken cancellationToken = default
    )
    {
        var state = await writer.UpdateAsync(
            name,
            async there =>
            {
                var model = there?.Model ?? throw ModelErrors.ModelNotFound(name);
                if (there.Find(version) is not null)
                {
                    return ModelEdit.None(there);
                }

                var row =
                    await table.GetAsync(ModelTable.VersionKey(model.Id, version), cancellationToken)
                    ?? throw ModelErrors.VersionNotFound(name, version);
                var deleted = row.Read<ModelVersion>();
                if (deleted.Stage == Stage.Production)
                {
                    ProductionGuard.CheckChange(model, actor, "restore a version in Production of");
                }

                var now = writer.Now;
                return new ModelEdit(model with { UpdatedAt = now })
                {
                    Versions = [deleted with { Name = model.Name, DeletedAt = null, UpdatedAt = now }],
                    Audit = [new AuditEntry(now, actor.Name, "restore", version, To: deleted.Stage.ToString())],
                };
            },
            cancellationToken
        );
        return (state, state.Find(version) ?? throw ModelErrors.VersionNotFound(name, version));
    }

    /// <summary>Permanently removes what was deleted before a time. Keeps the history, which says who deleted it.</summary>
    /// <returns>The number of removed versions, or of those that would be removed.</returns>
    public async Task<int> CollectAsync(DateTimeOffset before, bool isDryRun, CancellationToken cancellationToken = default)
    {
        var gone = (await ListAsync(cancellationToken)).Where(m => m.DeletedAt < before).ToDictionary(m => m.Id);
        var changes = new List<RowChange>();
        foreach (var prefix in (string[])["v|", "q|"])
        {
            await foreach (var row in table.ListAsync(prefix, cancellationToken))
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
                await table.Rows.CommitAsync(batch, cancellationToken);
            }
        }

        return changes.Count(c => c.Row.RowKey.StartsWith("v|", StringComparison.Ordinal));
    }
}
