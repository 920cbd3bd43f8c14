using System.Text.Json;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Pipelines.Tests.Engine;
using Serverless.Storage;
using Serverless.Testing;
using static Serverless.Pipelines.Tests.Contract.Build;

namespace Serverless.Pipelines.Tests.Contract;

/// <summary>The model holds what Kubeflow's format needs, and a stored definition comes back as it was.</summary>
public sealed class ModelTests(AzuriteFixture azurite) : EngineTest(azurite)
{
    private readonly World world = new();

    [Fact]
    public void A_definition_with_everything_in_it_survives_being_stored()
    {
        var json = JsonSerializer.SerializeToElement(new { Concat = new[] { "--lr=", "{{$.inputs.parameters['lr']}}" } });
        var container = new TaskSpec
        {
            Name = "container",
            Component = new ComponentSpec.Container("python:3.12")
            {
                Entrypoint = [JsonSerializer.SerializeToElement("python3")],
                Arguments = [json],
                Environment = new Dictionary<string, string> { ["A"] = "1" },
            },
            Accepts = new Dictionary<string, ParameterSpec>
            {
                ["lr"] = new()
                {
                    Type = ParameterType.Number,
                    Default = JsonSerializer.SerializeToElement(0.5),
                    IsOptional = true,
                    Allowed = [JsonSerializer.SerializeToElement(0.5)],
                },
            },
            Parameters = new Dictionary<string, ParameterBinding>
            {
                ["status"] = new ParameterBinding.TaskStatus("a") { Selector = "state" },
                ["text"] = new ParameterBinding.Concat([Of("x"), Item("a.b"), Input("n"), From("a")]),
            },
            Inputs =
            [
                new ArtifactInput
                {
                    Path = "in",
                    From = new ArtifactBinding.GraphInput("g"),
                    IsList = true,
                },
            ],
            Outputs =
            [
                new ArtifactOutput
                {
                    Path = "model",
                    Type = "system.Model",
                    Metadata = new Dictionary<string, JsonElement> { ["framework"] = json },
                },
            ],
            Platform = new PlatformSpec
            {
                Secrets = [new SecretVariable("KEY", "secret", "key", true)],
                Settings = new Dictionary<string, JsonElement> { ["kubernetes"] = json },
            },
            Resources = new ResourceSpec
            {
                Cpu = 2,
                CpuRequest = 1,
                Memory = "4Gi",
                MemoryRequest = "1Gi",
                Gpu = "nvidia.com/gpu",
                GpuCount = 2,
            },
            Retry = new RetrySpec { Attempts = 3 },
            Loop = new LoopSpec { Items = Input("list"), Parallelism = 2 },
            IgnoreUpstreamFailure = true,
            CacheKey = "mine",
        };
        var import = new TaskSpec
        {
            Name = "import",
            Component = new ComponentSpec.Import { UriParameter = "uri", Reimport = true },
        };
        var graph = Body(container, import).Gives("out", new OutputRef("container", "model"), new OutputRef("import", "data"));
        var definition = new RunDefinition { Pipeline = Pipeline(Graph("g", graph).When("inputs['x'] == 1").Last()) };

        var stored = JsonSerializer.Serialize(definition, StorageJson.Options);
        var back = JsonSerializer.Deserialize<RunDefinition>(stored, StorageJson.Options);

        Assert.Equal(stored, JsonSerializer.Serialize(back, StorageJson.Options));
        Assert.Contains("\"nvidia.com/gpu\"", stored);
        Assert.True(
            Condition.Parse("inputs['x'] == 1").References.Single() is { IsInput: true, IsParameter: false, Task: null, Name: "x" }
        );
    }

    [Fact]
    public async Task A_container_on_a_host_without_any_fails_with_what_it_needs()
    {
        var task = new TaskSpec
        {
            Name = "c",
            Component = new ComponentSpec.Container("python:3.12"),
            Timeout = TimeSpan.FromMinutes(1),
        };
        var graph = Graph("g", Body(new Build(world).Step("a"))) with { Timeout = TimeSpan.FromMinutes(1) };

        var outcome = await DriveAsync(await Engine.SubmitAsync(new PipelineDocument(Pipeline(task, graph), "p", [])));

        Assert.Contains("requires the image 'python:3.12'", outcome.Tasks["c"].Result.Error!.Message);
        Assert.Contains("a timeout applies to a single task", outcome.Tasks["g"].Result.Error!.Message);
    }

    [Fact]
    public async Task The_authors_own_cache_key_takes_the_place_of_ours()
    {
        var step = new Build(world).Step("a") with { AlwaysChanged = false, CacheKey = "mine" };

        var first = await RunAsync(step.With("value", 1));
        var second = await RunAsync(step.With("value", 2));
        var other = await RunAsync(step.With("value", 2) with { CacheKey = "other" });

        Assert.Equal((false, true, false), (first.IsCacheHit, second.IsCacheHit, other.IsCacheHit));
        Assert.Equal(("1", "2"), (second.Values["value"].GetRawText(), other.Values["value"].GetRawText()));
    }

    private async Task<TaskResult> RunAsync(TaskSpec task) =>
        (await DriveAsync(await Engine.SubmitAsync(new PipelineDocument(Pipeline(task), "p", [])))).Tasks["a"].Result;
}
