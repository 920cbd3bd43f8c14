using System.Text.Json;
using Serverless.Api.Http;
using Serverless.Core;
using Serverless.Tracking.Models;

namespace Serverless.Api.Mlflow;

/// <summary>MLflow's endpoints for registered models.</summary>
internal static class RegisteredModelEndpoints
{
    private const int MostResults = 1000;
    private const int DefaultResults = 100;
    private static readonly RestField Name = new("name", RestType.Text, IsRequired: true);
    private static readonly RestField Key = new("key", RestType.Text, IsRequired: true);
    private static readonly RestField Alias = new("alias", RestType.Text, IsRequired: true);
    private static readonly RestField[] Latest = [Name, new("stages", RestType.TextList)];

    public static IReadOnlyList<RestEndpoint> All { get; } =
    [
        new("POST", "registered-models/create", [Name, new("tags", RestType.List), new("description", RestType.Text)], CreateAsync),
        new("GET", "registered-models/get", [Name], GetAsync),
        new("POST", "registered-models/rename", [Name, new("new_name", RestType.Text, IsRequired: true)], RenameAsync),
        new("PATCH", "registered-models/update", [Name, new("description", RestType.Text)], UpdateAsync),
        new("DELETE", "registered-models/delete", [Name], DeleteAsync),
        new(
            "GET",
            "registered-models/search",
            [
                new("filter", RestType.Text),
                new("max_results", RestType.Int64),
                new("order_by", RestType.TextList),
                new("page_token", RestType.Text),
            ],
            SearchAsync
        ),
        new("POST", "registered-models/get-latest-versions", Latest, LatestVersionsAsync),
        new("GET", "registered-models/get-latest-versions", Latest, LatestVersionsAsync),
        new("POST", "registered-models/set-tag", [Name, Key, new("value", RestType.Text)], SetTagAsync),
        new("DELETE", "registered-models/delete-tag", [Name, Key], DeleteTagAsync),
        new("POST", "registered-models/alias", [Name, Alias, new("version", RestType.Text, IsRequired: true)], SetAliasAsync),
        new("DELETE", "registered-models/alias", [Name, Alias], DeleteAliasAsync),
        new("GET", "registered-models/alias", [Name, Alias], GetByAliasAsync),
    ];

    private static RegisteredModels Models(RestCall call) => call.Workspace.Models.Models;

    private static Actor CallerOf(RestCall call) => Caller.Of(call.Http);

    private static Task ReplyAsync(RestCall call, ModelState state) =>
        call.ReplyAsync(json =>
        {
            json.WritePropertyName("registered_model");
            ModelJson.WriteModel(json, state);
        });

    private static async Task CreateAsync(RestCall call)
    {
        var tags = RestJson.ReadTags(call.List("tags"));
        foreach (var (key, value) in tags)
        {
            ModelLimits.CheckTag(key, value);
        }

        var state = await Models(call)
            .CreateAsync(call.TextOr("name"), call.Text("description"), tags, Caller.Of(call.Http, tags), call.Aborted);
        await ReplyAsync(call, state);
    }

    private static async Task GetAsync(RestCall call) =>
        await ReplyAsync(call, await Models(call).GetAsync(call.TextOr("name"), call.Aborted));

    private static async Task RenameAsync(RestCall call) =>
        await ReplyAsync(call, await Models(call).RenameAsync(call.TextOr("name"), call.TextOr("new_name"), CallerOf(call), call.Aborted));

    private static async Task UpdateAsync(RestCall call) =>
        await ReplyAsync(
            call,
            await Models(call).DescribeAsync(call.TextOr("name"), call.Text("description"), CallerOf(call), call.Aborted)
        );

    private static async Task DeleteAsync(RestCall call)
    {
        await Models(call).DeleteAsync(call.TextOr("name"), CallerOf(call), call.Aborted);
        await call.ReplyAsync();
    }

    private static async Task SearchAsync(RestCall call)
    {
        var max = ModelLimits.MaxResults(call, MostResults, DefaultResults, "Invalid value for request parameter max_results.");
        if (max < 0)
        {
            throw ServerlessException.Invalid("Invalid value for request parameter max_results. It must not be negative.");
        }

        var page = await call.Workspace.Models.Search.ModelsAsync(
            call.Text("filter"),
            call.Texts("order_by"),
            max,
            call.Text("page_token"),
            call.Aborted
        );
        await call.ReplyAsync(json =>
        {
            if (page.Items.Count > 0)
            {
                json.WriteStartArray("registered_models");
                foreach (var state in page.Items)
                {
                    ModelJson.WriteModel(json, state);
                }

                json.WriteEndArray();
            }

            WriteToken(json, page.NextToken);
        });
    }

    internal static void WriteToken(Utf8JsonWriter json, string? token)
    {
        if (token is not null)
        {
            json.WriteString("next_page_token", token);
        }
    }

    private static async Task LatestVersionsAsync(RestCall call)
    {
        var state = await Models(call).GetAsync(call.TextOr("name"), call.Aborted);
        var stages = call.Texts("stages").Select(Stages.Parse).ToHashSet();
        await call.ReplyAsync(json =>
            ModelJson.WriteVersions(
                json,
                "model_versions",
                state.LatestOfStages().Where(v => stages.Count == 0 || stages.Contains(v.Stage)).Select(v => new VersionItem(state, v))
            )
        );
    }

    private static async Task SetTagAsync(RestCall call)
    {
        var (key, value) = (call.TextOr("key"), call.TextOr("value"));
        ModelLimits.CheckTag(key, value);
        await Models(call).SetTagAsync(call.TextOr("name"), key, value, CallerOf(call), call.Aborted);
        await call.ReplyAsync();
    }

    private static async Task DeleteTagAsync(RestCall call)
    {
        MlflowLimits.CheckName(call.TextOr("key"), "key");
        await Models(call).DeleteTagAsync(call.TextOr("name"), call.TextOr("key"), CallerOf(call), call.Aborted);
        await call.ReplyAsync();
    }

    private static async Task SetAliasAsync(RestCall call)
    {
        ModelLimits.CheckAlias(call.TextOr("alias"));
        await Models(call)
            .SetAliasAsync(call.TextOr("name"), call.TextOr("alias"), ModelLimits.Version(call), CallerOf(call), call.Aborted);
        await call.ReplyAsync();
    }

    private static async Task DeleteAliasAsync(RestCall call)
    {
        ModelLimits.CheckAlias(call.TextOr("alias"));
        await Models(call).DeleteAliasAsync(call.TextOr("name"), call.TextOr("alias"), CallerOf(call), call.Aborted);
        await call.ReplyAsync();
    }

    private static async Task GetByAliasAsync(RestCall call)
    {
        ModelLimits.CheckAlias(call.TextOr("alias"));
        var (model, version) = await call.Workspace.Models.Versions.GetByAliasAsync(
            call.TextOr("name"),
            call.TextOr("alias"),
            call.Aborted
        );
        await ModelVersionEndpoints.ReplyAsync(call, model, version);
    }
}
