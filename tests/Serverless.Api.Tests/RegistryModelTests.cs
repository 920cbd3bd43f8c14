using System.Net;
using System.Text.Json.Nodes;
using Serverless.Core;
using static Serverless.Api.Tests.RegistryClient;

namespace Serverless.Api.Tests;

public sealed class RegistryModelTests(ApiFixture api)
{
    [Fact]
    public async Task A_model_comes_back_as_it_was_made_and_its_name_is_taken()
    {
        var client = api.Client();
        await client.PostAsync(
            "registered-models/create",
            new JsonObject
            {
                ["name"] = "churn",
                ["description"] = "who leaves",
                ["tags"] = new JsonArray(Of(("key", "team"), ("value", "crm"))),
            }
        );

        var model = await client.GetModelAsync("churn");

        Assert.Equal("churn", (string?)model["name"]);
        Assert.Equal("who leaves", (string?)model["description"]);
        Assert.Equal("crm", (string?)model["tags"]![0]!["value"]);
        Assert.Null(model["latest_versions"]);
        Assert.Equal((long)model["creation_timestamp"]!, (long)model["last_updated_timestamp"]!);
        var message = await client.FailAsync(
            HttpMethod.Post,
            "registered-models/create",
            Of(("name", "churn")),
            HttpStatusCode.BadRequest,
            ErrorCodes.ResourceAlreadyExists
        );
        Assert.Equal("Registered Model (name=churn) already exists.", message);
        Assert.Equal(
            "Registered Model with name=Churn not found",
            await client.MissingAsync(HttpMethod.Get, "registered-models/get?name=Churn", null)
        );
    }

    [Theory]
    [InlineData("a b/c:d")]
    [InlineData("näme 'quoted' \"twice\" #1 ?x=%41 ~ | \\")]
    [InlineData("模型🚀")]
    [InlineData("tab\tand\u0001control")]
    public async Task Any_name_that_MLflow_takes_is_taken(string name)
    {
        var client = api.Client();
        await client.CreateModelAsync(name);
        await client.CreateVersionAsync(name);

        Assert.Equal(name, (string?)(await client.GetModelAsync(name))["name"]);
        Assert.Equal([$"{name}/1"], await client.SearchAsync("model-versions", ""));
        await client.PostAsync("registered-models/rename", Of(("name", name), ("new_name", name + "2")));
        Assert.Equal(name + "2", (string?)(await client.GetVersionAsync(name + "2", 1))["name"]);
    }

