using Serverless.Api.Description;

namespace Serverless.Api.Native.Data;

/// <summary>What the OpenAPI document says about <see cref="ObjectEndpoints"/>.</summary>
internal static class ObjectDocs
{
    private const string Example = "files/md5/0c/c175b9c0f1b6a831c399e269772661";
    private const string Names = $$"""{"names": ["{{Example}}"]}""";

    private static readonly ParameterDoc Name = new("name", "`files/md5/ab/cdef…`, `ab/cdef…`, `runs/…` or `trash/…`.", Example);
    private static readonly ErrorDoc NoObject = new(404, "There is no such object.");
    private static readonly ErrorDoc NoName = new(400, "That is not a name of an object.");

    public static IReadOnlyList<RouteDoc> All { get; } =
    [
        Of("listObjects", "GET", "objects", "List objects") with
        {
            Parameters =
            [
                ParameterDoc.Query("prefix", "Only names that begin so. Default: files/md5/.", "files/md5/0c/"),
                .. VersionDocs.Paging,
            ],
            Answer = BodyDoc.Json<ObjectEndpoints.ObjectPage>(
                DataJson.Options,
                $$"""
                {"objects": [{"name": "{{Example}}", "size": 10240, "last_modified": "2026-01-05T03:00:00+00:00"}],
                 "next_page_token": "token"}
                """,
                "By name. The last page has no `next_page_token`."
            ),
            Errors = [NoName],
        },
        Of("findMissingObjects", "POST", "objects/exists", "Find out which objects are missing") with
        {
            Request = BodyDoc.Json<ObjectEndpoints.NamesRequest>(DataJson.Options, Names, "At most 50,000 names."),
            Answer = BodyDoc.Json<ObjectEndpoints.MissingAnswer>(
                DataJson.Options,
                $$"""{"missing": ["{{Example}}"]}""",
                "Those not there."
            ),
            Errors = [NoName],
        },
        Of("moveObject", "POST", "objects/move", "Move an object into the trash or out of it") with
        {
            Request = BodyDoc.Json<ObjectEndpoints.MoveRequest>(
                DataJson.Options,
                $$"""{"name": "{{Example}}", "new_name": "trash/{{Example}}"}"""
            ),
            Errors = [NoName, NoObject],
        },
        Of("getObjectLinks", "POST", "objects/links", "Get links to objects") with
        {
            Request = BodyDoc.Json<ObjectEndpoints.NamesRequest>(DataJson.Options, Names, "At most 1,000 names."),
            Answer = BodyDoc.Json<ObjectEndpoints.LinksAnswer>(
                DataJson.Options,
                $$"""
                {"links": [{"name": "{{Example}}", "url": "https://account.blob.core.windows.net/data/{{Example}}?sig=x", "is_signed": true,
                  "expires_at": "2026-01-05T03:15:00+00:00"}]}
                """,
                "A link for each name. It can be read for 15 minutes where the store can sign; otherwise it is one of this API."
            ),
            Errors = [NoName],
        },
        Of("getObject", "GET", "objects/{**name}", "Download an object") with
        {
            Description = "Supports ranges and ETags. A whole object is hashed on its way: a corrupt one ends as a broken connection.",
            Parameters = [Name],
            Answer = BodyDoc.Of("application/octet-stream", "tenure,churn\n12,0\n", "The content."),
            Errors = [NoName, NoObject],
        },
        Of("putObject", "PUT", "objects/{**name}", "Upload an object") with
        {
            Parameters = [Name],
            Request = BodyDoc.Of("application/octet-stream", "a", "The content, with Content-Length."),
            Errors =
            [
                new(400, "The content is not what its name says, or a listing's files are not there yet."),
                new(411, "Content-Length is missing."),
            ],
        },
        Of("deleteObject", "DELETE", "objects/{**name}", "Delete an object from the trash for good") with
        {
            Parameters = [Name with { Example = "trash/" + Example }],
            Errors = [new(400, "The object is not in the trash.")],
        },
        Of("listDigestsInUse", "GET", "in-use", "List digests in use") with
        {
            Description = "Every digest that a record of the workspace names: runs, the task cache, models, datasets.",
            Answer = BodyDoc.Json<ObjectEndpoints.InUseAnswer>(
                DataJson.Options,
                """{"in_use": [{"digest": "0cc175b9c0f1b6a831c399e269772661", "by": "dataset raw 7"}]}""",
                "The digests, and what names them."
            ),
        },
    ];

    private static RouteDoc Of(string id, string method, string path, string summary) =>
        DatasetDocs.Of(id, method, path, summary) with
        {
            Tag = Tags.Objects,
        };
}
