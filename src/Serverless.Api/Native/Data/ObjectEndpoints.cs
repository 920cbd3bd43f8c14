using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Serverless.Api.Artifacts;
using Serverless.Api.Hosting;
using Serverless.Api.Http;
using Serverless.Core;
using Serverless.Data.Datasets;
using Serverless.Data.Files;
using Serverless.Data.Remotes;
using Serverless.Storage.Blobs;

namespace Serverless.Api.Native.Data;

/// <summary>The workspace as a DVC remote, without credentials for the storage account.</summary>
internal static class ObjectEndpoints
{
    private const int MostNames = 50_000;
    private const int MostLinks = 1000;
    private static readonly TimeSpan LinkLifetime = TimeSpan.FromMinutes(15);

    public static IReadOnlyList<TransferRoute> All { get; } =
    [
        new(["GET"], "objects", ListAsync),
        new(["POST"], "objects/exists", ExistAsync),
        new(["POST"], "objects/move", MoveAsync),
        new(["POST"], "objects/links", LinksAsync),
        new(["GET", "HEAD"], "objects/{**name}", DownloadAsync),
        new(["PUT"], "objects/{**name}", UploadAsync),
        new(["DELETE"], "objects/{**name}", DeleteAsync),
        new(["GET"], "in-use", InUseAsync),
    ];

    private static async Task ListAsync(HttpContext http, WorkspaceServices workspace)
    {
        var prefix = ObjectNames.CheckPrefix(DataJson.Query(http, "prefix") ?? "files/md5/");
        var (blobs, next) = await workspace.Store.Objects.ListPageAsync(
            prefix,
            DataJson.Query(http, "page_token"),
            DataJson.MaxResults(http),
            http.RequestAborted
        );
        await DataJson.ReplyAsync(http, new ObjectPage([.. blobs.Select(b => new ObjectItem(b.Name, b.Length, b.LastModified))], next));
    }

    private static async Task ExistAsync(HttpContext http, WorkspaceServices workspace)
    {
        var asked = await DataJson.ReadAsync<NamesRequest>(http);
        if (asked.Names.Count > MostNames)
        {
            throw ServerlessException.Invalid(
                $"The request has {asked.Names.Count} names. The maximum is {MostNames}.",
                "Split the request."
            );
        }

        var objects = new HashSet<ObjectId>();
        var others = new List<string>();
        foreach (var name in asked.Names)
        {
            if (ObjectId.OfRemoteName(ObjectNames.Check(name)) is { } id)
            {
                objects.Add(id);
            }
            else
            {
                others.Add(name);
            }
        }

        var missing = (await Inventory(workspace).FindMissingAsync(objects, [], http.RequestAborted)).Select(m => m.RemoteName).ToList();
        foreach (var name in others)
        {
            if (await workspace.Store.Objects.FindAsync(name, http.RequestAborted) is null)
            {
                missing.Add(name);
            }
        }

        await DataJson.ReplyAsync(http, new MissingAnswer(missing));
    }

    private static async Task MoveAsync(HttpContext http, WorkspaceServices workspace)
    {
        var asked = await DataJson.ReadAsync<MoveRequest>(http);
        if (ObjectNames.IsTrash(ObjectNames.Check(asked.Name)) == ObjectNames.IsTrash(ObjectNames.Check(asked.NewName)))
        {
            throw ServerlessException.Invalid("Objects can only be moved to the trash and out of it.");
        }

        if (!await workspace.Store.Objects.MoveAsync(asked.Name, asked.NewName, http.RequestAborted))
        {
            throw NotThere(asked.Name);
        }

        await DataJson.ReplyAsync(http, new { });
    }

    /// <summary>Creates download links, valid for 15 minutes if the store can sign them.</summary>
    private static async Task LinksAsync(HttpContext http, WorkspaceServices workspace)
    {
        var asked = await DataJson.ReadAsync<NamesRequest>(http);
        if (asked.Names.Count > MostLinks)
        {
            throw ServerlessException.Invalid(
                $"The request has {asked.Names.Count} links. The maximum is {MostLinks}.",
                "Split the request."
            );
        }

        var links = new List<LinkItem>();
        foreach (var name in asked.Names)
        {
            var link = await workspace.Store.Objects.SignAsync(ObjectNames.Check(name), LinkLifetime, workspace.Time, http.RequestAborted);
            links.Add(
                new LinkItem(
                    name,
                    link?.AbsoluteUri ?? StreamOf(http, name),
                    link is not null,
                    link is null ? null : workspace.Time.GetUtcNow() + LinkLifetime
                )
            );
        }

        await DataJson.ReplyAsync(http, new LinksAnswer(links));
    }

    private static async Task DownloadAsync(HttpContext http, WorkspaceServices workspace)
    {
        var name = ObjectNames.Check(DataJson.Route(http, "name"));
        var file = new ArtifactFile(
            name,
            token => workspace.Store.Objects.FindAsync(name, token),
            // A complete object is hashed while it is sent: a corrupt one ends with an aborted connection, never as a complete file.
            async (range, token) =>
                range is null && ObjectId.OfRemoteName(name) is { Kind: HashKind.Md5 } id
                    ? await workspace.Store.Content.OpenAsync(id.Digest, null, token)
                    : await workspace.Store.Objects.OpenAsync(name, range, token)
        );
        if (!await ArtifactDownload.TrySendAsync(http, file))
        {
            throw NotThere(name);
        }
    }

