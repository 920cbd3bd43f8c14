using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Serverless.Api.Artifacts;
using Serverless.Api.Http;
using Serverless.Core;
using Serverless.Tracking.LoggedModels;
using Serverless.Tracking.Models;

namespace Serverless.Api.Mlflow;

/// <summary>MLflow's endpoints for model versions.</summary>
internal static class ModelVersionEndpoints
{
    private const int MostResults = 200_000;
    private const string PromptTag = "mlflow.prompt.is_prompt";
    private static readonly RestField Name = new("name", RestType.Text, IsRequired: true);
    private static readonly RestField Version = new("version", RestType.Text, IsRequired: true);
    private static readonly RestField Key = new("key", RestType.Text, IsRequired: true);

    public static IReadOnlyList<RestEndpoint> All { get; } =
    [
        new(
            "POST",
            "model-versions/create",
            [
                Name,
                new("source", RestType.Text, IsRequired: true),
                new("run_id", RestType.Text),
                new("tags", RestType.List),
                new("run_link", RestType.Text),
                new("description", RestType.Text),
                new("model_id", RestType.Text),
            ],
            CreateAsync
        ),
        new("GET", "model-versions/get", [Name, Version], GetAsync),
        new("PATCH", "model-versions/update", [Name, Version, new("description", RestType.Text)], UpdateAsync),
        new("DELETE", "model-versions/delete", [Name, Version], DeleteAsync),
        new(
            "POST",
            "model-versions/transition-stage",
            [
                Name,
                Version,
                new("stage", RestType.Text, IsRequired: true),
                new("archive_existing_versions", RestType.Bool),
                new("comment", RestType.Text),
            ],
            TransitionAsync
        ),
        new(
            "GET",
            "model-versions/search",
            [
                new("filter", RestType.Text),
                new("max_results", RestType.Int64),
                new("order_by", RestType.TextList),
                new("page_token", RestType.Text),
            ],
            SearchAsync
        ),
        new("GET", "model-versions/get-download-uri", [new("name", RestType.Text), new("version", RestType.Text)], DownloadUriAsync),
        new("POST", "model-versions/set-tag", [Name, Version, Key, new("value", RestType.Text)], SetTagAsync),
        new("DELETE", "model-versions/delete-tag", [Name, Version, Key], DeleteTagAsync),
    ];

    public static Task ReplyAsync(RestCall call, ModelState model, ModelVersion version) =>
        call.ReplyAsync(json =>
        {
            json.WritePropertyName("model_version");
            ModelJson.WriteVersion(json, new VersionItem(model, version));
        });

    private static ModelVersions Versions(RestCall call) => call.Workspace.Models.Versions;

    private static Actor CallerOf(RestCall call) => Caller.Of(call.Http);

    private static async Task CreateAsync(RestCall call)
    {
        var tags = RestJson.ReadTags(call.List("tags"));
        // The source of a prompt is not a location: its text is in a tag.
        if (!tags.ContainsKey(PromptTag))
        {
            await ModelSource.CheckAsync(call, call.TextOr("source"), call.Text("run_id"));
        }

        foreach (var (key, value) in tags)
        {
            ModelLimits.CheckTag(key, value);
        }

        var logged = await LoggedModelOfAsync(call);
        var caller = Caller.Of(call.Http, tags);
        var request = new UnansweredRequest(FingerprintOf(call, caller));
        var (model, version) = await Versions(call)
            .CreateAsync(
                new CreateVersionRequest
                {
                    Name = call.TextOr("name"),
                    Source = call.TextOr("source"),
                    Location = call.TextOr("source") == $"models:/{logged?.Id}" ? logged!.ArtifactUri : null,
                    ModelId = logged?.Id,
                    Unanswered = request,
                    RunId = call.Text("run_id") is { Length: > 0 } run ? run : logged?.SourceRunId,
                    RunLink = call.Text("run_link"),
                    Description = call.Text("description"),
                    Tags = tags,
                },
                caller
            );
        if (logged is not null)
        {
            await TellAsync(call, logged.Id, version);
        }

        var isAnswered = false;
        try
        {
            await ReplyAsync(call, model, version);
            await call.Http.Response.CompleteAsync();
            isAnswered = !call.Aborted.IsCancellationRequested;
        }
        finally
        {
            if (isAnswered)
            {
                // Not awaited: the client has its response and can continue.
                _ = Versions(call).AnsweredAsync(model, request);
            }
            else
            {
                Versions(call).NotAnswered(request);
            }
        }
    }

