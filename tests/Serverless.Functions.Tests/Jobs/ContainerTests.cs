using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Jobs;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Storage;
using Serverless.Testing;
using Serverless.Tracking.Runs;

namespace Serverless.Functions.Tests.Jobs;

/// <summary>A Kubeflow container's command under the launcher, each in a process of its own: its places, and what it gives out.</summary>
public sealed class ContainerTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly TestFolder folder = new();
    private Store store = null!;

    public async ValueTask InitializeAsync() => store = await azurite.OpenStoreAsync();

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Places_are_filled_in_and_what_the_command_leaves_is_taken_in()
    {
        const string text = "it's {{$.inputs.parameters['lr']}} $HOME";
        var script = $$"""
            cat "$1" > "$2"; printf 5.0 > "$3"; printf '%s' "$5" > {{folder.At("input.json")}}
            printf '%s' '{"parameterValues": {"note": "said"},"artifacts": {"model": {"artifacts": [{"metadata": {"framework": "none"} }] },
              "scores": {"artifacts": [{"metadata": {"auc": 0.875, "by": "hand"} }] } } }' > "$4"
            shift 5; printf '%s\n' "$@" > {{folder.At("words")}}; printf '%s\n' "$TOLD" >> {{folder.At("words")}}
            """;
        var record = await RunAsync(
            new ComponentSpec.Container("busybox")
            {
                Entrypoint = Words("sh", "-c", script, "sh"),
                Arguments =
                [
                    .. Words(
                        "{{$.inputs.artifacts['data'].path}}",
                        "{{$.outputs.artifacts['model'].path}}",
                        "{{$.outputs.parameters['n'].output_file}}",
                        "{{$.outputs.output_file}}",
                        "{{$}}",
                        "lr={{$.inputs.parameters['lr']}}",
                        "{{$.inputs.parameters['text']}}",
                        "{{$.inputs.parameters['layers']}}",
                        "{{$.inputs.parameters['deep']}}",
                        "{\"Concat\": [\"--at=\", {\"IfPresent\": {\"InputName\": \"lr\", \"Then\": "
                            + "\"{{$.inputs.parameters['lr']}}\"}}, \"!\"]}",
                        "{\"IfPresent\": {\"InputName\": \"absent\", \"Then\": [\"--absent\", \"{{$.inputs.parameters['absent']}}\"]}}",
                        "{\"IfPresent\": {\"InputName\": \"absent\", \"Then\": [\"x\"], \"Else\": [\"--else\", \"two words\"]}}",
                        "{{$.inputs.parameters['absent']}}",
                        "{{$.inputs.artifacts['data'].metadata['rows']}}",
                        "{{$.inputs.artifacts['elsewhere'].uri}}",
                        "{{$.pipeline_task_name}}"
                    ),
                    JsonSerializer.SerializeToElement(new { Concat = new[] { "a", "b" } }),
                ],
                Environment = new Dictionary<string, string> { ["TOLD"] = "{{$.inputs.parameters['lr']}}" },
                Gives = new Dictionary<string, ParameterSpec>
                {
                    ["n"] = new() { Type = ParameterType.Integer },
                    ["note"] = new() { Type = ParameterType.Text },
                },
            },
            text
        );

        Assert.True(record.State == TaskState.Succeeded, record.Result.Error?.Message);
        Assert.Equal(
            [
                "lr=0.001",
                text,
                "[1,2.5]",
                "true",
                "--at=0.001!",
                "--else",
                "two words",
                "{{$.inputs.parameters['absent']}}",
                "3",
                "gs://bucket/x",
                "train",
                "ab",
                "0.001",
            ],
            await File.ReadAllLinesAsync(folder.At("words"))
        );
        Assert.Equal(("5", "\"said\""), (record.Result.Values["n"].GetRawText(), record.Result.Values["note"].GetRawText()));
        Assert.Equal("rows", await ContentAsync(record, "model"));
        Assert.Equal("none", record.Result.ArtifactInfos["model"].Metadata!["framework"].GetString());
        Assert.Equal(("", 0.875), (await ContentAsync(record, "scores"), record.Result.Metrics["auc"]));
        Assert.Equal("hand", record.Result.ArtifactInfos["scores"].Metadata!["by"].GetString());

        var input = JsonNode.Parse(await File.ReadAllTextAsync(folder.At("input.json")))!;
        Assert.Equal(text, (string)input["inputs"]!["parameterValues"]!["text"]!);
        Assert.Equal("system.Dataset", (string)input["inputs"]!["artifacts"]!["data"]!["artifacts"]![0]!["type"]!["schemaTitle"]!);
        Assert.Equal(2, input["inputs"]!["artifacts"]!["parts"]!["artifacts"]!.AsArray().Count);
        Assert.EndsWith("/model", (string)input["outputs"]!["artifacts"]!["model"]!["artifacts"]![0]!["uri"]!);
    }

    [Theory]
    [InlineData("echo {{$.pipeline_root}}", "contains an unknown placeholder: {{$.pipeline_root}}")]
    [InlineData(
        "printf many > '{{$.outputs.parameters['n'].output_file}}'",
        "wrote 'many' for its output 'n', which is declared as Integer"
    )]
    [InlineData("printf 1.5 > '{{$.outputs.parameters['n'].output_file}}'", "must be of type Integer")]
    [InlineData("printf '[]' > '{{$.outputs.output_file}}'", "wrote an invalid output file")]
    public async Task What_cannot_be_is_the_tasks_failure_with_the_reason(string script, string told)
    {
        var record = await RunAsync(
            new ComponentSpec.Container("busybox")
            {
                Entrypoint = Words("sh", "-c"),
                Arguments = Words(script),
                Gives = new Dictionary<string, ParameterSpec> { ["n"] = new() { Type = ParameterType.Integer } },
            }
        );

        Assert.Equal(TaskState.Failed, record.State);
        Assert.Contains(told, record.Result.Error!.Message);
    }

    private static IReadOnlyList<JsonElement> Words(params string[] words) => [.. words.Select(w => JsonSerializer.SerializeToElement(w))];

    private async Task<string> ContentAsync(TaskRecord record, string name) =>
        Encoding.UTF8.GetString(await store.Content.ReadAsync(record.Result.Artifacts[name].Digest));

    private async Task<TaskRecord> RunAsync(ComponentSpec.Container container, string text = "")
    {
        var rows = await store.Content.PutBytesAsync(Encoding.UTF8.GetBytes("rows"));
        var metadata = new Dictionary<string, JsonElement> { ["rows"] = JsonSerializer.SerializeToElement(3) };
        var call = new TaskCall
        {
            RunId = "run1",
            ExperimentId = "1",
            Pipeline = "p",
            Path = "train",
            Attempt = 1,
            Component = container,
            Parameters = new Dictionary<string, JsonElement>
            {
                ["lr"] = JsonSerializer.Deserialize<JsonElement>("1e-3"),
                ["text"] = JsonSerializer.SerializeToElement(text),
                ["layers"] = JsonSerializer.Deserialize<JsonElement>("[1, 2.5]"),
                ["deep"] = JsonSerializer.SerializeToElement(true),
            },
            Inputs =
            [
                new StagedInput("data", rows) { Info = new ArtifactInfo("system.Dataset", null, metadata) },
                new StagedInput("elsewhere", rows) { Info = new ArtifactInfo("system.Artifact", "gs://bucket/x") },
                new StagedInput("parts/0", rows),
                new StagedInput("parts/1", rows),
            ],
            Outputs =
            [
                new ArtifactOutput { Path = "model", Type = "system.Model" },
                new ArtifactOutput { Path = "scores", Type = "system.Metrics" },
            ],
            AlwaysChanged = true,
        };
        var order = (
            await store.Content.PutBytesAsync(
                JsonSerializer.SerializeToUtf8Bytes(new JobOrder(store.Workspace, 1, call), StorageJson.Options)
            )
        ).Digest;
        await using var process = MlopsProcess.Start(
            folder.Root,
            new Dictionary<string, string?> { ["AzureWebJobsStorage"] = azurite.ConnectionString, ["MLOPS_WORKSPACE"] = store.Workspace },
            ["task", "exec", order]
        );
        await process.WaitAsync();
        var runs = new RunStore(store, TimeProvider.System);
        return (await runs.Table.GetAsync(runs.Keys.Experiment("1"), RunKeys.Task("run1", "train", 1)))!.Read<TaskRecord>();
    }
}