    [Fact]
    public async Task A_missing_or_oversized_name_is_refused_with_the_reason()
    {
        var client = api.Client();

        Assert.Contains(
            "Missing value for required parameter 'name'",
            await client.InvalidAsync(HttpMethod.Post, "registered-models/create", []),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Missing value for required parameter 'new_name'",
            await client.InvalidAsync(HttpMethod.Post, "registered-models/rename", Of(("name", "x"))),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "maximum length of 256",
            await client.InvalidAsync(HttpMethod.Post, "registered-models/create", Of(("name", new string('x', 257)))),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "'value' exceeds the maximum length of 5000",
            await client.InvalidAsync(
                HttpMethod.Post,
                "registered-models/set-tag",
                Of(("name", "x"), ("key", "k"), ("value", new string('x', 5001)))
            ),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Half_a_character_is_refused_wherever_it_stands()
    {
        var client = api.Client();
        foreach (
            var body in (string[])
                [
                    "{\"name\":\"a\\ud800\"}",
                    "{\"name\":\"a\",\"tags\":[{\"key\":\"k\",\"value\":\"\\uDC00\"}]}",
                    "{\"\\ud83d\":1,\"name\":\"a\"}",
                ]
        )
        {
            using var http = new HttpClient();
            using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            using var response = await http.PostAsync(new Uri(client.Root, "api/2.0/mlflow/registered-models/create"), content);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        }
    }

    [Fact]
    public async Task A_rename_takes_versions_and_aliases_along_and_frees_the_old_name()
    {
        var workspace = ApiFixture.NewWorkspace();
        var (client, other) = (api.Client(workspace), api.Client(workspace, host: 1));
        await client.CreateModelAsync("old");
        var made = await client.CreateVersionAsync("old");
        await client.PostAsync("registered-models/alias", Of(("name", "old"), ("alias", "best"), ("version", "1")));
        Assert.Equal("old", (string?)(await other.GetModelAsync("old"))["name"]);

        await client.PostAsync("registered-models/rename", Of(("name", "old"), ("new_name", "new")));

        // The other host has known the model by its old name.
        await other.MissingAsync(HttpMethod.Get, "registered-models/get?name=old", null);
        var version = (await other.GetAsync("registered-models/alias", "name", "new", "alias", "best"))["model_version"]!;
        Assert.Equal("new", (string?)version["name"]);
        Assert.True((long)version["last_updated_timestamp"]! >= (long)made["last_updated_timestamp"]!);
        await other.CreateModelAsync("old");
        await client.FailAsync(
            HttpMethod.Post,
            "registered-models/rename",
            Of(("name", "new"), ("new_name", "old")),
            HttpStatusCode.BadRequest,
            ErrorCodes.ResourceAlreadyExists
        );
        Assert.Equal(["new", "old"], await client.SearchAsync("registered-models", ""));
        Assert.Equal("2", (string?)(await other.CreateVersionAsync("new"))["version"]);
    }

    [Fact]
    public async Task A_deleted_model_is_gone_and_its_name_begins_anew()
    {
        var workspace = ApiFixture.NewWorkspace();
        var client = api.Client(workspace);
        await client.CreateModelAsync("m");
        await client.CreateVersionAsync("m");
        await client.PostAsync("registered-models/alias", Of(("name", "m"), ("alias", "best"), ("version", "1")));

        await client.DeleteAsync("registered-models/delete", Of(("name", "m")));

        await client.MissingAsync(HttpMethod.Delete, "registered-models/delete", Of(("name", "m")));
        Assert.Equal(
            "Model Version (name=m, version=1) not found",
            await client.MissingAsync(HttpMethod.Get, "model-versions/get?name=m&version=1", null)
        );
        Assert.Equal(
            "Registered model alias best not found.",
            await client.InvalidAsync(HttpMethod.Get, "registered-models/alias?name=m&alias=best", null)
        );
        Assert.Empty(await client.SearchAsync("registered-models", ""));
        Assert.Equal("delete", (await api.Services(workspace).Models.ListAuditAsync("m"))[0].Action);
        await client.CreateModelAsync("m");
        Assert.Equal("1", (string?)(await client.CreateVersionAsync("m"))["version"]);
    }

    [Fact]
    public async Task What_was_deleted_stays_until_it_is_collected()
    {
        var workspace = ApiFixture.NewWorkspace();
        var client = api.Client(workspace);
        await client.CreateModelAsync("m");
        await client.CreateModelAsync("kept");
        foreach (var name in (string[])["m", "m", "kept", "kept"])
        {
            await client.CreateVersionAsync(name);
        }

        await client.DeleteAsync("registered-models/delete", Of(("name", "m")));
        await client.DeleteAsync("model-versions/delete", Of(("name", "kept"), ("version", "1")));
        var trash = api.Services(workspace).Models.Trash;
        var later = DateTimeOffset.MaxValue;

        Assert.Equal(3, await trash.CollectAsync(later, isDryRun: true));
        Assert.Equal(["kept/1", "m/1", "m/2"], (await trash.ListVersionsAsync()).Select(v => $"{v.Name}/{v.Version}").Order());
        Assert.Equal(3, await trash.CollectAsync(later, isDryRun: false));
        Assert.Equal(0, await trash.CollectAsync(later, isDryRun: false));
        Assert.Equal(["kept/2"], await api.Client(workspace, host: 1).SearchAsync("model-versions", ""));
    }

    [Fact]
    public async Task Tags_are_set_replaced_and_deleted()
    {
        var client = api.Client();
        await client.CreateModelAsync("m", ("a", "1"), ("b", "2"));
        await client.PostAsync("registered-models/set-tag", Of(("name", "m"), ("key", "a"), ("value", "")));
        await client.DeleteAsync("registered-models/delete-tag", Of(("name", "m"), ("key", "b")));
        await client.DeleteAsync("registered-models/delete-tag", Of(("name", "m"), ("key", "b")));

        var tag = Assert.Single((await client.GetModelAsync("m"))["tags"]!.AsArray())!;
        Assert.Equal(("a", ""), ((string?)tag["key"], (string?)tag["value"]));
        await client.MissingAsync(HttpMethod.Delete, "registered-models/delete-tag", Of(("name", "x"), ("key", "b")));
        await client.InvalidAsync(HttpMethod.Post, "registered-models/set-tag", Of(("name", "m"), ("key", "../b"), ("value", "")));
    }

    [Fact]
    public async Task A_search_filters_orders_and_pages()
    {
        var client = api.Client();
        for (var i = 0; i < 7; i++)
        {
            await client.CreateModelAsync($"M{i}", ("parity", i % 2 == 0 ? "even" : "odd"));
        }

        await client.PatchAsync("registered-models/update", Of(("name", "M2"), ("description", "newest")));

        Assert.Equal(["M0", "M2", "M4", "M6"], await client.SearchAsync("registered-models", "tags.parity = 'even'", "max_results", "3"));
        Assert.Equal(
            ["M6", "M5", "M4", "M3", "M2", "M1", "M0"],
            await client.SearchAsync("registered-models", "name LIKE 'M%'", "order_by", "name DESC", "max_results", "1")
        );
        Assert.Equal("M2", (await client.SearchAsync("registered-models", "", "order_by", "last_updated_timestamp DESC"))[0]);
        Assert.Equal(["M3"], await client.SearchAsync("registered-models", "name = 'M3'"));
        Assert.Empty(await client.SearchAsync("registered-models", "name = 'm3'"));
        Assert.Contains(
            "at most 1000",
            await client.InvalidAsync(HttpMethod.Get, "registered-models/search?max_results=1001", null),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "could not base64-decode",
            await client.InvalidAsync(HttpMethod.Get, "registered-models/search?page_token=evilhax", null),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Prompts_are_hidden_unless_they_are_asked_for()
    {
        var client = api.Client();
        await client.CreateModelAsync("model");
        await client.CreateModelAsync("prompt", ("mlflow.prompt.is_prompt", "true"));
        await client.CreateVersionAsync("model");
        await client.CreateVersionAsync("prompt", "dummy", ("mlflow.prompt.is_prompt", "true"));

        Assert.Equal(["model"], await client.SearchAsync("registered-models", ""));
        Assert.Equal(["model/1"], await client.SearchAsync("model-versions", ""));
        Assert.Equal(["prompt"], await client.SearchAsync("registered-models", "tags.`mlflow.prompt.is_prompt` = 'true'"));
        Assert.Equal(
            ["prompt/1"],
            await client.SearchAsync("model-versions", "tags.`mlflow.prompt.is_prompt` = 'true' AND name = 'prompt'")
        );
        var message = await client.FailAsync(
            HttpMethod.Post,
            "registered-models/create",
            Of(("name", "prompt")),
            HttpStatusCode.BadRequest,
            ErrorCodes.ResourceAlreadyExists
        );
        Assert.Contains("already taken by a prompt", message, StringComparison.Ordinal);
    }
}
