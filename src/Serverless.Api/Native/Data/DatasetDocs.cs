using Serverless.Api.Description;
using Serverless.Data.Datasets;

namespace Serverless.Api.Native.Data;

/// <summary>What the OpenAPI document says about <see cref="DatasetEndpoints"/>.</summary>
internal static class DatasetDocs
{
    private const string Dataset =
        """{"name": "raw", "last_version": 7, "created_at": "2026-01-01T00:00:00+00:00", "updated_at": "2026-01-05T03:00:00+00:00"}""";

    private const string Branch = """{"name": "main", "head": 7, "updated_at": "2026-01-05T03:00:00+00:00"}""";
    private const string Tag = """{"name": "v1", "version": 7, "by": "alice", "at": "2026-01-05T03:00:00+00:00"}""";

    private const string Lineage = """
        {"digest": "0cc175b9c0f1b6a831c399e269772661.dir", "versions": [{"dataset": "raw", "version": 7}],
         "made_by": [{"run_id": "8f14e45fceea167a5a36dedd4bea2543", "task": "prepare", "name": "data/clean",
          "at": "2026-01-05T03:00:00+00:00"}],
         "used_by": [],
         "models": [{"name": "churn", "version": 2, "stage": "Production", "run_id": "8f14e45fceea167a5a36dedd4bea2543"}]}
        """;

    internal const string Version = """
        {"number": 7, "digest": "0cc175b9c0f1b6a831c399e269772661.dir", "parent": 6, "branch": "main", "size": 20480, "file_count": 2,
         "message": "June", "by": "alice", "at": "2026-01-05T03:00:00+00:00"}
        """;

    internal static readonly ParameterDoc Name = new("dataset", "The dataset.", "raw");
    internal static readonly ParameterDoc Reference = new("version", "A version: its number, a tag, a branch or its digest.", "7");
    internal static readonly ErrorDoc NoDataset = new(404, "There is no such dataset, version, branch or tag.");
    private static readonly ParameterDoc TagName = new("tag", "The tag.", "v1");

    internal static BodyDoc OneVersion { get; } =
        BodyDoc.Json<VersionAnswer>(DataJson.Options, $$"""{"version": {{Version}}}""", "The version.");

    public static IReadOnlyList<RouteDoc> All { get; } =
    [
        Of("listDatasets", "GET", "datasets", "List datasets") with
        {
            Answer = BodyDoc.Json<DatasetList>(DataJson.Options, $$"""{"datasets": [{{Dataset}}]}""", "All datasets."),
        },
        Of("getDataset", "GET", "datasets/{dataset}", "Get a dataset with its branches and tags") with
        {
            Parameters = [Name],
            Answer = BodyDoc.Json<DatasetAnswer>(
                DataJson.Options,
                $$"""{"dataset": {{Dataset}}, "branches": [{{Branch}}], "tags": [{{Tag}}]}""",
                "The dataset."
            ),
            Errors = [NoDataset],
        },
        Of("commit", "POST", "datasets/{dataset}/commits", "Create a version") with
        {
            Description =
                "Upload the files first (`putObject`). `parent` is the branch's newest version as you know it; leave it out to "
                + "begin a branch. "
                + "Instead of `add` and `remove`, `digest` gives the whole content. The same `commit_id` again returns the same version.",
            Parameters = [Name],
            Request = BodyDoc.Json<DatasetCommit>(
                DataJson.Options,
                """
                {"branch": "main", "parent": 6, "message": "June",
                 "add": [{"path": "a/1.csv", "md5": "0cc175b9c0f1b6a831c399e269772661", "size": 10240}],
                 "remove": ["old"], "commit_id": "june-1"}
                """
            ),
            Answer = OneVersion,
            Errors =
            [
                new(400, "The commit is not valid, or a file was not uploaded."),
                new(409, "The branch has moved. The message says where it is."),
            ],
        },
        Of("listBranches", "GET", "datasets/{dataset}/branches", "List branches") with
        {
            Parameters = [Name],
            Answer = BodyDoc.Json<BranchList>(DataJson.Options, $$"""{"branches": [{{Branch}}]}""", "The branches."),
            Errors = [NoDataset],
        },
        Of("setBranch", "PUT", "datasets/{dataset}/branches/{branch}", "Create or move a branch") with
        {
            Parameters = [Name, new("branch", "The branch.", "main")],
            Request = BodyDoc.Json<DatasetEndpoints.BranchRequest>(
                DataJson.Options,
                """{"version": 7, "expected": 6}""",
                "`expected` is where you know the branch to be; leave it out to create one."
            ),
            Answer = BodyDoc.Json<BranchAnswer>(DataJson.Options, $$"""{"branch": {{Branch}}}""", "The branch."),
            Errors = [NoDataset, new(409, "The branch is not where it is expected.")],
        },
        Of("listTags", "GET", "datasets/{dataset}/tags", "List tags") with
        {
            Parameters = [Name],
            Answer = BodyDoc.Json<TagList>(DataJson.Options, $$"""{"tags": [{{Tag}}]}""", "The tags."),
            Errors = [NoDataset],
        },
        Of("setTag", "PUT", "datasets/{dataset}/tags/{tag}", "Tag a version") with
        {
            Parameters = [Name, TagName],
            Request = BodyDoc.Json<DatasetEndpoints.TagRequest>(
                DataJson.Options,
                """{"version": "7", "move": false}""",
                "`move` takes the tag from another version."
            ),
            Answer = BodyDoc.Json<TagAnswer>(DataJson.Options, $$"""{"tag": {{Tag}}}""", "The tag."),
            Errors = [NoDataset, new(409, "The tag is at another version.")],
        },
        Of("removeTag", "DELETE", "datasets/{dataset}/tags/{tag}", "Remove a tag") with
        {
            Parameters = [Name, TagName],
            Errors = [NoDataset],
        },
        Of("getLineage", "GET", "datasets/{dataset}/versions/{version}/lineage", "Get a version's lineage") with
        {
            Parameters = [Name, Reference],
            Answer = BodyDoc.Json<DatasetLineage>(DataJson.Options, Lineage, "Runs that produced it and used it, and their models."),
            Errors = [NoDataset],
        },
        Of("getLineageOfDigest", "GET", "lineage/{digest}", "Get a content's lineage") with
        {
            Parameters = [new("digest", "The content's digest, with `.dir` for a folder.", "0cc175b9c0f1b6a831c399e269772661.dir")],
            Answer = BodyDoc.Json<DatasetLineage>(DataJson.Options, Lineage, "Runs that produced it and used it, and their models."),
            Errors = [new(400, "That is not a digest.")],
        },
    ];

    internal static RouteDoc Of(string id, string method, string path, string summary) =>
        new(id, $"{method} {DataApi.Prefix}{path}", Tags.Datasets, summary);

    internal sealed record DatasetList(IReadOnlyList<Dataset> Datasets);

    internal sealed record DatasetAnswer(Dataset Dataset, IReadOnlyList<DatasetBranch> Branches, IReadOnlyList<DatasetTag> Tags);

    internal sealed record VersionAnswer(DatasetVersion Version);

    internal sealed record BranchList(IReadOnlyList<DatasetBranch> Branches);

    internal sealed record BranchAnswer(DatasetBranch Branch);

    internal sealed record TagList(IReadOnlyList<DatasetTag> Tags);

    internal sealed record TagAnswer(DatasetTag Tag);
}
