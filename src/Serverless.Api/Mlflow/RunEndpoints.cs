using Serverless.Api.Http;
using Serverless.Core;
using Serverless.Tracking.Experiments;
using Serverless.Tracking.Runs;
using Serverless.Tracking.Writing;

namespace Serverless.Api.Mlflow;

/// <summary>MLflow's endpoints for runs: lifecycle and info.</summary>
internal static class RunEndpoints
{
    public static readonly RestField RunId = new("run_id", RestType.Text, IsRequired: true, OtherName: "run_uuid");

    public static IReadOnlyList<RestEndpoint> All { get; } =
    [
        new(
            "POST",
            "runs/create",
            [
                new("experiment_id", RestType.Text),
                new("start_time", RestType.Int64),
                new("run_name", RestType.Text),
                new("tags", RestType.List),
            ],
            CreateAsync
        ),
        new("GET", "runs/get", [RunId], GetAsync),
        new(
            "POST",
            "runs/update",
            [RunId, new("end_time", RestType.Int64), new("status", RestType.Text), new("run_name", RestType.Text)],
            UpdateAsync
        ),
        new("POST", "runs/delete", [RunId], call => SetDeletedAsync(call, true)),
        new("POST", "runs/restore", [RunId], call => SetDeletedAsync(call, false)),
        new("POST", "runs/set-tag", [RunId, new("key", RestType.Text, IsRequired: true), new("value", RestType.Text)], SetTagAsync),
        new("POST", "runs/delete-tag", [RunId, new("key", RestType.Text, IsRequired: true)], DeleteTagAsync),
    ];

    /// <summary>Changes the run that the request names.</summary>
    public static async Task<Run> ChangeAsync(RestCall call, Func<Run, (Run, IReadOnlyList<MetricEntry>)> change)
    {
        var id = call.TextOr("run_id");
        var experiment = await call.Workspace.Runs.ExperimentOfAsync(id, call.Aborted) ?? throw NotFound(id);
        // Without the request's cancellation token: an accepted change is written even if the client disconnects.
        return await call.Workspace.Runs.LogAsync(experiment, id, change);
    }

    public static async Task<Run> FindAsync(RestCall call, string id) =>
        await call.Workspace.Runs.FindAsync(id, call.Aborted) ?? throw NotFound(id);

    private static ServerlessException NotFound(string id) => ServerlessException.NotFound($"Run with id={id} not found");

    private static async Task CreateAsync(RestCall call)
    {
        var experimentId = call.TextOr("experiment_id") is { Length: > 0 } given ? given : Experiment.DefaultId;
        var experiment = await call.Workspace.Runs.Experiments.GetAsync(experimentId, call.Aborted);
        if (experiment.IsDeleted)
        {
            throw ServerlessException.Invalid($"The experiment {experimentId} must be in the 'active' state. Current state is deleted.");
        }

        var tags = RestJson.ReadTags(call.List("tags")).ToDictionary(t => t.Key, t => MlflowLimits.CheckRunTag(t.Key, t.Value));
        var (name, tagged) = (call.TextOr("run_name"), tags.GetValueOrDefault(RunEdits.NameTag, ""));
        if (name.Length > 0 && tagged.Length > 0 && name != tagged)
        {
            throw ServerlessException.Invalid(
                $"Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='{name}', "
                    + $"mlflow.runName='{tagged}')."
            );
        }

        name =
            name.Length > 0 ? name
            : tagged.Length > 0 ? tagged
            : RunNames.New();
        tags[RunEdits.NameTag] = name;
        var id = Ids.NewId();
        var run = await call.Workspace.Runs.CreateAsync(
            new Run
            {
                Id = id,
                ExperimentId = experimentId,
                Name = name,
                User = call.TextOr("user_id"),
                Status = RunStatus.Running,
                StartMilliseconds = call.Int64("start_time") ?? 0,
                ArtifactUri = ArtifactUris.Append(experiment.ArtifactLocation, $"{id}/artifacts"),
                Tags = tags,
            }
        );
        await ReplyAsync(call, run);
    }

    private static async Task GetAsync(RestCall call)
    {
        var run = await FindAsync(call, call.TextOr("run_id"));
        await ReplyAsync(call, await DatasetTexts.LoadAsync(run, call.Workspace.Store.Content, call.Aborted));
    }

    private static async Task UpdateAsync(RestCall call)
    {
        var status = call.Has("status") ? RunEdits.ParseStatus(call.TextOr("status")) : (RunStatus?)null;
        var (end, name) = (call.Int64("end_time"), call.Text("run_name"));
        var run = await ChangeAsync(call, run => (run.CheckActive().WithInfo(status, end, name), []));
        await call.ReplyAsync(json =>
        {
            json.WriteStartObject("run_info");
            RunJson.WriteInfo(json, run);
            json.WriteEndObject();
        });
    }

    private static async Task SetDeletedAsync(RestCall call, bool isDeleted)
    {
        var run = await FindAsync(call, call.TextOr("run_id"));
        // Without the request's cancellation token: an accepted change is written.
        await call.Workspace.Runs.SetDeletedAsync(run, isDeleted);
        await call.ReplyAsync();
    }

    private static async Task SetTagAsync(RestCall call)
    {
        var (key, value) = (call.TextOr("key"), call.TextOr("value"));
        value = MlflowLimits.CheckRunTag(key, value);
        await ChangeAsync(call, run => (run.CheckActive().WithTags([new(key, value)]), []));
        await call.ReplyAsync();
    }

    private static async Task DeleteTagAsync(RestCall call)
    {
        var key = call.TextOr("key");
        await ChangeAsync(call, run => (run.CheckActive().WithoutTag(key), []));
        await call.ReplyAsync();
    }

    private static Task ReplyAsync(RestCall call, Run run) =>
        call.ReplyAsync(json =>
        {
            json.WriteStartObject("run");
            RunJson.Write(json, run);
            json.WriteEndObject();
        });
}
