using System.Globalization;
using Microsoft.AspNetCore.Http;
using Serverless.Api.Artifacts;
using Serverless.Api.Hosting;
using Serverless.Api.Http;
using Serverless.Core;

namespace Serverless.Api.Mlflow.Artifacts;

/// <summary>MLflow's endpoints for uploading, downloading and deleting files.</summary>
internal static class ArtifactTransfers
{
    public static IReadOnlyList<TransferRoute> All { get; } =
    [
        .. ArtifactEndpoints.Prefixes.SelectMany(prefix =>
            (TransferRoute[])
                [
                    new(["GET", "HEAD"], prefix + "artifacts/{**path}", DownloadAsync),
                    new(["PUT"], prefix + "artifacts/{**path}", UploadAsync),
                    new(["DELETE"], prefix + "artifacts/{**path}", DeleteAsync),
                ]
        ),
        new(["GET", "HEAD"], "/get-artifact", DownloadOfRunAsync),
        new(["GET", "HEAD"], "/model-versions/get-artifact", DownloadOfVersionAsync),
        new(["POST"], "/ajax-api/2.0/mlflow/upload-artifact", UploadOfPageAsync),
        MultipartEndpoints.Part,
    ];

    private static Task DownloadAsync(HttpContext http, WorkspaceServices workspace) => SendAsync(http, workspace, PathOf(http));

    private static async Task UploadAsync(HttpContext http, WorkspaceServices workspace)
    {
        var path = PathOf(http);
        await workspace.Artifacts.CheckWritableAsync(path, http.RequestAborted);
        await workspace.Store.Artifacts.UploadAsync(path, http.Request.Body, http.Request.ContentLength, http.RequestAborted);
        await ReplyAsync(http);
    }

    private static async Task DeleteAsync(HttpContext http, WorkspaceServices workspace)
    {
        ArtifactPath.CheckTarget(TransferRoute.TargetOf(http));
        // A folder may have a trailing slash. The root cannot be deleted.
        var path = ArtifactPath.ParseFile(ArtifactClient.PathOf(http).TrimEnd('/'));
        await workspace.Artifacts.CheckWritableAsync(path, http.RequestAborted);
        // A soft delete: it can be restored until it is collected.
        var (trash, by, now) = (workspace.Store.Artifacts.Trash, Caller.Of(http).Name, workspace.Time.GetUtcNow());
        if (await trash.MoveAsync(path, by, now, http.RequestAborted) is null && ArtifactClient.Hidden(http, path) is { } hidden)
        {
            await trash.MoveAsync(hidden, by, now, http.RequestAborted);
        }

        await ReplyAsync(http);
    }

    private static async Task DownloadOfRunAsync(HttpContext http, WorkspaceServices workspace)
    {
        var path = ArtifactPath.ParseFile(Required(http, "path"));
        var id = http.Request.Query["run_id"] is [{ Length: > 0 } given, ..] ? given : Required(http, "run_uuid");
        var run = await workspace.Runs.FindAsync(id, http.RequestAborted) ?? throw NoRun(id);
        await SendAsync(http, workspace, ArtifactPath.Join(ArtifactLocation.PathOf(run), path));
    }

    private static async Task DownloadOfVersionAsync(HttpContext http, WorkspaceServices workspace)
    {
        var path = ArtifactPath.ParseFile(Required(http, "path"));
        var (name, number) = (Required(http, "name"), Required(http, "version"));
        var version = int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? await workspace.Models.FindVersionAsync(name, value, http.RequestAborted)
            : null;
        var source = version?.DownloadUri ?? throw ServerlessException.NotFound($"Model Version (name={name}, version={number}) not found");
        await new ModelFiles(workspace).SendAsync(http, source, path);
    }

    /// <summary>Uploads a small file from MLflow's UI.</summary>
    private static async Task UploadOfPageAsync(HttpContext http, WorkspaceServices workspace)
    {
        var id = http.Request.Query["run_uuid"] is [{ Length: > 0 } run, ..]
            ? run
            : throw ServerlessException.Invalid("Request must specify run_uuid.");
        var path = http.Request.Query["path"] is [{ Length: > 0 } given, ..]
            ? given
            : throw ServerlessException.Invalid("Request must specify path.");
        path = ArtifactPath.ParseFile(path);
        var bytes = await PageFileAsync(http);
        using var data = new MemoryStream(bytes.ToArray(), writable: false);
        if (data.Length == 0)
        {
            throw ServerlessException.Invalid("Request must specify data.");
        }

        var owner = await workspace.Runs.FindAsync(id, http.RequestAborted) ?? throw NoRun(id);
        path = ArtifactPath.Join(ArtifactLocation.PathOf(owner), path);
        await workspace.Artifacts.CheckWritableAsync(path, http.RequestAborted);
        await workspace.Store.Artifacts.UploadAsync(path, data, data.Length, http.RequestAborted);
        await ReplyAsync(http);
    }

    /// <summary>MLflow has an answer of its own for a file that is too large.</summary>
    private static async Task<ReadOnlyMemory<byte>> PageFileAsync(HttpContext http)
    {
        try
        {
            return await RequestBody.ReadAsync(http, BodyLimits.Page);
        }
        catch (ServerlessException e) when (e.Status == StatusCodes.Status413PayloadTooLarge)
        {
            throw ServerlessException.Invalid("Artifact size is too large. Max size is 10MB.");
        }
    }

    private static async Task SendAsync(HttpContext http, WorkspaceServices workspace, string path)
    {
        var tree = workspace.Artifacts;
        try
        {
            await tree.SendAsync(http, path);
        }
        catch (ServerlessException e)
            when (e.Status == StatusCodes.Status404NotFound && !http.Response.HasStarted && ArtifactClient.Hidden(http, path) is { } hidden)
        {
            await tree.SendAsync(http, hidden);
        }
    }

    private static string PathOf(HttpContext http)
    {
        ArtifactPath.CheckTarget(TransferRoute.TargetOf(http));
        return ArtifactPath.ParseFile(ArtifactClient.PathOf(http));
    }

    private static string Required(HttpContext http, string name) =>
        http.Request.Query[name] is [{ Length: > 0 } value, ..]
            ? value
            : throw ServerlessException.Invalid(
                $"Missing value for required parameter '{name}'. See the API docs for more information about request parameters."
            );

    private static ServerlessException NoRun(string id) => ServerlessException.NotFound($"Run with id={id} not found");

    private static Task ReplyAsync(HttpContext http)
    {
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync("{}", http.RequestAborted);
    }
}
