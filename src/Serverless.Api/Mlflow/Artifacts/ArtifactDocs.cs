using Serverless.Api.Description;

namespace Serverless.Api.Mlflow.Artifacts;

/// <summary>What the OpenAPI document says about <see cref="ArtifactTransfers"/>, whose bodies are files.</summary>
internal static class ArtifactDocs
{
    private const string Artifacts = "/api/2.0/mlflow-artifacts/artifacts/{**path}";
    private static readonly ParameterDoc Path = new("path", "The artifact's path; it may hold slashes.", "1/abc/artifacts/model/MLmodel");
    private static readonly ErrorDoc NoFile = new(404, "There is no such artifact.");
    private static readonly BodyDoc File = BodyDoc.Of("application/octet-stream", "flavors: {}\n", "The file.");

    public static IReadOnlyList<RouteDoc> All { get; } =
    [
        Of("downloadArtifact", $"GET {Artifacts}", "Download an artifact") with
        {
            Parameters = [Path],
            Answer = File,
            Errors = [NoFile],
        },
        Of("uploadArtifact", $"PUT {Artifacts}", "Upload an artifact") with
        {
            Parameters = [Path],
            Request = File,
        },
        Of("deleteArtifact", $"DELETE {Artifacts}", "Delete an artifact or a folder of artifacts") with
        {
            Parameters = [Path],
        },
        Of("downloadRunArtifact", "GET /get-artifact", "Download an artifact of a run") with
        {
            Parameters =
            [
                Required("run_id", "The run.", "8f14e45fceea167a5a36dedd4bea2543"),
                Required("path", "The path.", "model/MLmodel"),
            ],
            Answer = File,
            Errors = [NoFile],
        },
        Of("downloadVersionArtifact", "GET /model-versions/get-artifact", "Download an artifact of a model version") with
        {
            Parameters =
            [
                Required("name", "The registered model.", "churn"),
                Required("version", "The version.", "1"),
                Required("path", "The path.", "MLmodel"),
            ],
            Answer = File,
            Errors = [NoFile],
        },
        Of("uploadRunArtifact", "POST /ajax-api/2.0/mlflow/upload-artifact", "Upload an artifact of a run from MLflow's pages") with
        {
            Parameters =
            [
                Required("run_uuid", "The run.", "8f14e45fceea167a5a36dedd4bea2543"),
                Required("path", "The path.", "notes/readme.md"),
            ],
            Request = File with { Description = "The file, at most 10 MiB." },
        },
        Of("uploadPart", "PUT /api/2.0/mlflow-artifacts/mpu/parts/{upload}/{part:int}", "Upload a part of an artifact") with
        {
            Parameters =
            [
                new("upload", "The upload that `mpu/create` began.", "0f2c"),
                new("part", "The part's number.", "1") { Type = "integer" },
            ],
            Request = File,
        },
    ];

    private static RouteDoc Of(string id, string route, string summary) => new(id, route, Tags.Mlflow, summary);

    private static ParameterDoc Required(string name, string description, string example) =>
        ParameterDoc.Query(name, description, example) with
        {
            IsRequired = true,
        };
}
