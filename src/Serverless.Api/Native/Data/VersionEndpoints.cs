using System.Globalization;
using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Serverless.Api.Artifacts;
using Serverless.Api.Hosting;
using Serverless.Api.Http;
using Serverless.Core;
using Serverless.Data.Datasets;
using Serverless.Data.Files;
using Serverless.Data.Remotes;
using Serverless.Storage.Content;

namespace Serverless.Api.Native.Data;

/// <summary>The endpoints for dataset versions: files, differences, and uploads and downloads of single files.</summary>
internal static class VersionEndpoints
{
    private const int Attempts = 10;
    private static readonly TimeSpan LinkLifetime = TimeSpan.FromMinutes(15);

    public static IReadOnlyList<TransferRoute> All { get; } =
    [
        new(["GET"], "datasets/{dataset}/versions", ListAsync),
        new(["GET"], "datasets/{dataset}/versions/{version}", GetAsync),
        new(["GET"], "datasets/{dataset}/versions/{version}/files", FilesAsync),
        new(["GET", "HEAD"], "datasets/{dataset}/versions/{version}/files/{**path}", DownloadAsync),
        new(["GET"], "datasets/{dataset}/versions/{version}/link/{**path}", LinkAsync),
        new(["GET"], "datasets/{dataset}/versions/{version}/archive", ArchiveAsync),
        new(["GET"], "datasets/{dataset}/diff", DiffAsync),
        new(["PUT"], "datasets/{dataset}/files/{**path}", UploadAsync),
    ];

    private static async Task ListAsync(HttpContext http, WorkspaceServices workspace)
    {
        var most = DataJson.MaxResults(http);
        var versions = await workspace.Datasets.ListVersionsAsync(
            DatasetEndpoints.NameOf(http),
            DataJson.Query(http, "branch"),
            DataJson.Number(http, "page_token"),
            most,
            http.RequestAborted
        );
        await DataJson.ReplyAsync(
            http,
            new { versions, next_page_token = versions.Count == most ? versions[^1].Number.ToString(CultureInfo.InvariantCulture) : null }
        );
    }

    private static async Task GetAsync(HttpContext http, WorkspaceServices workspace) =>
        await DataJson.ReplyAsync(http, new { version = await VersionAsync(http, workspace) });

    private static async Task FilesAsync(HttpContext http, WorkspaceServices workspace)
    {
        var listing = await ListingAsync(http, workspace, DataJson.Route(http, "version"));
        var (prefix, after, most) = (DataJson.Query(http, "prefix") ?? "", DataJson.Query(http, "page_token"), DataJson.MaxResults(http));
        var found = listing
            .Files.SkipWhile(f => after is not null && CodePointOrder.Instance.Compare(f.Path, after) <= 0)
            .Where(f => f.Path.StartsWith(prefix, StringComparison.Ordinal))
            .Take(most + 1)
            .Select(f => new DatasetFile(f.Path, f.Digest.ToString()))
            .ToList();
        var isMore = found.Count > most;
        await DataJson.ReplyAsync(http, new { files = found.Take(most), next_page_token = isMore ? found[most - 1].Path : null });
    }

    private static async Task DownloadAsync(HttpContext http, WorkspaceServices workspace)
    {
        var (path, digest) = await FileAsync(http, workspace);
        var file = new ArtifactFile(
            path,
            token => workspace.Store.Content.FindAsync(digest, token),
            (range, token) => workspace.Store.Content.OpenAsync(digest, range, token)
        );
        if (!await ArtifactDownload.TrySendAsync(http, file))
        {
            throw ServerlessException.NotFound(
                $"The content {digest} of '{path}' is missing from the store.",
                "Find missing content with `mlops fsck`."
            );
        }
    }

    private static async Task LinkAsync(HttpContext http, WorkspaceServices workspace)
    {
        var (path, digest) = await FileAsync(http, workspace);
        var link = await workspace.Store.Objects.SignAsync(
            ObjectId.Parse(digest).RemoteName,
            LinkLifetime,
            workspace.Time,
            http.RequestAborted
        );
        var own = http.Request.Path.Value!.Replace("/link/", "/files/", StringComparison.Ordinal);
        await DataJson.ReplyAsync(
            http,
            new
            {
                path,
                url = link?.AbsoluteUri ?? $"{http.Request.Scheme}://{http.Request.Host}{new PathString(own).ToUriComponent()}",
                is_signed = link is not null,
                expires_at = link is null ? (DateTimeOffset?)null : workspace.Time.GetUtcNow() + LinkLifetime,
            }
        );
    }