    /// <summary>An ID that is the same for repetitions of a request by the same caller.</summary>
    private static string FingerprintOf(RestCall call, Actor caller)
    {
        string[] fields = ["name", "source", "run_id", "run_link", "description", "model_id", "tags"];
        var text = string.Join('\n', fields.Select(f => RestValues.Compact(call.Raw(f)?.GetRawText())).Prepend(caller.Name));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>The logged model of a version, named by its ID or by its URI as the source.</summary>
    private static async Task<LoggedModel?> LoggedModelOfAsync(RestCall call)
    {
        const string Scheme = "models:/";
        var source = call.TextOr("source");
        var id =
            call.Text("model_id") is { Length: > 0 } given ? given
            : source.StartsWith(Scheme, StringComparison.Ordinal) && LoggedModel.IsId(source[Scheme.Length..]) ? source[Scheme.Length..]
            : null;
        return id is null ? null : await call.Workspace.LoggedModels.GetAsync(id, cancellationToken: call.Aborted);
    }

    /// <summary>Adds the version to the logged model's list of versions, in the tag where MLflow's clients look.</summary>
    private static Task TellAsync(RestCall call, string modelId, ModelVersion version) =>
        call.Workspace.LoggedModels.ChangeAsync(
            modelId,
            model =>
            {
                const string Tag = "mlflow.modelVersions";
                var versions = model.Tags.TryGetValue(Tag, out var there)
                    ? JsonSerializer.Deserialize<List<Dictionary<string, JsonElement>>>(there)!
                    : [];
                var number = version.Version.ToString(CultureInfo.InvariantCulture);
                if (versions.Any(v => v["name"].ToString() == version.Name && v["version"].ToString() == number))
                {
                    return model;
                }

                versions.Add(
                    new()
                    {
                        ["name"] = JsonSerializer.SerializeToElement(version.Name),
                        ["version"] = JsonSerializer.SerializeToElement(number),
                    }
                );
                return model with { Tags = RestJson.With(model.Tags, Tag, JsonSerializer.Serialize(versions)) };
            }
        );

    private static async Task GetAsync(RestCall call)
    {
        var (model, version) = await Versions(call).GetAsync(call.TextOr("name"), ModelLimits.Version(call), call.Aborted);
        await ReplyAsync(call, model, version);
    }

    private static async Task UpdateAsync(RestCall call)
    {
        var (model, version) = await Versions(call)
            .DescribeAsync(call.TextOr("name"), ModelLimits.Version(call), call.Text("description"), CallerOf(call), call.Aborted);
        await ReplyAsync(call, model, version);
    }

    private static async Task DeleteAsync(RestCall call)
    {
        await Versions(call).DeleteAsync(call.TextOr("name"), ModelLimits.Version(call), CallerOf(call), call.Aborted);
        await call.ReplyAsync();
    }

    private static async Task TransitionAsync(RestCall call)
    {
        var (stage, archives) = (Stages.Parse(call.TextOr("stage")), call.Bool("archive_existing_versions"));
        if (archives && stage is not (Stage.Staging or Stage.Production))
        {
            throw ServerlessException.Invalid(
                $"Model version transition cannot archive existing model versions because '{call.TextOr("stage")}' is not an Active "
                    + $"stage. Valid stages are ['Staging', 'Production']"
            );
        }

        var (model, version) = await Versions(call)
            .TransitionAsync(
                new TransitionRequest
                {
                    Name = call.TextOr("name"),
                    Version = ModelLimits.Version(call),
                    Stage = stage,
                    ArchiveExisting = archives,
                    By = CallerOf(call).Name,
                    Why = call.Text("comment"),
                },
                call.Aborted
            );
        await ReplyAsync(call, model, version);
    }

    private static async Task SearchAsync(RestCall call)
    {
        var max = ModelLimits.MaxResults(call, MostResults, MostResults, "Invalid value for max_results.");
        if (max < 1)
        {
            throw ServerlessException.Invalid(
                $"Invalid value for max_results. It must be a positive integer, but got {call.Text("max_results")}"
            );
        }

        var page = await call.Workspace.Models.Search.VersionsAsync(
            call.Text("filter"),
            call.Texts("order_by"),
            max,
            call.Text("page_token"),
            call.Aborted
        );
        await call.ReplyAsync(json =>
        {
            ModelJson.WriteVersions(json, "model_versions", page.Items);
            RegisteredModelEndpoints.WriteToken(json, page.NextToken);
        });
    }

    private static async Task DownloadUriAsync(RestCall call)
    {
        ModelLimits.CheckName(call.TextOr("name"));
        var (_, version) = await Versions(call).GetAsync(call.TextOr("name"), ModelLimits.Version(call), call.Aborted);
        await call.ReplyAsync(json => json.WriteString("artifact_uri", ArtifactLocation.Served(version.DownloadUri)));
    }

    private static async Task SetTagAsync(RestCall call)
    {
        var (key, value) = (call.TextOr("key"), call.TextOr("value"));
        ModelLimits.CheckTag(key, value);
        await Versions(call).SetTagAsync(call.TextOr("name"), ModelLimits.Version(call), key, value, CallerOf(call), call.Aborted);
        await call.ReplyAsync();
    }

    private static async Task DeleteTagAsync(RestCall call)
    {
        MlflowLimits.CheckName(call.TextOr("key"), "key");
        await Versions(call)
            .DeleteTagAsync(call.TextOr("name"), ModelLimits.Version(call), call.TextOr("key"), CallerOf(call), call.Aborted);
        await call.ReplyAsync();
    }
}
