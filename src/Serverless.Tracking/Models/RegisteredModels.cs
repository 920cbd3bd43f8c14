using System.Globalization;
using Serverless.Core;
using Serverless.Storage.Tables;

namespace Serverless.Tracking.Models;

/// <summary>Manages registered models: names, descriptions, tags and aliases.</summary>
public sealed class RegisteredModels
{
    private const string PromptTag = "mlflow.prompt.is_prompt";
    private readonly ModelWriter writer;

    internal RegisteredModels(ModelWriter writer) => this.writer = writer;

    public Task<ModelState?> FindAsync(string name, CancellationToken cancellationToken = default) =>
        writer.Table.FindAsync(name, cancellationToken);

    /// <summary>
    /// Returns what this process knows of a model without a request to the store. Includes its own changes immediately, and other hosts'
    /// changes after the next read.
    /// </summary>
    public ModelState? Known(string name) => writer.Table.Memory.Find(name);

    public async Task<ModelState> GetAsync(string name, CancellationToken cancellationToken = default) =>
        await FindAsync(name, cancellationToken) ?? throw ModelErrors.ModelNotFound(name);

    public async Task<ModelState> CreateAsync(
        string name,
        string? description,
        IReadOnlyDictionary<string, string> tags,
        Actor actor,
        CancellationToken cancellationToken = default
    )
    {
        if (name.Length > ModelNames.Longest)
        {
            throw ServerlessException.Invalid(
                string.Create(CultureInfo.InvariantCulture, $"'name' exceeds the maximum length of {ModelNames.Longest} characters")
            );
        }

        ModelNames.CheckServable(name);
        if (tags.TryGetValue(ProductionGuard.Tag, out var guard))
        {
            ProductionGuard.Parse(guard);
        }

        var now = writer.Now;
        var model = new RegisteredModel
        {
            Id = Ids.NewId(),
            Name = name,
            Description = description,
            Tags = tags,
            CreatedBy = actor.Name,
            CreatedAt = now,
            UpdatedAt = now,
        };
        var row = writer.Table.RowOf(ModelTable.ModelKey(model.Id), model);
        while (true)
        {
            var result = await writer.Table.Rows.CommitAsync(
                [
                    RowChange.Insert(writer.Table.RowOf(ModelTable.NameKey(name), new ModelTable.NameRecord(model.Id))),
                    RowChange.Insert(row),
                    writer.Table.Audit(model.Id, new AuditEntry(now, actor.Name, "create", 0, To: name)),
                ],
                cancellationToken
            );
            if (result.IsCommitted)
            {
                return writer.Table.Memory.Keep(new ModelState(model, row.ETag, []));
            }

            // It no longer exists: deleted or renamed meanwhile, so the name is free.
            if (await FindAsync(name, cancellationToken) is { } there)
            {
                throw Taken(name, there.Model.Tags.ContainsKey(PromptTag), tags.ContainsKey(PromptTag));
            }
        }
    }

    /// <summary>
    /// Renames a model in one transaction: readers find it under the old name before and under the new name after, never under both or
    /// neither.
    /// </summary>
    public Task<ModelState> RenameAsync(string name, string newName, Actor actor, CancellationToken cancellationToken = default)
    {
        if (newName.Length > ModelNames.Longest)
        {
            throw ServerlessException.Invalid(
                string.Create(CultureInfo.InvariantCulture, $"'new_name' exceeds the maximum length of {ModelNames.Longest} characters")
            );
        }

        ModelNames.CheckServable(newName);
        return writer.UpdateAsync(
            name,
            async state =>
            {
                var model = Existing(state, name);
                ProductionGuard.CheckChange(model, actor, "rename");
                if (newName != name && await writer.Table.ResolveAsync(newName, cancellationToken) is not null)
                {
                    throw ModelErrors.Exists($"Registered Model (name={newName}) already exists.");
                }

                var now = writer.Now;
                return new ModelEdit(model with { Name = newName, UpdatedAt = now, RenamedAt = now })
                {
                    Audit = [new AuditEntry(now, actor.Name, "rename", 0, name, newName)],
                    Rows =
                        newName == name
                            ? []
                            :
                            [
                                RowChange.Insert(writer.Table.RowOf(ModelTable.NameKey(newName), new ModelTable.NameRecord(model.Id))),
                                RowChange.Delete(writer.Table.RowOf(ModelTable.NameKey(name), new ModelTable.NameRecord(model.Id))),
                            ],
                };
            },
            cancellationToken
        );
    }

    public Task<ModelState> DescribeAsync(string name, string? description, Actor actor, CancellationToken cancellationToken = default) =>
        ChangeAsync(
            name,
            model => model with { Description = description, UpdatedAt = writer.Now },
            model => new AuditEntry(
                writer.Now,
                actor.Name,
                "describe",
                0,
                AuditEntry.Shown("", model.Description),
                AuditEntry.Shown("", description)
            ),
            cancellationToken
        );

