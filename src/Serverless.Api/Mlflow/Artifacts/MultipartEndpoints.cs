using System.Globalization;
using Microsoft.AspNetCore.Http;
using Serverless.Api.Artifacts;
using Serverless.Api.Hosting;
using Serverless.Api.Http;
using Serverless.Core;
using Serverless.Storage.Artifacts;

namespace Serverless.Api.Mlflow.Artifacts;

/// <summary>MLflow's multipart uploads. The parts are sent to this server, too, at URLs that each authorize one part.</summary>
internal static class MultipartEndpoints
{
    private static readonly RestField Path = new("path", RestType.Text, IsRequired: true);
    private static readonly RestField UploadId = new("upload_id", RestType.Text);

    public static IReadOnlyList<RestEndpoint> All { get; } =
    [
        new("POST", "mpu/create/{**folder}", [Path, new("num_parts", RestType.Int64)], CreateAsync)
        {
            Prefixes = ArtifactEndpoints.Prefixes,
        },
        new("POST", "mpu/complete/{**folder}", [Path, UploadId, new("parts", RestType.List, IsRequired: true)], CompleteAsync)
        {
            Prefixes = ArtifactEndpoints.Prefixes,
        },
        new("POST", "mpu/abort/{**folder}", [Path, UploadId], AbortAsync) { Prefixes = ArtifactEndpoints.Prefixes },
    ];

    public static readonly TransferRoute Part = new(["PUT"], "/api/2.0/mlflow-artifacts/mpu/parts/{upload}/{part:int}", PutPartAsync);

    private static async Task CreateAsync(RestCall call)
    {
        var path = PathOf(call);
        await call.Workspace.Artifacts.CheckWritableAsync(path, call.Aborted);
        var parts = (int)Math.Clamp(call.Int64("num_parts") ?? 1, 0, int.MaxValue);
        var upload = await call.Workspace.Store.Artifacts.Multipart.CreateAsync(path, parts, call.Workspace.Time.GetUtcNow(), call.Aborted);
        var request = call.Http.Request;
        var prefix = request.RouteValues["workspace"] is string workspace ? $"/w/{workspace}" : "";
        await call.ReplyAsync(json =>
        {
            json.WriteString("upload_id", upload.Id);
            json.WriteStartArray("credentials");
            for (var part = 1; part <= parts; part++)
            {
                json.WriteStartObject();
                json.WriteString(
                    "url",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{request.Scheme}://{request.Host}{request.PathBase}{prefix}/api/2.0/mlflow-artifacts/mpu/parts/{upload.Id}/{part}"
                    )
                );
                json.WriteNumber("part_number", part);
                json.WriteStartObject("headers");
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    private static async Task CompleteAsync(RestCall call)
    {
        var parts = call.List("parts")
            .Select(
                (part, i) =>
                    new UploadedPart(
                        int.TryParse(RestJson.TextOf(part, "part_number"), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                            ? number
                            : throw ServerlessException.Invalid($"parts[{i}] has no part_number."),
                        RestJson.TextOf(part, "etag")
                            ?? throw ServerlessException.Invalid(
                                $"parts[{i}] has no etag.",
                                "Give the ETag from the response to the part's upload."
                            )
                    )
            )
            .ToList();
        await call.Workspace.Store.Artifacts.Multipart.CompleteAsync(call.TextOr("upload_id"), PathOf(call), parts, call.Aborted);
        await call.ReplyAsync();
    }

    private static async Task AbortAsync(RestCall call)
    {
        await call.Workspace.Store.Artifacts.Multipart.AbortAsync(call.TextOr("upload_id"), PathOf(call), call.Aborted);
        await call.ReplyAsync();
    }

    private static async Task PutPartAsync(HttpContext http, WorkspaceServices workspace)
    {
        var (id, number) = (
            (string)http.Request.RouteValues["upload"]!,
            int.Parse((string)http.Request.RouteValues["part"]!, CultureInfo.InvariantCulture)
        );
        var part = await workspace.Store.Artifacts.Multipart.UploadPartAsync(
            id,
            number,
            http.Request.Body,
            http.Request.ContentLength,
            http.RequestAborted
        );
        http.Response.Headers.ETag = part.ETag;
    }

    /// <summary>The file's path: the folder in the route, and the last name of the client's local path.</summary>
    private static string PathOf(RestCall call)
    {
        var local = call.TextOr("path");
        ArtifactPath.CheckTarget(TransferRoute.TargetOf(call.Http));
        return ArtifactPath.ParseFile(
            ArtifactPath.Join((string?)call.Http.Request.RouteValues["folder"] ?? "", local[(local.LastIndexOfAny(['/', '\\']) + 1)..])
        );
    }
}
