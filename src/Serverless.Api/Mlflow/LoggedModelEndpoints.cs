using Serverless.Tracking;

namespace Serverless.Api.Mlflow;

/// <summary>MLflow 3's endpoints of logged models: their life, tags, params and artifacts.</summary>
internal static class LoggedModelEndpoints
{
    private static readonly MlflowField ModelId = new("model_id", MlflowType.Text, IsRequired: true);

    public static IReadOnlyList<MlflowEndpoint> All { get; } =
    [
        new("POST", "logged-models",
            [
                new("experiment_id", MlflowType.Text, IsRequired: true), new("name", MlflowType.Text), new("model_type", MlflowType.Text),
                new("source_run_id", MlflowType.Text), new("params", MlflowType.List), new("tags", MlflowType.List),
            ],
            CreateAsync),
        new("GET", "logged-models/{model_id}", [ModelId, new("allow_deleted", MlflowType.Bool)], GetAsync),
        new("PATCH", "logged-models/{model_id}", [ModelId], FinalizeAsync),
        new("DELETE", "logged-models/{model_id}", [ModelId], DeleteAsync),
        new("PATCH", "logged-models/{model_id}/tags", [ModelId, new("tags", MlflowType.List)], SetTagsAsync),
        new("DELETE", "logged-models/{model_id}/tags/{**tag_key}", [ModelId, new("tag_key", MlflowType.Text, IsRequired: true)], DeleteTagAsync),
        new("POST", "logged-models/{model_id}/params", [ModelId, new("params", MlflowType.List)], LogParamsAsync),
        new("GET", "logged-models/{model_id}/artifacts/directories", [ModelId, new("artifact_directory_path", MlflowType.Text)], ListArtifactsAsync),
        new("GET", "logged-models/{model_id}/artifacts/files", [ModelId, new("artifact_file_path", MlflowType.Text, IsRequired: true)], DownloadAsync),
        new("POST", "runs/outputs", [RunEndpoints.RunId, new("models", MlflowType.List, IsRequired: true)], LogOutputsAsync),
    ];

    private static async Task CreateAsync(MlflowCall call)
    {
        var experiment = await call.Workspace.Runs.Experiments.GetAsync(call.TextOr("experiment_id"), call.Aborted).ConfigureAwait(false);
        if (experiment.IsDeleted)
        {
            throw ServerlessException.Invalid($"The experiment {experiment.Id} must be in the 'active' state. Current state is deleted.");
        }

        var name = call.Text("name") is { Length: > 0 } given ? CheckName(given) : RunNames.New();
        var (id, now) = (LoggedModelStore.NewId(), call.Workspace.LoggedModels.Now);
        var model = await call.Workspace.LoggedModels.CreateAsync(new LoggedModel
        {
            Id = id,
            ExperimentId = experiment.Id,
            Name = name,
            ModelType = call.Text("model_type"),
            SourceRunId = call.Text("source_run_id"),
            ArtifactUri = ArtifactUris.Append(experiment.ArtifactLocation, $"models/{id}/artifacts"),
            CreationTime = now,
            LastUpdateTime = now,
            Params = MlflowJson.ReadTags(call.List("params")).ToDictionary(p => p.Key, p => MlflowLimits.CheckParam(p.Key, p.Value)),
            Tags = MlflowJson.ReadTags(call.List("tags")).ToDictionary(t => t.Key, t => MlflowLimits.CheckRunTag(t.Key, t.Value)),
        }).ConfigureAwait(false);
        await LoggedModelJson.ReplyAsync(call, model).ConfigureAwait(false);
    }

    private static async Task GetAsync(MlflowCall call) => await LoggedModelJson.ReplyAsync(
        call, await call.Workspace.LoggedModels.GetAsync(call.TextOr("model_id"), call.Bool("allow_deleted"), call.Aborted).ConfigureAwait(false)).ConfigureAwait(false);