    /// <summary>Deletes a model softly: the name is free immediately, the rows stay until they are collected.</summary>
    public Task DeleteAsync(string name, Actor actor, CancellationToken cancellationToken = default) =>
        writer.UpdateAsync(
            name,
            state =>
            {
                var model = Existing(state, name);
                ProductionGuard.CheckChange(model, actor, "delete");
                var deleted = model with { DeletedAt = writer.Now };
                return new ModelEdit(deleted)
                {
                    Audit = [new AuditEntry(writer.Now, actor.Name, "delete", 0, name)],
                    Rows =
                    [
                        RowChange.Delete(writer.Table.RowOf(ModelTable.NameKey(name), new ModelTable.NameRecord(model.Id))),
                        RowChange.Insert(writer.Table.RowOf(Keys.Join("d", Keys.NewestFirst(writer.Now), model.Id), deleted)),
                    ],
                };
            },
            cancellationToken
        );

    public Task<ModelState> SetTagAsync(
        string name,
        string key,
        string value,
        Actor actor,
        CancellationToken cancellationToken = default
    ) =>
        ChangeAsync(
            name,
            model =>
            {
                if (key == ProductionGuard.Tag)
                {
                    ProductionGuard.CheckChange(model, actor, "change who may promote");
                    ProductionGuard.Parse(value);
                }

                return model with
                {
                    Tags = new Dictionary<string, string>(model.Tags) { [key] = value },
                };
            },
            model => new AuditEntry(
                writer.Now,
                actor.Name,
                "set tag",
                0,
                AuditEntry.Shown(key, model.Tags.GetValueOrDefault(key)),
                AuditEntry.Shown(key, value),
                What: key
            ),
            cancellationToken
        );

    public Task<ModelState> DeleteTagAsync(string name, string key, Actor actor, CancellationToken cancellationToken = default) =>
        ChangeAsync(
            name,
            model =>
            {
                if (key == ProductionGuard.Tag)
                {
                    ProductionGuard.CheckChange(model, actor, "change who may promote");
                }

                return model.Tags.ContainsKey(key)
                    ? model with
                    {
                        Tags = new Dictionary<string, string>(model.Tags.Where(t => t.Key != key)),
                    }
                    : model;
            },
            model => new AuditEntry(
                writer.Now,
                actor.Name,
                "delete tag",
                0,
                AuditEntry.Shown(key, model.Tags.GetValueOrDefault(key)),
                What: key
            ),
            cancellationToken
        );

    public Task<ModelState> SetAliasAsync(
        string name,
        string alias,
        int version,
        Actor actor,
        CancellationToken cancellationToken = default
    ) =>
        writer.UpdateAsync(
            name,
            state =>
            {
                var model = state?.Find(version) is null ? throw ModelErrors.VersionNotFound(name, version) : state.Model;
                var before = model.Aliases.GetValueOrDefault(alias);
                return before == version
                    ? ModelEdit.None(state)
                    : new ModelEdit(model with { Aliases = new Dictionary<string, int>(model.Aliases) { [alias] = version } })
                    {
                        Audit =
                        [
                            new AuditEntry(
                                writer.Now,
                                actor.Name,
                                "set alias",
                                version,
                                before == 0 ? null : Text(before),
                                Text(version),
                                What: alias
                            ),
                        ],
                    };
            },
            cancellationToken
        );

    public Task<ModelState> DeleteAliasAsync(string name, string alias, Actor actor, CancellationToken cancellationToken = default) =>
        ChangeAsync(
            name,
            model =>
                model.Aliases.ContainsKey(alias)
                    ? model with
                    {
                        Aliases = new Dictionary<string, int>(model.Aliases.Where(a => a.Key != alias)),
                    }
                    : model,
            model => new AuditEntry(writer.Now, actor.Name, "delete alias", model.Aliases[alias], Text(model.Aliases[alias]), What: alias),
            cancellationToken
        );

    private Task<ModelState> ChangeAsync(
        string name,
        Func<RegisteredModel, RegisteredModel> change,
        Func<RegisteredModel, AuditEntry> audit,
        CancellationToken cancellationToken
    ) =>
        writer.UpdateAsync(
            name,
            state =>
            {
                var model = Existing(state, name);
                var changed = change(model);
                return ReferenceEquals(changed, model) ? ModelEdit.None(state!) : new ModelEdit(changed) { Audit = [audit(model)] };
            },
            cancellationToken
        );

    private static RegisteredModel Existing(ModelState? state, string name) => state?.Model ?? throw ModelErrors.ModelNotFound(name);

    private static string Text(int version) => version.ToString(CultureInfo.InvariantCulture);

    /// <summary>MLflow stores prompts as models, and its error says which of the two already exists.</summary>
    private static ServerlessException Taken(string name, bool isPromptThere, bool isPromptNew)
    {
        var (there, wanted) = (isPromptThere ? "Prompt" : "Registered Model", isPromptNew ? "Prompt" : "Registered Model");
        return ModelErrors.Exists(
            there == wanted
                ? $"{wanted} (name={name}) already exists."
                : $"Tried to create a {wanted.ToLowerInvariant()} with name '{name}', but the name is already taken by a "
                    + $"{there.ToLowerInvariant()}. "
                    + "MLflow does not allow creating a model and a prompt with the same name."
        );
    }
}
