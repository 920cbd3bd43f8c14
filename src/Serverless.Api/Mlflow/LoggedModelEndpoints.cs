using Serverless.Api.Artifacts;
using Serverless.Api.Http;
using Serverless.Api.Mlflow.Artifacts;
using Serverless.Core;
using Serverless.Tracking.LoggedModels;
using Serverless.Tracking.Runs;

namespace Serverless.Api.Mlflow;

/// <summary>MLflow 3's endpoints for logged models: lifecycle, tags, params and artifacts.</summary>
internal static class LoggedModelEndpoints
{
    private static readonly RestField ModelId = new("model_id", RestType.Text, IsRequired: true);

    public static IReadOnlyList<RestEndpoint> All { get; } =
    [
        new(
            "POST",
            "logged-models",
            [
                new("experiment_id", RestType.Text, IsRequired: true),
                new("name", RestType.Text),
                new("model_type", RestType.Text),
                new("source_run_id", RestType.Text),
                new("params", RestType.List),
                new("tags", RestType.List),
            ],
            CreateAsync
        ),
        new("GET", "logged-models/{model_id}", [ModelId, new("allow_deleted", RestType.Bool)], GetAsync),
        new("PATCH", "logged-models/{model_id}", [ModelId], FinalizeAsync),
        new("DELETE", "logged-models/{model_id}", [ModelId], DeleteAsync),
        new("PATCH", "logged-models/{model_id}/tags", [ModelId, new("tags", RestType.List)], SetTagsAsync),
        new(
            "DELETE",
            "logged-models/{model_id}/tags/{**tag_key}",
            [ModelId, new("tag_key", RestType.Text, IsRequired: true)],
            DeleteTagAsync
        ),
        new("POST", "logged-models/{model_id}/params", [ModelId, new("params", RestType.List)], LogParamsAsync),
        new(
            "GET",
            "logged-models/{model_id}/artifacts/directories",
            [ModelId, new("artifact_directory_path", RestType.Text)],
            ListArtifactsAsync
        ),
        new(
            "GET",
            "logged-models/{model_id}/artifacts/files",
            [ModelId, new("artifact_file_path", RestType.Text, IsRequired: true)],
            DownloadAsync
        ),
        new("POST", "runs/outputs", [RunEndpoints.RunId, new("models", RestType.List, IsRequired: true)], LogOutputsAsync),
    ];

    private static async Task CreateAsync(RestCall call)
    {
        var experiment = await call.Workspace.Runs.Experiments.GetAsync(call.TextOr("experiment_id"), call.Aborted);
        if (experiment.IsDeleted)
        {
            throw ServerlessException.Invalid($"The experiment {experiment.Id} must be in the 'active' state. Current state is deleted.");
        }

        var name = call.Text("name") is { Length: > 0 } given ? CheckName(given) : RunNames.New();
        var (id, now) = (LoggedModelStore.NewId(), call.Workspace.LoggedModels.Now);
        var model = await call.Workspace.LoggedModels.CreateAsync(
            new LoggedModel
            {
                Id = id,
                ExperimentId = experiment.Id,
                Name = name,
                ModelType = call.Text("model_type"),
                SourceRunId = call.Text("source_run_id"),
                ArtifactUri = ArtifactUris.Append(experiment.ArtifactLocation, $"models/{id}/artifacts"),
                CreationTime = now,
                LastUpdateTime = now,
                Params = RestJson.ReadTags(call.List("params")).ToDictionary(p => p.Key, p => MlflowLimits.CheckParam(p.Key, p.Value)),
                Tags = RestJson.ReadTags(call.List("tags")).ToDictionary(t => t.Key, t => MlflowLimits.CheckRunTag(t.Key, t.Value)),
            }
        );
        await LoggedModelJson.ReplyAsync(call, model);
    }

    private static async Task GetAsync(RestCall call) =>
        await LoggedModelJson.ReplyAsync(
            call,
            await call.Workspace.LoggedModels.GetAsync(call.TextOr("model_id"), call.Bool("allow_deleted"), call.Aborted)
        );

