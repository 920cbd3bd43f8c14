using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Core;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Execution.Runners;
using Serverless.Pipelines.Jobs;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Storage;
using Serverless.Storage.Content;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Execution;

/// <summary>Does the work of a task that has no cached result: stages its inputs, runs it, and stores its outputs.</summary>
internal sealed class TaskWork(TaskExecutorSettings settings, IReadOnlyList<string> secrets)
{
    public async Task<TaskResult> RunAsync(
        TaskCall call,
        IReadOnlyList<StagedInput> inputs,
        ComponentDescriptor? component,
        TaskLog log,
        CancellationToken cancellationToken
    )
    {
        switch (call.Component)
        {
            case ComponentSpec.Import { UriParameter: { } name }:
                return await ImportAsync(call, name, cancellationToken);
            case ComponentSpec.Import:
                return new TaskResult { State = TaskState.Succeeded, Artifacts = inputs.ToDictionary(i => i.Path, i => i.Content) };
            case ComponentSpec.Container container when !settings.IsContainer:
                throw new ServerlessException(
                    ErrorCodes.Environment,
                    $"The task requires the image '{container.Image}', but this host does not run containers.",
                    "Run it on a host with container jobs."
                );
        }

        using var limit = call.Timeout is { } timeout ? new CancellationTokenSource(timeout, settings.Time) : new CancellationTokenSource();
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var workspace = await TaskWorkspace.StageAsync(settings.Store.Content, settings.WorkRoot, call, inputs, both.Token);
            ComponentOutputs given;
            if (component is not null)
            {
                given = await RunComponentAsync(call, component, workspace, log, both.Token);
            }
            else
            {
                var around = call.Component is ComponentSpec.Container it ? new ContainerRun(call, it, workspace) : null;
                var command =
                    around?.Command
                    ?? call.Component as ComponentSpec.Command
                    ?? throw new InvalidOperationException($"{call.Component.GetType().Name} is not run as a task.");
                if (call.Resources is not null && !settings.IsContainer)
                {
                    log.WriteLine("This host has no container jobs. The command runs as a subprocess and ignores `resources`.");
                }

                var (exitCode, line) = await CommandRunner.RunAsync(call, command, workspace, log, settings.Time, both.Token);
                if (exitCode != 0)
                {
                    return Exited(exitCode, line, inputs, log);
                }

                given = around is null ? ComponentOutputs.None : await around.TakeInAsync(both.Token);
            }

            return await StoreAsync(call, given, workspace, both.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ServerlessException(
                ErrorCodes.TaskTimedOut,
                $"The task did not end within its timeout of {call.Timeout}; it was killed together with its child processes.",
                "Increase `timeout`, or check in the log what the task is waiting for."
            );
        }
    }

    /// <summary>Stores an external artifact, of which only the location is recorded.</summary>
    private async Task<TaskResult> ImportAsync(TaskCall call, string name, CancellationToken cancellationToken)
    {
        var uri =
            call.Parameters.TryGetValue(name, out var value)
            && value.ValueKind == JsonValueKind.String
            && value.GetString() is { Length: > 0 } text
                ? text
                : throw ServerlessException.Invalid($"The import requires the URI of its artifact in '{name}'.");
        var output =
            call.Outputs.Count == 1
                ? call.Outputs[0]
                : throw ServerlessException.Invalid($"An import must have one output, not {call.Outputs.Count}.");
        var reference = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                uri,
                type = output.Type,
                metadata = output.Metadata,
            },
            StorageJson.Options
        );
        return new TaskResult
        {
            State = TaskState.Succeeded,
            Artifacts = new Dictionary<string, ContentRef>
            {
                [output.Path] = await settings.Store.Content.PutBytesAsync(reference, cancellationToken),
            },
            ArtifactInfos = new Dictionary<string, ArtifactInfo> { [output.Path] = new(output.Type, uri, output.Metadata) },
        };
    }

    private async Task<ComponentOutputs> RunComponentAsync(
        TaskCall call,
        ComponentDescriptor component,
        TaskWorkspace workspace,
        TaskLog log,
        CancellationToken cancellationToken
    )
    {
        Directory.CreateDirectory(workspace.Scratch);
        // A component that ignores its token is abandoned when the time is over.
        try
        {
            return await Task.Run(
                    () =>
                        component.RunAsync(call.Parameters, workspace, settings.ContextOf(call, workspace.Scratch, log), cancellationToken),
                    cancellationToken
                )
                .WaitAsync(cancellationToken);
        }
        catch (ServerlessException e)
        {
            throw workspace.InItsWords(e);
        }
    }

    private static TaskResult Exited(int exitCode, string line, IReadOnlyList<StagedInput> inputs, TaskLog log)
    {
        var staged = inputs.Count == 0 ? "nothing" : string.Join(", ", inputs.Select(i => i.Path));
        return new TaskResult
        {
            State = TaskState.Failed,
            ExitCode = exitCode,
            Error = new RunError(
                ErrorCodes.TaskFailed,
                $"failed to run: {line}, exited with {exitCode}\n{log.Tail}".TrimEnd(),
                exitCode == 127
                    ? "The shell did not find the program. Install it on this machine, or use its full path."
                    : $"A command can access only what its stage declares under deps and params (here: {staged}). `mlops logs` shows the "
                        + "whole output."
            ),
        };
    }

    private async Task<TaskResult> StoreAsync(
        TaskCall call,
        ComponentOutputs given,
        TaskWorkspace workspace,
        CancellationToken cancellationToken
    )
    {
        foreach (var output in call.Outputs)
        {
            var at = workspace.At(output.Path);
            if (!File.Exists(at) && !Directory.Exists(at))
            {
                throw ServerlessException.Invalid(
                    $"output '{output.Path}' does not exist",
                    "The task ended without writing it. Check the path, which is relative to the stage's wdir."
                );
            }
        }

        var metrics = new Dictionary<string, double>(given.Metrics);
        var flags = new JsonObject();
        foreach (var output in call.Outputs.Where(o => o.Kind == ArtifactKind.Metric))
        {
            await MetricsFile.ReadAsync(workspace.At(output.Path), output.Path, metrics, flags, cancellationToken);
        }

        foreach (var (name, value) in given.Values)
        {
            flags[name] = value?.DeepClone();
        }

        var stored = await Task.WhenAll(call.Outputs.Select(o => settings.Store.Content.PutAsync(workspace.At(o.Path), cancellationToken)));
        return new TaskResult
        {
            State = TaskState.Succeeded,
            ExitCode = call.Component is ComponentSpec.Command or ComponentSpec.Container ? 0 : null,
            Artifacts = call.Outputs.Zip(stored).ToDictionary(o => o.First.Path, o => o.Second),
            ArtifactInfos = call
                .Outputs.Where(o => o.Type is not null || o.Metadata is not null || given.Artifacts.ContainsKey(o.Path))
                .ToDictionary(o => o.Path, o => given.Artifacts.GetValueOrDefault(o.Path) ?? new ArtifactInfo(o.Type, null, o.Metadata)),
            Values = TaskValues.Of(new ComponentOutputs { Values = flags }, secrets),
            Metrics = metrics,
        };
    }
}
