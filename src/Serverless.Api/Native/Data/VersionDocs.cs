using Serverless.Api.Description;
using Serverless.Data.Datasets;

namespace Serverless.Api.Native.Data;

/// <summary>What the OpenAPI document says about <see cref="VersionEndpoints"/>.</summary>
internal static class VersionDocs
{
    private const string Versions = "datasets/{dataset}/versions";
    private const string Files = """[{"path": "a/1.csv", "md5": "0cc175b9c0f1b6a831c399e269772661"}]""";

    private static readonly ParameterDoc Path = new("path", "The file's path in the version; it may hold slashes.", "a/1.csv");
    private static readonly ParameterDoc Prefix = ParameterDoc.Query("prefix", "Only files whose path begins so.", "a/");

    internal static readonly IReadOnlyList<ParameterDoc> Paging =
    [
        ParameterDoc.Query("max_results", "How many, at most 5000. Default: 1000.", "1000", "integer"),
        ParameterDoc.Query("page_token", "The `next_page_token` of the page before.", "6"),
    ];

    public static IReadOnlyList<RouteDoc> All { get; } =
    [
        DatasetDocs.Of("listVersions", "GET", Versions, "List versions of a dataset") with
        {
            Parameters = [DatasetDocs.Name, ParameterDoc.Query("branch", "Only versions of this branch.", "main"), .. Paging],
            Answer = BodyDoc.Json<VersionPage>(
                DataJson.Options,
                $$"""{"versions": [{{DatasetDocs.Version}}], "next_page_token": "7"}""",
                "The newest first. The last page has no `next_page_token`."
            ),
            Errors = [DatasetDocs.NoDataset],
        },
        DatasetDocs.Of("getDatasetVersion", "GET", Versions + "/{version}", "Get a version") with
        {
            Parameters = [DatasetDocs.Name, DatasetDocs.Reference],
            Answer = DatasetDocs.OneVersion,
            Errors = [DatasetDocs.NoDataset],
        },
        DatasetDocs.Of("listFiles", "GET", Versions + "/{version}/files", "List files of a version") with
        {
            Parameters = [DatasetDocs.Name, DatasetDocs.Reference, Prefix, .. Paging],
            Answer = BodyDoc.Json<FilePage>(
                DataJson.Options,
                $$"""{"files": {{Files}}, "next_page_token": "a/1.csv"}""",
                "By path. The last page has no `next_page_token`."
            ),
            Errors = [DatasetDocs.NoDataset],
        },
        DatasetDocs.Of("downloadFile", "GET", Versions + "/{version}/files/{**path}", "Download a file of a version") with
        {
            Description = "Supports ranges and ETags.",
            Parameters = [DatasetDocs.Name, DatasetDocs.Reference, Path],
            Answer = BodyDoc.Of("application/octet-stream", "tenure,churn\n12,0\n", "The file, with the Content-Type of its name."),
            Errors = [new(404, "The version has no such file.")],
        },
        DatasetDocs.Of("getFileLink", "GET", Versions + "/{version}/link/{**path}", "Get a link to a file") with
        {
            Description = "The link can be read for 15 minutes where the store can sign; otherwise it is one of this API.",
            Parameters = [DatasetDocs.Name, DatasetDocs.Reference, Path],
            Answer = BodyDoc.Json<FileLink>(
                DataJson.Options,
                """
                {"path": "a/1.csv", "url": "https://account.blob.core.windows.net/data/files/md5/0c/c175b9c0f1b6a831c399e269772661?sig=x",
                 "is_signed": true, "expires_at": "2026-01-05T03:15:00+00:00"}
                """,
                "The link."
            ),
            Errors = [new(404, "The version has no such file.")],
        },
        DatasetDocs.Of("downloadArchive", "GET", Versions + "/{version}/archive", "Download a version as a zip") with
        {
            Parameters = [DatasetDocs.Name, DatasetDocs.Reference, Prefix],
            Answer = BodyDoc.Of("application/zip", "(a zip file)", "The files, uncompressed."),
            Errors = [new(404, "The version has no such file.")],
        },
        DatasetDocs.Of("diffVersions", "GET", "datasets/{dataset}/diff", "Compare two versions") with
        {
            Parameters =
            [
                DatasetDocs.Name,
                ParameterDoc.Query("from", "The version before.", "6") with
                {
                    IsRequired = true,
                },
                ParameterDoc.Query("to", "The version after.", "7") with
                {
                    IsRequired = true,
                },
            ],
            Answer = BodyDoc.Json<DatasetDiff>(
                DataJson.Options,
                $$"""{"added": {{Files}}, "removed": [], "modified": [], "renamed": []}""",
                "By path."
            ),
            Errors = [DatasetDocs.NoDataset],
        },
        DatasetDocs.Of("commitFile", "PUT", "datasets/{dataset}/files/{**path}", "Upload one file and create the version that has it") with
        {
            Parameters =
            [
                DatasetDocs.Name,
                Path,
                ParameterDoc.Query("branch", "The branch. Default: main.", "main"),
                ParameterDoc.Query("parent", "The version to build on. Default: the branch's newest.", "6", "integer"),
                ParameterDoc.Query("message", "What changed.", "June"),
                ParameterDoc.Query("commit_id", "The same again returns the same version.", "june-1"),
            ],
            Request = BodyDoc.Of("application/octet-stream", "tenure,churn\n12,0\n", "The file, of any size."),
            Answer = DatasetDocs.OneVersion,
            Errors = [new(400, "A name is not valid."), new(409, "The branch has moved.")],
        },
    ];

    internal sealed record VersionPage(IReadOnlyList<DatasetVersion> Versions, string? NextPageToken);

    internal sealed record FilePage(IReadOnlyList<DatasetFile> Files, string? NextPageToken);

    internal sealed record FileLink(string Path, string Url, bool IsSigned, DateTimeOffset? ExpiresAt);
}
