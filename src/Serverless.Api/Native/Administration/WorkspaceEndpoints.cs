using System.Text.Json;
using Serverless.Api.Hosting;
using Serverless.Api.Http;
using Serverless.Core;

namespace Serverless.Api.Native.Administration;

/// <summary>The endpoints for workspaces.</summary>
internal static class WorkspaceEndpoints
{
    public const string Prefix = "/api/2.0/serverless/";

    public static IReadOnlyList<RestEndpoint> Of(Workspaces workspaces) =>
        [
            new("GET", "workspaces", [], call => ListAsync(call, workspaces)) { Prefixes = [Prefix] },
            new("POST", "workspaces", [new("name", RestType.Text, IsRequired: true)], call => CreateAsync(call, workspaces))
            {
                Prefixes = [Prefix],
            },
        ];

    private static async Task ListAsync(RestCall call, Workspaces workspaces)
    {
        var records = await workspaces.ListAsync(call.Aborted);
        await call.ReplyAsync(json =>
        {
            json.WriteStartArray("workspaces");
            foreach (var record in records)
            {
                Write(json, record);
            }

            json.WriteEndArray();
        });
    }

    private static async Task CreateAsync(RestCall call, Workspaces workspaces)
    {
        var (name, caller) = (call.TextOr("name"), Caller.Of(call.Http));
        workspaces.Options.CheckAdmin(caller, $"create the workspace '{name}'");
        var made =
            await workspaces.CreateAsync(name, caller, call.Aborted)
            ?? throw new ServerlessException(ErrorCodes.ResourceAlreadyExists, $"Workspace '{name}' already exists.");
        await call.ReplyAsync(json =>
        {
            json.WritePropertyName("workspace");
            Write(json, made);
        });
    }

    private static void Write(Utf8JsonWriter json, WorkspaceRecord record)
    {
        json.WriteStartObject();
        json.WriteString("name", record.Name);
        if (record.CreatedAt != default)
        {
            json.WriteNumber("creation_timestamp", record.CreatedAt.ToUnixTimeMilliseconds());
            json.WriteString("created_by", record.CreatedBy);
        }

        json.WriteEndObject();
    }
}
