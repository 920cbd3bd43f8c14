using System.Text.Json;
using Serverless.Pipelines.Model;

namespace Serverless.Pipelines.Tests.Contract;

/// <summary>Puts pipelines together that dvc.yaml has no words for.</summary>
internal sealed class Build(World world)
{
    public TaskSpec Step(string name, params string[] after) =>
        new()
        {
            Name = name,
            Component = new ComponentSpec.InProcess("contract/step"),
            // Each step counts: none answers from a twin's result.
            AlwaysChanged = true,
            DependsOn = after,
            Parameters = new Dictionary<string, ParameterBinding> { ["key"] = Of(world.Key) },
        };

    public static TaskSpec Graph(string name, GraphSpec body, params string[] after) =>
        new()
        {
            Name = name,
            Component = new ComponentSpec.Graph(body),
            DependsOn = after,
        };

    public static GraphSpec Body(params TaskSpec[] tasks) => new() { Tasks = tasks };

    public static PipelineSpec Pipeline(params TaskSpec[] tasks) => new() { Name = "p", Graph = Body(tasks) };

    public static ParameterBinding Of<T>(T value) => new ParameterBinding.Constant(JsonSerializer.SerializeToElement(value));

    public static ParameterBinding From(string task, string output = "value", string? selector = null) =>
        new ParameterBinding.TaskOutput(task, output) { Selector = selector };

    public static ParameterBinding Input(string name) => new ParameterBinding.GraphInput(name);

    public static ParameterBinding Item(string? selector = null) => new ParameterBinding.Item { Selector = selector };
}

internal static class BuildExtensions
{
    public static TaskSpec With(this TaskSpec task, string name, ParameterBinding value) =>
        task with
        {
            Parameters = new Dictionary<string, ParameterBinding>(task.Parameters) { [name] = value },
        };

    public static TaskSpec With<T>(this TaskSpec task, string name, T value) =>
        task.With(name, value as ParameterBinding ?? Build.Of(value));

    /// <summary>Writes its value into a file of that name.</summary>
    public static TaskSpec Writes(this TaskSpec task, string path) =>
        task.With("out", path) with
        {
            Outputs = [.. task.Outputs, new ArtifactOutput { Path = path }],
        };

    /// <summary>Reads a file, or the files of a list.</summary>
    public static TaskSpec Reads(this TaskSpec task, string path, ArtifactBinding from, bool isList = false) =>
        task.With("read", path).Takes(path, from, isList);

    public static TaskSpec Takes(this TaskSpec task, string path, ArtifactBinding from, bool isList = false) =>
        task with
        {
            Inputs =
            [
                .. task.Inputs,
                new ArtifactInput
                {
                    Path = path,
                    From = from,
                    IsList = isList,
                },
            ],
        };

    public static TaskSpec For(this TaskSpec task, ParameterBinding items, int parallelism = 0) =>
        task with
        {
            Loop = new LoopSpec { Items = items, Parallelism = parallelism },
        };

    public static TaskSpec When(this TaskSpec task, string condition) => task with { When = condition };

    public static TaskSpec Retry(this TaskSpec task, int attempts, double milliseconds = 1) =>
        task with
        {
            Retry = new RetrySpec { Attempts = attempts, Backoff = TimeSpan.FromMilliseconds(milliseconds) },
        };

    public static TaskSpec Last(this TaskSpec task) => task with { Finally = true };

    public static GraphSpec Gives(this GraphSpec graph, string name, params OutputRef[] sources) =>
        graph with
        {
            Outputs = new Dictionary<string, IReadOnlyList<OutputRef>>(graph.Outputs) { [name] = sources },
        };

    public static PipelineSpec Given<T>(this PipelineSpec pipeline, string name, T value) =>
        pipeline with
        {
            Parameters = new Dictionary<string, JsonElement>(pipeline.Parameters) { [name] = JsonSerializer.SerializeToElement(value) },
        };
}
