using System.Text.Json;
using Serverless.Api.Artifacts;
using Serverless.Api.Http;
using Serverless.Core;
using Serverless.Storage.Artifacts;

namespace Serverless.Api.Mlflow.Artifacts;

/// <summary>MLflow's endpoints for listing artifacts and for multipart uploads.</summary>
internal static class ArtifactEndpoints
{
    /// <summary>The page size. It is large because MLflow's own server has no pages.</summary>
    private const int PageSize = 10_000;

    public static readonly IReadOnlyList<string> Prefixes = ["/api/2.0/mlflow-artifacts/", "/ajax-api/2.0/mlflow-artifacts/"];

    public static IReadOnlyList<RestEndpoint> All { get; } =
    [
        new("GET", "artifacts/list", [RunEndpoints.RunId, new("path", RestType.Text), new("page_token", RestType.Text)], ListOfRunAsync),
        new("GET", "artifacts", [new("path", RestType.Text)], ListAsync) { Prefixes = Prefixes },
    ];

    private static async Task ListAsync(RestCall call)
    {
        var (_, entries) = await ListAsync(call, "", call.TextOr("path"));
        await call.ReplyAsync(json => Write(json, call, "", entries));
    }

    private static async Task ListOfRunAsync(RestCall call)
    {
        // Report an invalid path before an invalid run.
        var path = call.TextOr("path");
        ArtifactPath.Parse(path);
        var run = await RunEndpoints.FindAsync(call, call.TextOr("run_id"));
        await ReplyListAsync(call, run.ArtifactUri, path);
    }

    /// <summary>Responds with the content of a folder below a root.</summary>
    public static async Task ReplyListAsync(RestCall call, string? root, string path)
    {
        var (folder, entries) = await ListAsync(call, ArtifactLocation.TryPath(root) ?? throw ArtifactLocation.Elsewhere(root), path);
        var after = PageToken(call.TextOr("page_token"));
        var page = entries.Where(e => after is null || CodePointOrder.Instance.Compare(e.Name, after) > 0).Take(PageSize + 1).ToList();
        await call.ReplyAsync(json =>
        {
            json.WriteString("root_uri", root);
            Write(json, call, folder, page.Take(PageSize));
            if (page.Count > PageSize)
            {
                json.WriteString("next_page_token", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(page[PageSize - 1].Name)));
            }
        });
    }

    /// <returns>The stored path of the folder below the root, and its content.</returns>
    private static async Task<(string Folder, IReadOnlyList<ArtifactEntry> Entries)> ListAsync(RestCall call, string root, string path)
    {
        var tree = call.Workspace.Artifacts;
        var folder = ArtifactPath.Parse(path);
        var entries = await tree.ListAsync(ArtifactPath.Join(root, folder), call.Aborted);
        return entries.Count == 0 && ArtifactClient.Hidden(call.Http, folder) is { } hidden
            ? (hidden, await tree.ListAsync(ArtifactPath.Join(root, hidden), call.Aborted))
            : (folder, entries);
    }

    private static void Write(Utf8JsonWriter json, RestCall call, string folder, IEnumerable<ArtifactEntry> entries)
    {
        var isOpen = false;
        foreach (var entry in entries)
        {
            if (!isOpen)
            {
                json.WriteStartArray("files");
                isOpen = true;
            }

            json.WriteStartObject();
            json.WriteString("path", ArtifactClient.Shown(call.Http, ArtifactPath.Join(folder, entry.Name)));
            json.WriteBoolean("is_dir", entry.IsDirectory);
            if (entry.Size is { } size)
            {
                json.WriteNumber("file_size", size);
            }

            json.WriteEndObject();
        }

        if (isOpen)
        {
            json.WriteEndArray();
        }
    }

    private static string? PageToken(string token)
    {
        if (token.Length == 0)
        {
            return null;
        }

        var bytes = new byte[token.Length];
        return Convert.TryFromBase64String(token, bytes, out var length)
            ? System.Text.Encoding.UTF8.GetString(bytes, 0, length)
            : throw ServerlessException.Invalid("Invalid page token, could not base64-decode");
    }
}
