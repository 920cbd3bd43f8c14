using System.Net;
using System.Security.Cryptography;
using System.Text;
using Serverless.Api.Hosting;
using Serverless.Automation.Hooks;
using Serverless.Automation.Policies.Engine;
using Serverless.Automation.Tests;
using Serverless.Functions.Automation;
using Serverless.Functions.Durable;
using Serverless.Functions.Tests.Durable;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Engines.Durable;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Tracking.Runs;
using Serverless.Training;

namespace Serverless.Functions.Tests.Hosting;

/// <summary>From a push to the report on the commit, by way of the functions and the engine, across instances that come and go.</summary>
public sealed class CloudHooksTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private const string Secret = "a secret of the tests";
    private const string Push = """
        {"ref": "refs/heads/main", "after": "0123456789abcdef0123456789abcdef01234567", "repository": {"full_name": "acme/churn"},
         "pusher": {"name": "alice"},
         "commits": [{"added": ["model/new.py"], "modified": [], "removed": []}]}
        """;

    private static readonly ComponentCatalog Catalog = new ComponentCatalog().AddTraining();
    private readonly TestFolder folder = new();
    private Store store = null!;
    private FakeGithub github = null!;
    private DurableWorld world = null!;
    private Workspaces workspaces = null!;

    public async ValueTask InitializeAsync()
    {
        store = await azurite.OpenStoreAsync();
        github = await FakeGithub.StartAsync();
        github.Files["model/dvc.yaml"] =
            "stages:\n  score: {cmd: 'echo \"{\\\"auc\\\": 0.875}\" > metrics.json', deps: [code.py], metrics: [metrics.json: {cache: "
            + "false}]}\n";
        github.Files["model/code.py"] = "print(1)\n";
        await new HookStore(store, TimeProvider.System).ApplyAsync(
            HookReader.Read(
                "hooks:\n  - {name: churn, repository: acme/churn, paths: ['model/**'], pipeline: model, model: m}\n",
                "hooks.yaml"
            )
        );
        workspaces = NewWorkspaces();
        var tasks = new DurableTasks(
            new DurableTasksOptions
            {
                Workspaces = name => new DurableWorkspace(
                    workspaces.Get(name).Store,
                    workspaces.Get(name).Runs,
                    workspaces.Get(name).Components
                ),
                Catalog = Catalog,
                WorkRoot = folder.At("work"),
            }
        );
        world = new DurableWorld(type => Activator.CreateInstance(type, tasks)!);
    }

    public async ValueTask DisposeAsync()
    {
        await workspaces.DisposeAsync();
        await github.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task A_push_is_begun_at_once_driven_by_the_engine_and_reported_by_a_tick()
    {
        var clients = new DurableClientHolder();
        var told = new List<string>();
        var hooks = HooksOf(workspaces, clients, told.Add);
        await using var app = await FunctionsApp.StartAsync(workspaces, world, clients);

        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(app));
        await Eventually.HoldsAsync(
            async () => (await DeliveryAsync()).State == DeliveryState.Started,
            () => "begun: " + string.Join(' ', told)
        );
        Assert.Equal(("pending", "mlops/churn"), (github.Statuses[0].State, github.Statuses[0].Context));
        var run = await OnlyRunAsync();
        Assert.Null((await world.EndAsync(run.Id)).Failure);
        Assert.Equal(RunStatus.Finished, (await OnlyRunAsync()).Status);

        // The run has ended; whoever works on deliveries next reports it, here a tick, and the one after finds nothing to do.
        await TickAsync(workspaces, hooks);
        await TickAsync(workspaces, hooks);
        Assert.Equal("success", github.Statuses[^1].State);
        Assert.Contains("0.875", Assert.Single(github.Comments), StringComparison.Ordinal);

        // GitHub delivers again.
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(app));
        await TickAsync(workspaces, hooks);
        await OnlyRunAsync();
        Assert.Equal((1, 1), (github.Downloads, github.Comments.Count));
        Assert.Empty(told);
    }

    [Fact]
    public async Task An_instance_that_ends_before_its_work_leaves_it_to_the_tick_of_another()
    {
        await using (var app = await FunctionsApp.StartAsync(workspaces, world))
        {
            // Nobody was told of the delivery: the instance was gone.
            Assert.Equal(HttpStatusCode.Accepted, await PostAsync(app));
        }

        Assert.Equal(DeliveryState.Received, (await DeliveryAsync()).State);
        await using var others = NewWorkspaces();
        var clients = new DurableClientHolder();
        clients.Use(world);
        await TickAsync(others, HooksOf(others, clients));

        Assert.Equal(DeliveryState.Started, (await DeliveryAsync()).State);
        await world.EndAsync((await OnlyRunAsync()).Id);
        await using var third = NewWorkspaces();
        await TickAsync(third, HooksOf(third, clients));
        Assert.Equal((DeliveryState.Done, "success"), ((await DeliveryAsync()).State, github.Statuses[^1].State));
    }

    [Fact]
    public async Task A_run_that_was_recorded_but_not_started_is_started_by_the_next_tick_and_only_once()
    {
        var clients = new DurableClientHolder();
        var told = new List<string>();
        var hooks = HooksOf(workspaces, clients, told.Add);
        await using var gone = NewWorkspaces();
        await using (var app = await FunctionsApp.StartAsync(gone, world))
        {
            Assert.Equal(HttpStatusCode.Accepted, await PostAsync(app));
        }

        // Between the record and the start: this instance does not know the engine yet.
        await TickAsync(workspaces, hooks);
        var run = await OnlyRunAsync();
        Assert.Contains("client is not available", Assert.Single(told), StringComparison.Ordinal);
        Assert.DoesNotContain(run.Id, world.Instances.Keys);
        Assert.Equal(DeliveryState.Received, (await DeliveryAsync()).State);

        // And two instances that go on with it at the same time.
        clients.Use(world);
        await using var others = NewWorkspaces();
        await Task.WhenAll(TickAsync(workspaces, hooks), TickAsync(others, HooksOf(others, clients)));
        Assert.Equal(run.Id, (await OnlyRunAsync()).Id);
        Assert.Single(world.Instances);
        await world.EndAsync(run.Id);
        await TickAsync(workspaces, hooks);
        Assert.Equal("success", github.Statuses[^1].State);
        Assert.Single(github.Comments);
    }

    private Workspaces NewWorkspaces() =>
        new(
            store,
            TimeProvider.System,
            new ApiOptions
            {
                Github = new GithubOptions
                {
                    WebhookSecret = Secret,
                    Token = "t0ken",
                    Api = github.Address,
                },
            }
        );

    private CloudHooks HooksOf(Workspaces of, DurableClientHolder clients, Action<string>? tell = null) =>
        CloudHooks.Of(of, Catalog, folder.At("work"), 8, new DurableDriver(clients), tell ?? (_ => { }));

    /// <summary>What the tick does of it: policies first, of which there are none.</summary>
    private Task TickAsync(Workspaces of, CloudHooks hooks) =>
        new CloudPolicies(
            name => new PolicyEngine(of.Get(name).PolicyOptions(Catalog, folder.At("work"), (_, _) => Task.CompletedTask)),
            hooks.WorkAsync
        ).TickAsync(store.Workspace, CancellationToken.None);

    private async Task<HookDelivery> DeliveryAsync() => (await new HookStore(store, TimeProvider.System).FindAsync("d-1"))!;

    private async Task<Run> OnlyRunAsync()
    {
        var runs = workspaces.Get(store.Workspace).Runs;
        return await runs.GetAsync(
            Assert.Single(
                (await DeliveryAsync()).Runs.Select(r => r.RunId).DefaultIfEmpty((await runs.ListOpenAsync()).FirstOrDefault()?.Id)!
            )!
        );
    }

    private async Task<HttpStatusCode> PostAsync(FunctionsApp app)
    {
        var bytes = Encoding.UTF8.GetBytes(Push);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"w/{store.Workspace}/hooks/github")
        {
            Content = new ByteArrayContent(bytes),
        };
        request.Headers.Add("X-GitHub-Event", "push");
        request.Headers.Add("X-GitHub-Delivery", "d-1");
        request.Headers.Add(
            "X-Hub-Signature-256",
            "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), bytes))
        );
        using var answer = await app.Client.SendAsync(request);
        return answer.StatusCode;
    }
}
