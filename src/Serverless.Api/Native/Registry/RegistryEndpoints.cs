using System.Text.Json;
using Serverless.Api.Http;
using Serverless.Api.Mlflow;
using Serverless.Api.Native.Administration;
using Serverless.Core;

namespace Serverless.Api.Native.Registry;

/// <summary>The endpoints of the registry beyond MLflow: history, trash, restore, and Model Cards.</summary>
internal static class RegistryEndpoints
{
    private static readonly RestField Name = new("name", RestType.Text, IsRequired: true);
    private static readonly RestField Version = new("version", RestType.Text, IsRequired: true);

    public static IReadOnlyList<RestEndpoint> All { get; } =
    [
        .. (
            (RestEndpoint[])
                [
                    new("GET", "registered-models/history", [Name], HistoryAsync),
                    new("GET", "registered-models/trash", [], TrashAsync),
                    new("POST", "registered-models/restore", [Name], RestoreModelAsync),
                    new("POST", "model-versions/restore", [Name, Version], RestoreVersionAsync),
                    new("GET", "model-versions/card", [Name, Version], CardAsync),
                    new("GET", "artifacts/trash", [], ArtifactTrashAsync),
                    new("POST", "artifacts/restore", [new("id", RestType.Text, IsRequired: true)], RestoreArtifactAsync),
                ]
        ).Select(e => e with { Prefixes = [WorkspaceEndpoints.Prefix] }),
    ];

    private static async Task HistoryAsync(RestCall call)
    {
        var name = call.TextOr("name");
        var entries = await call.Workspace.Models.ListAuditAsync(name, call.Aborted);
        if (entries.Count == 0)
        {
            throw ServerlessException.NotFound($"Registered Model with name={name} not found");
        }

        await call.ReplyAsync(json =>
        {
            json.WriteStartArray("history");
            foreach (var entry in entries)
            {
                json.WriteStartObject();
                json.WriteNumber("timestamp", entry.Time.ToUnixTimeMilliseconds());
                json.WriteString("by", entry.By);
                json.WriteString("action", entry.Action);
                if (entry.Version > 0)
                {
                    json.WriteNumber("version", entry.Version);
                }

                WriteIfAny(json, "what", entry.What);
                WriteIfAny(json, "from", entry.From);
                WriteIfAny(json, "to", entry.To);
                WriteIfAny(json, "why", entry.Why);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    private static async Task TrashAsync(RestCall call)
    {
        var models = (await call.Workspace.Models.Trash.ListAsync(call.Aborted)).Select(m => (m.Name, Version: 0, m.DeletedAt));
        var versions = (await call.Workspace.Models.Trash.ListDeletedAsync(call.Aborted)).Select(v => (v.Name, v.Version, v.DeletedAt));
        await call.ReplyAsync(json =>
        {
            json.WriteStartArray("deleted");
            foreach (var (name, version, deletedAt) in models.Concat(versions).OrderByDescending(d => d.DeletedAt).ThenBy(d => d.Version))
            {
                json.WriteStartObject();
                json.WriteString("name", name);
                if (version > 0)
                {
                    json.WriteNumber("version", version);
                }

                json.WriteNumber("deleted_timestamp", deletedAt!.Value.ToUnixTimeMilliseconds());
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    private static async Task RestoreModelAsync(RestCall call)
    {
        var name = call.TextOr("name");
        await call.Workspace.Models.Trash.RestoreAsync(name, Caller.Of(call.Http), call.Aborted);
        var state = await call.Workspace.Models.Models.GetAsync(name, call.Aborted);
        await call.ReplyAsync(json =>
        {
            json.WritePropertyName("registered_model");
            ModelJson.WriteModel(json, state);
        });
    }

    private static async Task RestoreVersionAsync(RestCall call)
    {
        var (model, version) = await call.Workspace.Models.Trash.RestoreVersionAsync(
            call.TextOr("name"),
            ModelLimits.Version(call),
            Caller.Of(call.Http),
            call.Aborted
        );
        await ModelVersionEndpoints.ReplyAsync(call, model, version);
    }

    private static async Task CardAsync(RestCall call)
    {
        var card = await new ModelCards(call.Workspace).ReadAsync(call.TextOr("name"), ModelLimits.Version(call), call.Aborted);
        await call.ReplyAsync(json => json.WriteString("card", card));
    }

    private static async Task ArtifactTrashAsync(RestCall call)
    {
        var entries = await call.Workspace.Store.Artifacts.Trash.ListAsync(call.Aborted);
        await call.ReplyAsync(json =>
        {
            json.WriteStartArray("deleted");
            foreach (var entry in entries)
            {
                json.WriteStartObject();
                json.WriteString("id", entry.Id);
                json.WriteString("path", entry.Path);
                json.WriteNumber("deleted_timestamp", entry.DeletedAt.ToUnixTimeMilliseconds());
                WriteIfAny(json, "by", entry.DeletedBy);
                json.WriteNumber("files", entry.Files);
                json.WriteNumber("bytes", entry.Bytes);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    private static async Task RestoreArtifactAsync(RestCall call)
    {
        var (trash, id) = (call.Workspace.Store.Artifacts.Trash, call.TextOr("id"));
        var entry =
            (await trash.ListAsync(call.Aborted)).FirstOrDefault(e => e.Id == id)
            ?? throw ServerlessException.NotFound($"Deleted artifact {id} does not exist: it was restored or permanently removed.");
        var files = await trash.RestoreAsync(entry, call.Aborted);
        await call.ReplyAsync(json =>
        {
            json.WriteString("path", entry.Path);
            json.WriteNumber("files", files);
        });
    }

    private static void WriteIfAny(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            json.WriteString(name, value);
        }
    }
}
