using System.Text.Json;
using Serverless.Tracking;

namespace Serverless.Api.Mlflow;

/// <summary>MLflow's endpoints of registered models.</summary>
internal static class RegisteredModelEndpoints
{
    private const int MostResults = 1000;
    private const int DefaultResults = 100;
    private static readonly MlflowField Name = new("name", MlflowType.Text, IsRequired: true);
    private static readonly MlflowField Key = new("key", MlflowType.Text, IsRequired: true);
    private static readonly MlflowField Alias = new("alias", MlflowType.Text, IsRequired: true);
    private static readonly MlflowField[] Latest = [Name, new("stages", MlflowType.TextList)];

    public static IReadOnlyList<MlflowEndpoint> All { get; } =
    [
        new("POST", "registered-models/create", [Name, new("tags", MlflowType.List), new("description", MlflowType.Text)], CreateAsync),
        new("GET", "registered-models/get", [Name], GetAsync),
        new("POST", "registered-models/rename", [Name, new("new_name", MlflowType.Text, IsRequired: true)], RenameAsync),
        new("PATCH", "registered-models/update", [Name, new("description", MlflowType.Text)], UpdateAsync),
        new("DELETE", "registered-models/delete", [Name], DeleteAsync),
        new("GET", "registered-models/search",
            [
                new("filter", MlflowType.Text), new("max_results", MlflowType.Int64), new("order_by", MlflowType.TextList),
                new("page_token", MlflowType.Text),
            ],
            SearchAsync),
        new("POST", "registered-models/get-latest-versions", Latest, LatestVersionsAsync),
        new("GET", "registered-models/get-latest-versions", Latest, LatestVersionsAsync),
        new("POST", "registered-models/set-tag", [Name, Key, new("value", MlflowType.Text)], SetTagAsync),
        new("DELETE", "registered-models/delete-tag", [Name, Key], DeleteTagAsync),
        new("POST", "registered-models/alias", [Name, Alias, new("version", MlflowType.Text, IsRequired: true)], SetAliasAsync),
        new("DELETE", "registered-models/alias", [Name, Alias], DeleteAliasAsync),
        new("GET", "registered-models/alias", [Name, Alias], GetByAliasAsync),
    ];

    private static RegisteredModels Models(MlflowCall call) => call.Workspace.Models.Models;

    private static Actor Caller(MlflowCall call) => MlflowCaller.Of(call.Http);

    private static Task ReplyAsync(MlflowCall call, ModelState state) => call.ReplyAsync(json =>
    {
        json.WritePropertyName("registered_model");
        ModelJson.WriteModel(json, state);
    });

    private static async Task CreateAsync(MlflowCall call)
    {
        var tags = MlflowJson.ReadTags(call.List("tags"));
        foreach (var (key, value) in tags)
        {
            ModelLimits.CheckTag(key, value);
        }

        var state = await Models(call).CreateAsync(call.TextOr("name"), call.Text("description"), tags, MlflowCaller.Of(call.Http, tags), call.Aborted).ConfigureAwait(false);
        await ReplyAsync(call, state).ConfigureAwait(false);
    }

    private static async Task GetAsync(MlflowCall call) =>
        await ReplyAsync(call, await Models(call).GetAsync(call.TextOr("name"), call.Aborted).ConfigureAwait(false)).ConfigureAwait(false);

    private static async Task RenameAsync(MlflowCall call) => await ReplyAsync(
        call, await Models(call).RenameAsync(call.TextOr("name"), call.TextOr("new_name"), Caller(call), call.Aborted).ConfigureAwait(false)).ConfigureAwait(false);

    private static async Task UpdateAsync(MlflowCall call) => await ReplyAsync(
        call, await Models(call).DescribeAsync(call.TextOr("name"), call.Text("description"), Caller(call), call.Aborted).ConfigureAwait(false)).ConfigureAwait(false);

    private static async Task DeleteAsync(MlflowCall call)
    {
        await Models(call).DeleteAsync(call.TextOr("name"), Caller(call), call.Aborted).ConfigureAwait(false);
        await call.ReplyAsync().ConfigureAwait(false);
    }

    private static async Task SearchAsync(MlflowCall call)
    {
        var max = ModelLimits.MaxResults(call, MostResults, DefaultResults, "Invalid value for request parameter max_results.");
        if (max < 0)
        {
            throw ServerlessException.Invalid("Invalid value for request parameter max_results. It must not be negative.");
        }

        var page = await call.Workspace.Models.Search.ModelsAsync(
            call.Text("filter"), call.Texts("order_by"), max, call.Text("page_token"), call.Aborted).ConfigureAwait(false);
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
        }).ConfigureAwait(false);
    }

    internal static void WriteToken(Utf8JsonWriter json, string? token)
    {
        if (token is not null)
        {
            json.WriteString("next_page_token", token);
        }
    }

    private static async Task LatestVersionsAsync(MlflowCall call)
    {
        var state = await Models(call).GetAsync(call.TextOr("name"), call.Aborted).ConfigureAwait(false);
        var stages = call.Texts("stages").Select(Stages.Parse).ToHashSet();
        await call.ReplyAsync(json => ModelJson.WriteVersions(
            json,
            "model_versions",
            state.LatestOfStages().Where(v => stages.Count == 0 || stages.Contains(v.Stage)).Select(v => new VersionItem(state, v)))).ConfigureAwait(false);
    }

    private static async Task SetTagAsync(MlflowCall call)
    {
        var (key, value) = (call.TextOr("key"), call.TextOr("value"));
        ModelLimits.CheckTag(key, value);
        await Models(call).SetTagAsync(call.TextOr("name"), key, value, Caller(call), call.Aborted).ConfigureAwait(false);
        await call.ReplyAsync().ConfigureAwait(false);
    }

    private static async Task DeleteTagAsync(MlflowCall call)
    {
        MlflowLimits.CheckName(call.TextOr("key"), "key");
        await Models(call).DeleteTagAsync(call.TextOr("name"), call.TextOr("key"), Caller(call), call.Aborted).ConfigureAwait(false);
        await call.ReplyAsync().ConfigureAwait(false);
    }

    private static async Task SetAliasAsync(MlflowCall call)
    {
        ModelLimits.CheckAlias(call.TextOr("alias"));
        await Models(call).SetAliasAsync(
            call.TextOr("name"), call.TextOr("alias"), ModelLimits.Version(call), Caller(call), call.Aborted).ConfigureAwait(false);
        await call.ReplyAsync().ConfigureAwait(false);
    }

    private static async Task DeleteAliasAsync(MlflowCall call)
    {
        ModelLimits.CheckAlias(call.TextOr("alias"));
        await Models(call).DeleteAliasAsync(call.TextOr("name"), call.TextOr("alias"), Caller(call), call.Aborted).ConfigureAwait(false);
        await call.ReplyAsync().ConfigureAwait(false);
    }

    private static async Task GetByAliasAsync(MlflowCall call)
    {
        ModelLimits.CheckAlias(call.TextOr("alias"));
        var (model, version) = await call.Workspace.Models.Versions.GetByAliasAsync(call.TextOr("name"), call.TextOr("alias"), call.Aborted).ConfigureAwait(false);
        await ModelVersionEndpoints.ReplyAsync(call, model, version).ConfigureAwait(false);
    }
}
