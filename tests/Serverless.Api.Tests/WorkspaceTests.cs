using System.Net;
using System.Text.Json.Nodes;
using Serverless.Api.Hosting;
using Serverless.Core;

namespace Serverless.Api.Tests;

public sealed class WorkspaceTests(ApiFixture api)
{
    [Fact]
    public async Task A_workspace_is_made_on_first_use_and_listed()
    {
        var name = ApiFixture.NewWorkspace();
        await api.Client(name).As("alice").GetAsync("experiments/get", "experiment_id", "0");

        var listed = (await api.Client("default").GetAsync("../serverless/workspaces"))["workspaces"]!.AsArray();

        Assert.Equal("default", (string?)listed[0]!["name"]);
        Assert.Equal("alice", (string?)listed.Single(w => (string?)w!["name"] == name)!["created_by"]);
        await api.Client("Not a Name")
            .FailAsync(
                HttpMethod.Get,
                "experiments/get?experiment_id=0",
                null,
                HttpStatusCode.BadRequest,
                ErrorCodes.InvalidParameterValue
            );
    }

    [Fact]
    public async Task Where_administrators_make_them_others_are_told_whom_to_ask()
    {
        await using var host = await api.StartAsync(new ApiOptions { Workspaces = WorkspacePolicy.ByAdmin, Admins = ["root"] });
        var name = ApiFixture.NewWorkspace();
        var client = host.Client(name);
        var all = host.Client("default");

        var message = await client.MissingAsync(HttpMethod.Get, "experiments/get?experiment_id=0", null);
        Assert.Equal(
            $"Workspace '{name}' does not exist. Ask an administrator (root) to create it with `mlops workspaces create {name}`.",
            message
        );
        message = await all.As("bob")
            .FailAsync(
                HttpMethod.Post,
                "../serverless/workspaces",
                new JsonObject { ["name"] = name },
                HttpStatusCode.Forbidden,
                ErrorCodes.PermissionDenied
            );
        Assert.Equal($"'bob' may not create the workspace '{name}'. Ask an administrator: root.", message);
        using var refused = await client.RawAsync(HttpMethod.Put, "../mlflow-artifacts/artifacts/x.txt", null);
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);

        var made = (await all.As("root").PostAsync("../serverless/workspaces", new JsonObject { ["name"] = name }))["workspace"]!;

        Assert.Equal((name, "root"), ((string?)made["name"], (string?)made["created_by"]));
        await client.GetAsync("experiments/get", "experiment_id", "0");
        await all.GetAsync("experiments/get", "experiment_id", "0");
        await all.As("root")
            .FailAsync(
                HttpMethod.Post,
                "../serverless/workspaces",
                new JsonObject { ["name"] = name },
                HttpStatusCode.BadRequest,
                ErrorCodes.ResourceAlreadyExists
            );
    }
}
