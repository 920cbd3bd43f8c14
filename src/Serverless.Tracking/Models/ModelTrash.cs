using Serverless.Core;
using Serverless.Storage.Tables;

namespace Serverless.Tracking.Models;

/// <summary>What was deleted and is still there. Nothing goes without being listed first.</summary>
public sealed class ModelTrash
{
    private readonly ModelTable table;

    private readonly ModelWriter writer;

    internal ModelTrash(ModelWriter writer)
    {
        this.writer = writer;
        table = writer.Table;
    }

    /// <summary>Deleted models, the newest first.</summary>
    public async Task<IReadOnlyList<RegisteredModel>> ListAsync(CancellationToken cancellationToken = default)
    {
        var models = new List<RegisteredModel>();
        await foreach (var row in table.ListAsync("d|", cancellationToken))
        {
            models.Add(row.Read<RegisteredModel>());
        }

        return models;
    }

    /// <summary>Deleted versions, with those of deleted models.</summary>
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

    /// <summary>The same, each with the time that it was deleted at, itself or with its model.</summary>
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

    /// <summary>Brings a deleted model back, with the versions that were not deleted before it: under its name, if that is free.</summary>
    public async Task<RegisteredModel> RestoreAsync(string name, Actor actor, CancellationToken cancellationToken = default)
    {
        Row? row = null;
        await foreach (var candidate in table.ListAsync("d|", cancellationToken))
        {
            // The newest comes first: who deleted and made a model several times means the last one.
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
                "`mlops models trash` lists what can be restored."
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

    /// <summary>Brings a deleted version back, as it was; its aliases do not come with it.</summary>
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

    /// <summary>Removes for good what was deleted before a time. The history stays: it says who deleted it.</summary>
    /// <returns>How many versions went, or would go.</returns>
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