    private static async Task FinalizeAsync(MlflowCall call)
    {
        var status = LoggedModelJson.ParseStatus(call.Text("status") is { Length: > 0 } text
            ? text
            : throw ServerlessException.Invalid("Missing value for required parameter 'status'. See the API docs for more information about request parameters."));
        await LoggedModelJson.ReplyAsync(call, await ChangeAsync(call, m => m with { Status = status, LastUpdateTime = call.Workspace.LoggedModels.Now }).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static async Task DeleteAsync(MlflowCall call)
    {
        var now = call.Workspace.LoggedModels.Now;
        await ChangeAsync(call, m => m with { DeletedMilliseconds = now, LastUpdateTime = now }).ConfigureAwait(false);
        await call.ReplyAsync().ConfigureAwait(false);
    }

    private static async Task SetTagsAsync(MlflowCall call)
    {
        var tags = MlflowJson.ReadTags(call.List("tags")).ToDictionary(t => t.Key, t => MlflowLimits.CheckRunTag(t.Key, t.Value));
        await LoggedModelJson.ReplyAsync(call, await ChangeAsync(call, m => m with { Tags = m.Tags.Concat(tags).GroupBy(t => t.Key).ToDictionary(g => g.Key, g => g.Last().Value) })
            .ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static async Task DeleteTagAsync(MlflowCall call)
    {
        // A slash in the key stays encoded in the path.
        var key = call.TextOr("tag_key");
        await ChangeAsync(call, m =>
        {
            var name = m.Tags.ContainsKey(key) ? key : Uri.UnescapeDataString(key);
            return m.Tags.ContainsKey(name)
                ? m with { Tags = m.Tags.Where(t => t.Key != name).ToDictionary() }
                : throw ServerlessException.NotFound($"No tag with key '{name}' found for model with ID '{m.Id}'.");
        }).ConfigureAwait(false);
        await call.ReplyAsync().ConfigureAwait(false);
    }

    private static async Task LogParamsAsync(MlflowCall call)
    {
        var added = MlflowJson.ReadTags(call.List("params")).Select(p => KeyValuePair.Create(p.Key, MlflowLimits.CheckParam(p.Key, p.Value))).ToList();
        await call.Workspace.LoggedModels.LogParamsAsync(call.TextOr("model_id"), added).ConfigureAwait(false);
        await call.ReplyAsync().ConfigureAwait(false);
    }

    private static async Task ListArtifactsAsync(MlflowCall call)
    {
        var path = call.TextOr("artifact_directory_path");
        ArtifactPath.Parse(path);
        var model = await call.Workspace.LoggedModels.GetAsync(call.TextOr("model_id"), cancellationToken: call.Aborted).ConfigureAwait(false);
        await ArtifactEndpoints.ReplyListAsync(call, model.ArtifactUri, path).ConfigureAwait(false);
    }

    private static async Task DownloadAsync(MlflowCall call)
    {
        var path = ArtifactPath.ParseFile(call.TextOr("artifact_file_path"));
        var model = await call.Workspace.LoggedModels.GetAsync(call.TextOr("model_id"), cancellationToken: call.Aborted).ConfigureAwait(false);
        var root = ArtifactLocation.TryPath(model.ArtifactUri) ?? throw ArtifactLocation.Elsewhere(model.ArtifactUri);
        await call.Workspace.Artifacts.SendAsync(call.Http, ArtifactPath.Join(root, path)).ConfigureAwait(false);
    }

    private static async Task LogOutputsAsync(MlflowCall call)
    {
        var outputs = LoggedModelJson.ReadOutputs(call);
        await RunEndpoints.ChangeAsync(call, run => (run.CheckActive().WithModels([], outputs), [])).ConfigureAwait(false);
        await call.ReplyAsync().ConfigureAwait(false);
    }

    private static Task<LoggedModel> ChangeAsync(MlflowCall call, Func<LoggedModel, LoggedModel> change) =>
        call.Workspace.LoggedModels.ChangeAsync(call.TextOr("model_id"), change);

    private static string CheckName(string name) => name.AsSpan().IndexOfAny("/:.%\"'") < 0
        ? name
        : throw ServerlessException.Invalid(
            $"Invalid model name ('{name}') provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '\"', \"'\")");
}