    private static async Task FinalizeAsync(RestCall call)
    {
        var status = LoggedModelJson.ParseStatus(
            call.Text("status") is { Length: > 0 } text
                ? text
                : throw ServerlessException.Invalid(
                    "Missing value for required parameter 'status'. See the API docs for more information about request parameters."
                )
        );
        await LoggedModelJson.ReplyAsync(
            call,
            await ChangeAsync(call, m => m with { Status = status, LastUpdateTime = call.Workspace.LoggedModels.Now })
        );
    }

    private static async Task DeleteAsync(RestCall call)
    {
        var now = call.Workspace.LoggedModels.Now;
        await ChangeAsync(call, m => m with { DeletedMilliseconds = now, LastUpdateTime = now });
        await call.ReplyAsync();
    }

    private static async Task SetTagsAsync(RestCall call)
    {
        var tags = RestJson.ReadTags(call.List("tags")).ToDictionary(t => t.Key, t => MlflowLimits.CheckRunTag(t.Key, t.Value));
        await LoggedModelJson.ReplyAsync(
            call,
            await ChangeAsync(
                call,
                m => m with { Tags = m.Tags.Concat(tags).GroupBy(t => t.Key).ToDictionary(g => g.Key, g => g.Last().Value) }
            )
        );
    }

    private static async Task DeleteTagAsync(RestCall call)
    {
        // A slash in the key stays encoded in the path.
        var key = call.TextOr("tag_key");
        await ChangeAsync(
            call,
            m =>
            {
                var name = m.Tags.ContainsKey(key) ? key : Uri.UnescapeDataString(key);
                return m.Tags.ContainsKey(name)
                    ? m with
                    {
                        Tags = m.Tags.Where(t => t.Key != name).ToDictionary(),
                    }
                    : throw ServerlessException.NotFound($"No tag with key '{name}' found for model with ID '{m.Id}'.");
            }
        );
        await call.ReplyAsync();
    }

    private static async Task LogParamsAsync(RestCall call)
    {
        var added = RestJson
            .ReadTags(call.List("params"))
            .Select(p => KeyValuePair.Create(p.Key, MlflowLimits.CheckParam(p.Key, p.Value)))
            .ToList();
        await call.Workspace.LoggedModels.LogParamsAsync(call.TextOr("model_id"), added);
        await call.ReplyAsync();
    }

    private static async Task ListArtifactsAsync(RestCall call)
    {
        var path = call.TextOr("artifact_directory_path");
        ArtifactPath.Parse(path);
        var model = await call.Workspace.LoggedModels.GetAsync(call.TextOr("model_id"), cancellationToken: call.Aborted);
        await ArtifactEndpoints.ReplyListAsync(call, model.ArtifactUri, path);
    }

    private static async Task DownloadAsync(RestCall call)
    {
        var path = ArtifactPath.ParseFile(call.TextOr("artifact_file_path"));
        var model = await call.Workspace.LoggedModels.GetAsync(call.TextOr("model_id"), cancellationToken: call.Aborted);
        var root = ArtifactLocation.TryPath(model.ArtifactUri) ?? throw ArtifactLocation.Elsewhere(model.ArtifactUri);
        await call.Workspace.Artifacts.SendAsync(call.Http, ArtifactPath.Join(root, path));
    }

    private static async Task LogOutputsAsync(RestCall call)
    {
        var outputs = LoggedModelJson.ReadOutputs(call);
        await RunEndpoints.ChangeAsync(call, run => (run.CheckActive().WithModels([], outputs), []));
        await call.ReplyAsync();
    }

    private static Task<LoggedModel> ChangeAsync(RestCall call, Func<LoggedModel, LoggedModel> change) =>
        call.Workspace.LoggedModels.ChangeAsync(call.TextOr("model_id"), change);

    private static string CheckName(string name) =>
        name.AsSpan().IndexOfAny("/:.%\"'") < 0
            ? name
            : throw ServerlessException.Invalid(
                $"Invalid model name ('{name}') provided. Model name must be a non-empty string and cannot contain the following "
                    + $"characters: ('/', ':', '.', '%', '\"', \"'\")"
            );
}
