using Serverless.Api.Description;
using Serverless.Api.Native.Administration;
using Serverless.Api.Native.Data;

namespace Serverless.Api.Native.Registry;

/// <summary>What the OpenAPI document says about <see cref="RegistryEndpoints"/>.</summary>
internal static class RegistryDocs
{
    private static readonly ErrorDoc NoModel = new(404, "There is no such model.");
    private static readonly ParameterDoc Name = ParameterDoc.Query("name", "The registered model.", "churn") with { IsRequired = true };

    public static IReadOnlyList<RouteDoc> All { get; } =
    [
        Get("getModelHistory", "registered-models/history", "Get a model's history") with
        {
            Description = "Every change of the model and its versions: who, when, from what to what, and why.",
            Parameters = [Name],
            Answer = BodyDoc.Json<ModelHistory>(
                DataJson.Options,
                """
                {"history": [{"timestamp": 1767225600000, "by": "alice", "action": "stage", "version": 2, "from": "Staging",
                  "to": "Production", "why": "better AUC"}]}
                """,
                "The changes."
            ),
            Errors = [NoModel],
        },
        Get("listModelTrash", "registered-models/trash", "List deleted models and versions") with
        {
            Answer = BodyDoc.Json<ModelTrash>(
                DataJson.Options,
                """{"deleted": [{"name": "churn", "version": 1, "deleted_timestamp": 1767225600000}]}""",
                "What can be restored, the newest first. Without `version`, the whole model was deleted."
            ),
        },
        Post("restoreModel", "registered-models/restore", "Restore a deleted model") with
        {
            Request = BodyDoc.Json<NameRequest>(DataJson.Options, """{"name": "churn"}"""),
            Answer = BodyDoc.Json<ModelAnswer>(
                DataJson.Options,
                """
                {"registered_model": {"name": "churn", "creation_timestamp": 1767225600000, "last_updated_timestamp": 1767225600000}}
                """,
                "The model, as MLflow's `registered-models/get` returns it."
            ),
            Errors = [new(404, "No deleted model has this name."), new(400, "Another model has taken the name.")],
        },
        Post("restoreModelVersion", "model-versions/restore", "Restore a deleted version") with
        {
            Request = BodyDoc.Json<VersionRequest>(DataJson.Options, """{"name": "churn", "version": "1"}"""),
            Answer = BodyDoc.Json<VersionAnswer>(
                DataJson.Options,
                """
                {"model_version": {"name": "churn", "version": "1", "creation_timestamp": 1767225600000,
                  "last_updated_timestamp": 1767225600000, "current_stage": "None", "description": "",
                  "source": "mlflow-artifacts:/1/abc/artifacts/model", "run_id": "abc", "status": "READY", "run_link": ""}}
                """,
                "The version, as MLflow's `model-versions/get` returns it."
            ),
            Errors = [new(404, "No such version was deleted.")],
        },
        Get("getModelCard", "model-versions/card", "Get a version's Model Card") with
        {
            Parameters = [Name, ParameterDoc.Query("version", "The version's number.", "1") with { IsRequired = true }],
            Answer = BodyDoc.Json<CardAnswer>(
                DataJson.Options,
                """{"card": "# churn 1\n\nNobody has described this version yet.\n"}""",
                "The card, in Markdown."
            ),
            Errors = [new(404, "There is no such version.")],
        },
        Get("listArtifactTrash", "artifacts/trash", "List deleted artifacts") with
        {
            Answer = BodyDoc.Json<ArtifactTrash>(
                DataJson.Options,
                """
                {"deleted": [{"id": "0f2c", "path": "1/abc/artifacts/plots", "deleted_timestamp": 1767225600000, "by": "alice",
                  "files": 3, "bytes": 20480}]}
                """,
                "What can be restored."
            ),
        },
        Post("restoreArtifact", "artifacts/restore", "Restore a deleted artifact") with
        {
            Request = BodyDoc.Json<IdRequest>(DataJson.Options, """{"id": "0f2c"}"""),
            Answer = BodyDoc.Json<RestoredArtifact>(
                DataJson.Options,
                """{"path": "1/abc/artifacts/plots", "files": 3}""",
                "Where it is again, and how many files came back."
            ),
            Errors = [new(404, "It was restored, or removed for good.")],
        },
    ];

    private static RouteDoc Get(string id, string path, string summary) => Of(id, "GET", path, summary);

    private static RouteDoc Post(string id, string path, string summary) => Of(id, "POST", path, summary);

    private static RouteDoc Of(string id, string method, string path, string summary) =>
        new(id, $"{method} {WorkspaceEndpoints.Prefix}{path}", Tags.Models, summary);

    internal sealed record NameRequest(string Name);

    internal sealed record VersionRequest(string Name, string Version);

    internal sealed record IdRequest(string Id);

    internal sealed record HistoryEntry(
        long Timestamp,
        string By,
        string Action,
        int? Version,
        string? What,
        string? From,
        string? To,
        string? Why
    );

    internal sealed record ModelHistory(IReadOnlyList<HistoryEntry> History);

    internal sealed record DeletedModel(string Name, int? Version, long DeletedTimestamp);

    internal sealed record ModelTrash(IReadOnlyList<DeletedModel> Deleted);

    internal sealed record DeletedArtifact(string Id, string Path, long DeletedTimestamp, string? By, long Files, long Bytes);

    internal sealed record ArtifactTrash(IReadOnlyList<DeletedArtifact> Deleted);

    internal sealed record RestoredArtifact(string Path, long Files);

    internal sealed record CardAnswer(string Card);

    internal sealed record Tag(string Key, string Value);

    internal sealed record ModelAlias(string Alias, string Version);

    internal sealed record RegisteredModel(
        string Name,
        long CreationTimestamp,
        long LastUpdatedTimestamp,
        string? UserId,
        string? Description,
        IReadOnlyList<ModelVersion>? LatestVersions,
        IReadOnlyList<Tag>? Tags,
        IReadOnlyList<ModelAlias>? Aliases
    );

    internal sealed record ModelVersion(
        string Name,
        string Version,
        long CreationTimestamp,
        long LastUpdatedTimestamp,
        string? UserId,
        string CurrentStage,
        string Description,
        string Source,
        string RunId,
        string? ModelId,
        string Status,
        IReadOnlyList<Tag>? Tags,
        string RunLink,
        IReadOnlyList<string>? Aliases
    );

    internal sealed record ModelAnswer(RegisteredModel RegisteredModel);

    internal sealed record VersionAnswer(ModelVersion ModelVersion);
}
