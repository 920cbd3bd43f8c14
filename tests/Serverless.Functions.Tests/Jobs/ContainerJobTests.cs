using Microsoft.Extensions.Logging;
using Serverless.Functions.Durable;
using Serverless.Functions.Jobs;
using Serverless.Functions.Tests.Durable;
using Serverless.Pipelines.Jobs;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Tests.Contract;
using Serverless.Storage;
using Serverless.Storage.Queues;
using Serverless.Testing;
using Serverless.Tracking.Runs;

namespace Serverless.Functions.Tests.Jobs;

public sealed class ContainerJobTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly TestFolder folder = new();
    private FakeArm arm = null!;
    private Store store = null!;

    public async ValueTask InitializeAsync()
    {
        arm = await FakeArm.StartAsync();
        store = await azurite.OpenStoreAsync();
        arm.Run = LaunchAsync;
    }

    public async ValueTask DisposeAsync()
    {
        await arm.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task A_task_with_resources_runs_in_an_execution_of_the_job()
    {
        await using var engine = NewEngine();
        var run = await engine.RunAsync(
            Build.Pipeline(
                Task("cp in.txt out.txt; echo said $KEPT", new ResourceSpec { Cpu = 0.6, Image = "mine:2" }) with
                {
                    Inputs = [new ArtifactInput { Path = "in.txt", From = new ArtifactBinding.Source("in.txt") }],
                    Outputs = [new ArtifactOutput { Path = "out.txt" }],
                }
            ),
            new ContractScript { Sources = new Dictionary<string, string> { ["in.txt"] = "hello" } }
        );

        Assert.Equal(RunStatus.Finished, run.Status);
        var result = run.Tasks["train"];
        Assert.Equal("hello", System.Text.Encoding.UTF8.GetString(await store.Content.ReadAsync(result.Artifacts["out.txt"].Digest)));
        var execution = Assert.Single(arm.Executions);
        Assert.Equal(
            ("mine:2", "0.75", "1.5Gi"),
            (
                (string)execution.Container["image"]!,
                execution.Container["resources"]!["cpu"]!.ToJsonString(),
                (string)execution.Container["resources"]!["memory"]!
            )
        );
        Assert.Null(execution.Container["args"]);
        Assert.Equal("registry/proxy:1", (string)execution.Template["containers"]![1]!["image"]!);
        Assert.Equal(("yes", store.Workspace), (execution.Environment["KEPT"], execution.Environment["MLOPS_WORKSPACE"]));
        Assert.Contains(execution.Container["env"]!.AsArray(), v => (string?)v!["secretRef"] == "kept");

        var task = Assert.Single(await engine.Engine.ListTasksAsync((await engine.Engine.Runs.ListAsync(1))[0]));
        await using var log = await store.Logs.OpenAsync(task.Log!);
        Assert.Contains("said yes", await new StreamReader(log!).ReadToEndAsync());
    }

    [Fact]
    public async Task A_result_that_is_known_starts_nothing()
    {
        for (var i = 0; i < 2; i++)
        {
            await using var engine = NewEngine();
            Assert.Equal(RunStatus.Finished, (await engine.RunAsync(Build.Pipeline(Task("true")), new ContractScript())).Status);
        }

        Assert.Single(arm.Executions);
    }

    [Fact]
    public async Task An_exit_code_is_the_tasks_failure_and_its_own_retry_answers_it()
    {
        await using var engine = NewEngine();
        var run = await engine.RunAsync(Build.Pipeline(Task("exit 3").Retry(2)), new ContractScript());

        Assert.Equal(RunStatus.Failed, run.Status);
        Assert.Equal(3, run.Tasks["train"].ExitCode);
        Assert.Equal(2, arm.Executions.Count);
    }

    [Fact]
    public async Task An_execution_that_the_platform_ended_is_replaced_without_costing_an_attempt()
    {
        arm.Run = execution => arm.Executions.Count <= 2 ? System.Threading.Tasks.Task.FromResult("Failed") : LaunchAsync(execution);
        await using var engine = NewEngine();

        var run = await engine.RunAsync(Build.Pipeline(Task("true")), new ContractScript());

        Assert.Equal(RunStatus.Finished, run.Status);
        Assert.Equal(3, arm.Executions.Count);
        Assert.Equal(3, arm.Executions.Select(e => e.Environment["MLOPS_START"]).Distinct().Count());
    }

    [Fact]
    public async Task A_job_that_the_platform_ends_again_and_again_fails_with_the_reason()
    {
        arm.Run = _ => System.Threading.Tasks.Task.FromResult("Failed");
        await using var engine = NewEngine();

        var run = await engine.RunAsync(Build.Pipeline(Task("true")), new ContractScript());

        Assert.Equal(RunStatus.Failed, run.Status);
        Assert.Contains("ended as Failed without a result, as did the 2 before it", run.Error!.Message);
        Assert.Equal(3, arm.Executions.Count);
    }

    [Fact]
    public async Task An_execution_that_does_not_begin_is_stopped()
    {
        arm.Started = _ => { };
        arm.Run = execution =>
            System
                .Threading.Tasks.Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, execution.Stopped.Token)
                .ContinueWith(_ => "Stopped");
        await using var engine = new DurableEngineUnderTest(store, null, arm.Jobs(TimeSpan.FromMilliseconds(1), restarts: 1));

        var run = await engine.RunAsync(Build.Pipeline(Task("true")), new ContractScript());

        Assert.Contains("did not start within", run.Error!.Message);
        Assert.Equal(arm.Executions.Select(e => e.Name), arm.Stops);
    }

    [Fact]
    public async Task Cancel_stops_the_execution()
    {
        arm.Started = _ => { };
        var begun = new TaskCompletionSource();
        arm.Run = async execution =>
        {
            begun.SetResult();
            await System.Threading.Tasks.Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, execution.Stopped.Token);
            return "Stopped";
        };
        await using var engine = new DurableEngineUnderTest(store, null, arm.Jobs());
        var run = await engine.SubmitAsync(Build.Pipeline(Task("true")), new ContractScript());
        engine.World.Await(begun.Task.ContinueWith(async _ => await engine.Engine.SignalAsync(run, ContractScript.Cancel)).Unwrap());

        var ended = await engine.EndAsync(run);

        Assert.Equal(RunStatus.Killed, ended.Status);
        Assert.Equal("train:Canceled", ended.States);
        Assert.Equal(arm.Executions.Select(e => e.Name), arm.Stops);
    }

    [Theory]
    [InlineData(202, 1)]
    [InlineData(429, 2)]
    [InlineData(409, 2)]
    [InlineData(500, 2)]
    [InlineData(-500, 1)]
    public async Task A_start_happens_once_whatever_the_answer(int answer, int requests)
    {
        arm.Answers.Enqueue(answer);
        await using var engine = NewEngine();

        var run = await engine.RunAsync(Build.Pipeline(Task("true")), new ContractScript());

        Assert.Equal(RunStatus.Finished, run.Status);
        Assert.Single(arm.Executions);
        Assert.Equal(requests, arm.StartRequests);
    }

    [Fact]
    public async Task A_start_that_is_delivered_twice_begins_one_execution()
    {
        await using var engine = new DurableEngineUnderTest(store, activity => activity == "pipeline-job-start" ? 2 : 1, arm.Jobs());
        arm.Started = engine.World.Await;

        var run = await engine.RunAsync(Build.Pipeline(Task("true")), new ContractScript());

        Assert.Equal(RunStatus.Finished, run.Status);
        Assert.Single(arm.Executions);
    }

    [Fact]
    public async Task A_job_of_days_has_a_short_history()
    {
        var polls = 0;
        arm.Started = _ => { };
        var end = new TaskCompletionSource();
        arm.Run = async execution =>
        {
            await end.Task;
            return await LaunchAsync(execution);
        };
        await using var engine = new DurableEngineUnderTest(
            store,
            activity =>
            {
                if (activity == "pipeline-job-poll" && ++polls == 180)
                {
                    end.SetResult();
                }

                return 1;
            },
            arm.Jobs()
        );

        var run = await engine.RunAsync(Build.Pipeline(Task("true")), new ContractScript());

        Assert.Equal(RunStatus.Finished, run.Status);
        Assert.True(polls >= 180);
        Assert.All(engine.World.Instances.Values, i => Assert.InRange(i.HistoryLength, 1, 250));
    }

    /// <summary>The poll after which the orchestration begins anew, with a short history and without what it has heard.</summary>
    [Fact]
    public async Task What_is_told_just_before_it_begins_anew_is_answered_at_once()
    {
        const int last = 50;
        var polls = 0;
        var (told, answered) = (default(DateTime), default(DateTime));
        arm.Started = _ => { };
        var end = new TaskCompletionSource();
        arm.Run = async execution =>
        {
            await end.Task;
            return await LaunchAsync(execution);
        };
        DurableEngineUnderTest engine = null!;
        await using var made = engine = new DurableEngineUnderTest(
            store,
            activity =>
            {
                switch (activity == "pipeline-job-poll" ? ++polls : 0)
                {
                    case last:
                        told = engine.World.Now;
                        engine
                            .World.RaiseEventAsync(
                                engine.World.Instances.Values.Single(i => i.Name == "pipeline-job").Id,
                                DurableNames.JobEnded,
                                "ended"
                            )
                            .GetAwaiter()
                            .GetResult();
                        break;
                    case last + 1:
                        answered = engine.World.Now;
                        end.SetResult();
                        break;
                }

                return 1;
            },
            arm.Jobs()
        );

        var run = await engine.RunAsync(Build.Pipeline(Task("true")), new ContractScript());

        Assert.Equal(RunStatus.Finished, run.Status);
        Assert.Equal(told, answered);
    }

    [Fact]
    public async Task A_launcher_that_tells_is_not_waited_for()
    {
        await using var engine = NewEngine();
        arm.Run = async execution =>
        {
            var status = await LaunchAsync(execution);
            var order = System.Text.Json.JsonSerializer.Deserialize<JobOrder>(
                await store.Content.ReadAsync(execution.Command[3]),
                StorageJson.Options
            )!;
            await new JobFunctions(Microsoft.Extensions.Logging.Abstractions.NullLogger<JobFunctions>.Instance).EndedAsync(
                new JobEnded(order.Waiter!),
                engine.World,
                CancellationToken.None
            );
            return status;
        };
        var before = engine.World.Now;

        var run = await engine.RunAsync(Build.Pipeline(Task("true")), new ContractScript());

        Assert.Equal(RunStatus.Finished, run.Status);
        // No timer has fired: the engine's clock stands still.
        Assert.Equal(before, engine.World.Now);
    }

    [Fact]
    public async Task The_queue_gets_what_the_functions_host_reads()
    {
        string? body = null;
        var builder = Microsoft.AspNetCore.Builder.WebApplication.CreateSlimBuilder();
        Microsoft.AspNetCore.Hosting.WebHostBuilderKestrelExtensions.ConfigureKestrel(
            builder.WebHost,
            kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0)
        );
        builder.Logging.ClearProviders();
        await using var server = builder.Build();
        Microsoft.AspNetCore.Builder.RunExtensions.Run(
            server,
            async http =>
            {
                body = await new StreamReader(http.Request.Body).ReadToEndAsync();
                http.Response.StatusCode = 201;
            }
        );
        await server.StartAsync();

        await new EventQueue(new Uri(server.Urls.First() + "/mlops-job-events/messages"), FakeArm.NewToken()).SendAsync(
            """{"Waiter":"run:1:1"}"""
        );

        var text = System.Xml.Linq.XElement.Parse(body!).Element("MessageText")!.Value;
        var message = System.Text.Json.JsonSerializer.Deserialize<JobEnded>(Convert.FromBase64String(text));
        Assert.Equal("run:1:1", message!.Waiter);
    }

    [Fact]
    public async Task A_gpu_needs_a_job_on_its_profile()
    {
        await using (var engine = NewEngine())
        {
            var run = await engine.RunAsync(Build.Pipeline(Task("true", new ResourceSpec { Gpu = "t4" })), new ContractScript());
            Assert.Contains("requires the workload profile Consumption-GPU-NC8as-T4", run.Error!.Message);
            Assert.Contains("MLOPS_JOBS_RESOURCE_ID_T4", run.Tasks["train"].Error!.Fix);
        }

        arm.Profile = "Consumption-GPU-NC8as-T4";
        await using (var engine = NewEngine())
        {
            Assert.Equal(
                RunStatus.Finished,
                (await engine.RunAsync(Build.Pipeline(Task("true", new ResourceSpec { Gpu = "t4" })), new ContractScript())).Status
            );
        }

        Assert.Equal(
            ("8", "56Gi"),
            (
                arm.Executions.Single().Container["resources"]!["cpu"]!.ToJsonString(),
                (string)arm.Executions.Single().Container["resources"]!["memory"]!
            )
        );
    }

    [Fact]
    public async Task A_containers_own_command_runs_word_for_word()
    {
        await using var engine = NewEngine();
        var run = await engine.RunAsync(
            Build.Pipeline(
                new TaskSpec
                {
                    Name = "train",
                    Component = new ComponentSpec.Container("python:3.12")
                    {
                        Entrypoint = [Json("sh"), Json("-c")],
                        Arguments = [Json("printf '%s' \"it's $MODE\" > out")],
                        Environment = new Dictionary<string, string> { ["MODE"] = "$HOME" },
                    },
                    Outputs = [new ArtifactOutput { Path = "out" }],
                }
            ),
            new ContractScript()
        );

        Assert.Equal(RunStatus.Finished, run.Status);
        Assert.Equal(
            "it's $HOME",
            System.Text.Encoding.UTF8.GetString(await store.Content.ReadAsync(run.Tasks["train"].Artifacts["out"].Digest))
        );
        Assert.Equal("python:3.12", (string)arm.Executions.Single().Container["image"]!);
    }

    private static System.Text.Json.JsonElement Json(string text) => System.Text.Json.JsonSerializer.SerializeToElement(text);

    private static TaskSpec Task(string command, ResourceSpec? resources = null) =>
        new()
        {
            Name = "train",
            Component = new ComponentSpec.Command([command]),
            Resources = resources ?? new ResourceSpec { Cpu = 1 },
        };

    private DurableEngineUnderTest NewEngine()
    {
        var engine = new DurableEngineUnderTest(store, null, arm.Jobs());
        arm.Started = engine.World.Await;
        return engine;
    }

    /// <summary>The container: the launcher that its command names, on the environment that it was given.</summary>
    private async Task<string> LaunchAsync(FakeExecution execution)
    {
        Assert.Equal(["mlops", "task", "exec"], execution.Command.Take(3));
        var environment = execution.Environment.Where(v => v.Value is not null).ToDictionary(v => v.Key, v => v.Value);
        environment["AzureWebJobsStorage"] = azurite.ConnectionString;
        await using var process = MlopsProcess.Start(folder.Root, environment, ["task", "exec", execution.Command[3]]);
        await using var stopping = execution.Stopped.Token.Register(() => process.Signal(MlopsProcess.Terminate));
        return (await process.WaitAsync()).ExitCode == 0 ? "Succeeded" : "Failed";
    }
}
