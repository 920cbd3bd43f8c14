using System.Globalization;
using System.Text.Json;
using Serverless.Api.Http;
using Serverless.Core;
using Serverless.Tracking.Experiments;

namespace Serverless.Api.Mlflow;

/// <summary>MLflow's endpoints for experiments.</summary>
internal static class ExperimentEndpoints
{
    private static readonly RestField Id = new("experiment_id", RestType.Text, IsRequired: true);

    public static IReadOnlyList<RestEndpoint> All { get; } =
    [
        new(
            "POST",
            "experiments/create",
            [new("name", RestType.Text, IsRequired: true), new("artifact_location", RestType.Text), new("tags", RestType.List)],
            CreateAsync
        ),
        new("GET", "experiments/get", [Id], GetAsync),
        new("GET", "experiments/get-by-name", [new("experiment_name", RestType.Text, IsRequired: true)], GetByNameAsync),
        new("POST", "experiments/delete", [Id], call => SetDeletedAsync(call, true)),
        new("POST", "experiments/restore", [Id], call => SetDeletedAsync(call, false)),
        new("POST", "experiments/update", [Id, new("new_name", RestType.Text, IsRequired: true)], RenameAsync),
        new(
            "POST",
            "experiments/set-experiment-tag",
            [Id, new("key", RestType.Text, IsRequired: true), new("value", RestType.Text)],
            SetTagAsync
        ),
    ];

    public static void Write(Utf8JsonWriter json, Experiment experiment)
    {
        json.WriteString("experiment_id", experiment.Id);
        json.WriteString("name", experiment.Name);
        json.WriteString("artifact_location", experiment.ArtifactLocation);
        json.WriteString("lifecycle_stage", experiment.IsDeleted ? "deleted" : "active");
        json.WriteNumber("last_update_time", experiment.LastUpdateTime);
        json.WriteNumber("creation_time", experiment.CreationTime);
        RestJson.WriteTags(json, "tags", experiment.Tags);
    }

    private static async Task CreateAsync(RestCall call)
    {
        var name = call.TextOr("name");
        MlflowLimits.CheckExperimentName(name);
        var location = call.TextOr("artifact_location");
        MlflowLimits.CheckArtifactLocation(location);
        var tags = RestJson.ReadTags(call.List("tags"));
        foreach (var (key, value) in tags)
        {
            MlflowLimits.CheckExperimentTag(key, value);
        }

        var experiment = await call.Workspace.Runs.Experiments.CreateAsync(name, location, tags, call.Aborted);
        await call.ReplyAsync(json => json.WriteString("experiment_id", experiment.Id));
    }

    private static async Task GetAsync(RestCall call) =>
        await ReplyAsync(call, await call.Workspace.Runs.Experiments.GetAsync(call.TextOr("experiment_id"), call.Aborted));

    private static async Task GetByNameAsync(RestCall call)
    {
        var name = call.TextOr("experiment_name");
        await ReplyAsync(
            call,
            await call.Workspace.Runs.Experiments.FindByNameAsync(name, call.Aborted)
                ?? throw ServerlessException.NotFound($"Could not find experiment with name '{name}'")
        );
    }

    private static Task ReplyAsync(RestCall call, Experiment experiment) =>
        call.ReplyAsync(json =>
        {
            json.WriteStartObject("experiment");
            Write(json, experiment);
            json.WriteEndObject();
        });

    /// <summary>Deletes or restores the experiment with all its runs.</summary>
    private static async Task SetDeletedAsync(RestCall call, bool isDeleted)
    {
        await call.Workspace.Runs.SetExperimentDeletedAsync(call.TextOr("experiment_id"), isDeleted, call.Aborted);
        await call.ReplyAsync();
    }

    private static async Task RenameAsync(RestCall call)
    {
        MlflowLimits.CheckExperimentName(call.TextOr("new_name"));
        await call.Workspace.Runs.Experiments.RenameAsync(call.TextOr("experiment_id"), call.TextOr("new_name"), call.Aborted);
        await call.ReplyAsync();
    }

    private static async Task SetTagAsync(RestCall call)
    {
        var (key, value) = (call.TextOr("key"), call.TextOr("value"));
        MlflowLimits.CheckExperimentTag(key, value);
        await call.Workspace.Runs.Experiments.UpdateAsync(
            call.TextOr("experiment_id"),
            e =>
                e.IsDeleted
                    ? throw ServerlessException.Invalid(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"The experiment {e.Id} must be in the 'active' state. Current state is deleted."
                        )
                    )
                    : e with
                    {
                        Tags = RestJson.With(e.Tags, key, value),
                    },
            call.Aborted
        );
        await call.ReplyAsync();
    }
}
