using Microsoft.AspNetCore.Http;
using Serverless.Api.Hosting;
using Serverless.Api.Http;
using Serverless.Core;
using Serverless.Data.Datasets;
using Serverless.Data.Remotes;

namespace Serverless.Api.Native.Data;

/// <summary>The endpoints for datasets: branches, tags, lineage, and committing a new version.</summary>
internal static class DatasetEndpoints
{
    public static IReadOnlyList<TransferRoute> All { get; } =
    [
        new(["GET"], "datasets", ListAsync),
        new(["GET"], "datasets/{dataset}", GetAsync),
        new(["POST"], "datasets/{dataset}/commits", CommitAsync),
        new(["GET"], "datasets/{dataset}/branches", BranchesAsync),
        new(["PUT"], "datasets/{dataset}/branches/{branch}", SetBranchAsync),
        new(["GET"], "datasets/{dataset}/tags", TagsAsync),
        new(["PUT"], "datasets/{dataset}/tags/{tag}", SetTagAsync),
        new(["DELETE"], "datasets/{dataset}/tags/{tag}", RemoveTagAsync),
        new(["GET"], "datasets/{dataset}/versions/{version}/lineage", LineageAsync),
        new(["GET"], "lineage/{digest}", LineageOfDigestAsync),
    ];

    private static async Task ListAsync(HttpContext http, WorkspaceServices workspace) =>
        await DataJson.ReplyAsync(http, new { datasets = await workspace.Datasets.ListAsync(http.RequestAborted) });

    private static async Task GetAsync(HttpContext http, WorkspaceServices workspace)
    {
        var name = NameOf(http);
        var dataset = await workspace.Datasets.GetAsync(name, http.RequestAborted);
        var branches = await workspace.Datasets.ListBranchesAsync(name, http.RequestAborted);
        var tags = await workspace.Datasets.ListTagsAsync(name, http.RequestAborted);
        await DataJson.ReplyAsync(
            http,
            new
            {
                dataset,
                branches,
                tags,
            }
        );
    }

    private static async Task CommitAsync(HttpContext http, WorkspaceServices workspace)
    {
        var commit = await DataJson.ReadAsync<DatasetCommit>(http, BodyLimits.Listing);
        if (commit.Add.Any(f => f is null) || commit.Remove.Any(p => p is null))
        {
            throw ServerlessException.Invalid("The commit names a file that is null.", "docs/data-api.md shows each request.");
        }

        var version = await workspace.Datasets.CommitAsync(
            NameOf(http),
            commit with
            {
                By = CallerOf(http) ?? commit.By,
            },
            http.RequestAborted
        );
        await DataJson.ReplyAsync(http, new { version });
    }

    private static async Task BranchesAsync(HttpContext http, WorkspaceServices workspace) =>
        await DataJson.ReplyAsync(http, new { branches = await workspace.Datasets.ListBranchesAsync(NameOf(http), http.RequestAborted) });

    private static async Task SetBranchAsync(HttpContext http, WorkspaceServices workspace)
    {
        var asked = await DataJson.ReadAsync<BranchRequest>(http);
        var branch = await workspace.Datasets.SetBranchAsync(
            NameOf(http),
            DataJson.Route(http, "branch"),
            asked.Version,
            asked.Expected,
            http.RequestAborted
        );
        await DataJson.ReplyAsync(http, new { branch });
    }

    private static async Task TagsAsync(HttpContext http, WorkspaceServices workspace) =>
        await DataJson.ReplyAsync(http, new { tags = await workspace.Datasets.ListTagsAsync(NameOf(http), http.RequestAborted) });

    private static async Task SetTagAsync(HttpContext http, WorkspaceServices workspace)
    {
        var asked = await DataJson.ReadAsync<TagRequest>(http);
        var tag = await workspace.Datasets.SetTagAsync(
            NameOf(http),
            DataJson.Route(http, "tag"),
            asked.Version,
            CallerOf(http),
            asked.Move,
            http.RequestAborted
        );
        await DataJson.ReplyAsync(http, new { tag });
    }

    private static async Task RemoveTagAsync(HttpContext http, WorkspaceServices workspace)
    {
        var (name, tag) = (NameOf(http), DataJson.Route(http, "tag"));
        if (!await workspace.Datasets.RemoveTagAsync(name, tag, http.RequestAborted))
        {
            throw ServerlessException.NotFound($"Dataset '{name}' has no tag '{tag}'.");
        }

        await DataJson.ReplyAsync(http, new { });
    }

    private static async Task LineageAsync(HttpContext http, WorkspaceServices workspace)
    {
        var version = await workspace.Datasets.ResolveAsync(NameOf(http), DataJson.Route(http, "version"), http.RequestAborted);
        await ReplyLineageAsync(http, workspace, version.Digest, version);
    }

    private static Task LineageOfDigestAsync(HttpContext http, WorkspaceServices workspace) =>
        ReplyLineageAsync(http, workspace, ObjectId.Parse(DataJson.Route(http, "digest")).Digest, null);

    private static async Task ReplyLineageAsync(HttpContext http, WorkspaceServices workspace, string digest, DatasetVersion? version) =>
        await DataJson.ReplyAsync(http, await DatasetLineage.OfAsync(workspace, digest, version, http.RequestAborted));

    internal static string NameOf(HttpContext http) => DatasetNames.Check(DataJson.Route(http, "dataset"), "dataset");

    internal static string? CallerOf(HttpContext http) =>
        Caller.Of(http) is { } caller && caller != Tracking.Models.Actor.Anonymous ? caller.Name : null;

    internal sealed record BranchRequest(int Version, int? Expected = null);

    internal sealed record TagRequest(string Version, bool Move = false);
}