    /// <summary>Streams a version, or its files below a prefix, as a ZIP archive.</summary>
    private static async Task ArchiveAsync(HttpContext http, WorkspaceServices workspace)
    {
        var listing = await ListingAsync(http, workspace, DataJson.Route(http, "version"));
        var prefix = DataJson.Query(http, "prefix") ?? "";
        var files = listing.Files.Where(f => f.Path.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        if (files.Count == 0)
        {
            throw ServerlessException.NotFound($"The version has no file below '{prefix}'.");
        }

        // ZipArchive writes its headers synchronously. They are a few bytes each.
        if (http.Features.Get<IHttpBodyControlFeature>() is { } control)
        {
            control.AllowSynchronousIO = true;
        }

        http.Response.ContentType = "application/zip";
        http.Response.Headers.ContentDisposition = $"attachment; filename={DataJson.Route(http, "dataset")}.zip";
        await using var zip = await ZipArchive.CreateAsync(
            http.Response.Body,
            ZipArchiveMode.Create,
            leaveOpen: true,
            entryNameEncoding: null,
            http.RequestAborted
        );
        foreach (var file in files)
        {
            await using var content = await workspace.Store.Content.OpenAsync(file.Digest.ToString(), null, http.RequestAborted);
            if (content is null)
            {
                // The status has been sent: abort the connection, so that the client knows that the archive is incomplete.
                http.Abort();
                return;
            }

            await using var entry = await zip.CreateEntry(file.Path, CompressionLevel.NoCompression).OpenAsync(http.RequestAborted);
            await content.Body.CopyToAsync(entry, 1 << 16, http.RequestAborted);
        }
    }

    private static async Task DiffAsync(HttpContext http, WorkspaceServices workspace)
    {
        var before = await ListingAsync(http, workspace, DataJson.Required(http, "from"));
        var after = await ListingAsync(http, workspace, DataJson.Required(http, "to"));
        await DataJson.ReplyAsync(http, DatasetDiffs.Between(before, after));
    }

    /// <summary>Uploads one file and creates a version with it, without the other files of the version.</summary>
    private static async Task UploadAsync(HttpContext http, WorkspaceServices workspace)
    {
        var (name, path) = (DatasetEndpoints.NameOf(http), DatasetNames.CheckPath(DataJson.Route(http, "path")));
        var branch = DataJson.Query(http, "branch") ?? DatasetCatalog.MainBranch;
        var content = await StoreAsync(http, workspace);
        var parent = DataJson.Number(http, "parent");
        for (var attempt = 1; ; attempt++)
        {
            var commit = new DatasetCommit
            {
                Branch = branch,
                Parent = parent ?? await workspace.Datasets.FindHeadAsync(name, branch, http.RequestAborted),
                Add = [new CommittedFile(path, content.Digest, content.Size)],
                Message = DataJson.Query(http, "message") ?? $"Add {path}",
                By = DatasetEndpoints.CallerOf(http),
                CommitId = DataJson.Query(http, "commit_id"),
            };
            try
            {
                await DataJson.ReplyAsync(http, new { version = await workspace.Datasets.CommitAsync(name, commit, http.RequestAborted) });
                return;
            }
            catch (ServerlessException e) when (e.Status == StatusCodes.Status409Conflict && parent is null && attempt < Attempts)
            {
                // Without a base version, the file is added to the newest version.
            }
        }
    }

    private static async Task<ContentRef> StoreAsync(HttpContext http, WorkspaceServices workspace)
    {
        var temporary = Path.Combine(Path.GetTempPath(), "mlops-" + Ids.NewId());
        try
        {
            await using (
                var file = new FileStream(
                    temporary,
                    FileMode.CreateNew,
                    FileAccess.Write,
                    FileShare.None,
                    1 << 16,
                    FileOptions.Asynchronous
                )
            )
            {
                await http.Request.Body.CopyToAsync(file, 1 << 16, http.RequestAborted);
            }

            return await workspace.Store.Content.PutAsync(temporary, http.RequestAborted);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static Task<DatasetVersion> VersionAsync(HttpContext http, WorkspaceServices workspace) =>
        workspace.Datasets.ResolveAsync(DatasetEndpoints.NameOf(http), DataJson.Route(http, "version"), http.RequestAborted);

    private static async Task<DirectoryListing> ListingAsync(HttpContext http, WorkspaceServices workspace, string reference)
    {
        var name = DatasetEndpoints.NameOf(http);
        var version = await workspace.Datasets.ResolveAsync(name, reference, http.RequestAborted);
        return await workspace.Datasets.ListFilesAsync(name, version, http.RequestAborted);
    }

    private static async Task<(string Path, string Digest)> FileAsync(HttpContext http, WorkspaceServices workspace)
    {
        var path = DatasetNames.CheckPath(DataJson.Route(http, "path"));
        var listing = await ListingAsync(http, workspace, DataJson.Route(http, "version"));
        return listing.Find(path) is { } digest
            ? (path, digest.ToString())
            : throw ServerlessException.NotFound(
                $"The version has no file '{path}'.",
                listing.Files.Count == 0
                    ? null
                    : $"It has: {string.Join(", ", listing.Files.Take(5).Select(f => f.Path))}{(listing.Files.Count > 5 ? ", …" : "")}."
            );
    }
}