    private static async Task UploadAsync(HttpContext http, WorkspaceServices workspace)
    {
        var name = ObjectNames.Check(DataJson.Route(http, "name"));
        if (http.Request.ContentLength is not { } length)
        {
            throw new ServerlessException(
                ErrorCodes.BadRequest,
                "The upload has no length.",
                "Send a Content-Length header.",
                StatusCodes.Status411LengthRequired
            );
        }

        var id = ObjectId.OfRemoteName(name);
        if (length <= BlobFolder.OneRequestBytes || id is not { Kind: HashKind.Md5, IsDirectory: false })
        {
            await UploadReceivedAsync(http, workspace, name, id, length);
        }
        else
        {
            await workspace.Store.Objects.PutAsync(name, http.Request.Body, length, id.Value.HashBytes(), http.RequestAborted);
        }

        await DataJson.ReplyAsync(http, new { });
    }

    /// <summary>
    /// Uploads small objects, and objects that must be checked before they are stored: listings, and objects not named by the md5 of their
    /// bytes.
    /// </summary>
    private static async Task UploadReceivedAsync(HttpContext http, WorkspaceServices workspace, string name, ObjectId? id, long length)
    {
        var bytes = (await RequestBody.ReadAsync(http, BodyLimits.Listing)).ToArray();
        if (bytes.Length != length)
        {
            throw ServerlessException.Invalid($"'{name}' has {bytes.Length} bytes, but {length} were announced.");
        }

        var md5 = MD5.HashData(bytes);
        if (id is { } content && (content.Kind == HashKind.Md5 || content.IsDirectory) && !md5.AsSpan().SequenceEqual(content.HashBytes()))
        {
            throw new ServerlessException(
                ErrorCodes.InvalidState,
                $"The content of '{name}' does not match its name: its md5 is {Convert.ToHexStringLower(md5)}.",
                "The source is corrupt, or the data was changed in transit. Check the source and upload it again."
            );
        }

        if (id is { IsDirectory: true } folder)
        {
            await CheckWholeAsync(workspace, folder, bytes, http.RequestAborted);
        }

        using var body = new MemoryStream(bytes, writable: false);
        await workspace.Store.Objects.PutAsync(name, body, length, md5, http.RequestAborted);
    }

    /// <summary>A stored listing implies that its files are stored.</summary>
    private static async Task CheckWholeAsync(
        WorkspaceServices workspace,
        ObjectId folder,
        byte[] bytes,
        CancellationToken cancellationToken
    )
    {
        using var body = new MemoryStream(bytes, writable: false);
        var listing = DirectoryListing.Read(body, folder.Digest);
        var missing = await Inventory(workspace)
            .FindMissingAsync(listing.Files.Select(f => new ObjectId(f.Digest, false, folder.Kind)), [], cancellationToken);
        if (missing.Count > 0)
        {
            throw new ServerlessException(
                ErrorCodes.InvalidState,
                $"The folder {folder} lists {missing.Count} files that are not in the store: "
                    + $"{string.Join(", ", missing.Take(3))}{(missing.Count > 3 ? ", …" : "")}.",
                "Upload its files first."
            );
        }
    }

    /// <summary>Only objects in the trash can be deleted permanently.</summary>
    private static async Task DeleteAsync(HttpContext http, WorkspaceServices workspace)
    {
        var name = ObjectNames.Check(DataJson.Route(http, "name"));
        if (!ObjectNames.IsTrash(name))
        {
            throw ServerlessException.Invalid(
                $"'{name}' cannot be deleted directly.",
                "Move it to the trash. `mlops gc -c` does this for all unused objects."
            );
        }

        await workspace.Store.Objects.DeleteAsync(name, http.RequestAborted);
        await DataJson.ReplyAsync(http, new { });
    }

    /// <summary>All digests in the workspace's records: runs, the task cache, models and datasets.</summary>
    private static async Task InUseAsync(HttpContext http, WorkspaceServices workspace)
    {
        var uses = await PlatformUse.CollectAsync(workspace.Store, http.RequestAborted);
        await DataJson.ReplyAsync(http, new InUseAnswer([.. uses.Select(u => new UseItem(u.Key, u.Value))]));
    }

    private static RemoteInventory Inventory(WorkspaceServices workspace) => new(new BlobRemote(workspace.Store.Objects));

    private static string StreamOf(HttpContext http, string name) =>
        $"{http.Request.Scheme}://{http.Request.Host}{http.Request.Path.Value![..^"/links".Length]}/{name}";

    private static ServerlessException NotThere(string name) => ServerlessException.NotFound($"Object '{name}' does not exist.");

    internal sealed record NamesRequest(IReadOnlyList<string> Names);

    internal sealed record MissingAnswer(IReadOnlyList<string> Missing);

    internal sealed record MoveRequest(string Name, string NewName);

    internal sealed record ObjectPage(IReadOnlyList<ObjectItem> Objects, string? NextPageToken);

    internal sealed record ObjectItem(string Name, long Size, DateTimeOffset LastModified);

    /// <param name="IsSigned">False if the store cannot sign. Then the link points to this API and needs the API's authorization.</param>
    internal sealed record LinkItem(string Name, string Url, bool IsSigned, DateTimeOffset? ExpiresAt);

    internal sealed record LinksAnswer(IReadOnlyList<LinkItem> Links);

    internal sealed record UseItem(string Digest, string By);

    internal sealed record InUseAnswer(IReadOnlyList<UseItem> InUse);
}
