using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Core;
using Serverless.Core.Security;
using Serverless.Data.Datasets;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Execution.Runners;
using Serverless.Pipelines.Jobs;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Storage;
using Serverless.Storage.Content;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Execution;

/// <summary>What tasks run with, the same for all of them.</summary>
internal sealed record TaskExecutorSettings(
    Store Store,
    ComponentCatalog Catalog,
    IServiceProvider Services,
    string WorkRoot,
    TimeProvider Time
)
{
    /// <summary>True inside of the task's own container: its command runs here, as it is.</summary>
    public bool IsContainer { get; init; }
}

/// <summary>
/// Runs one attempt of a task: cache lookup → stage inputs → run component → store outputs → record. Idempotent: the same run,
/// task path and attempt leave the same record.
/// </summary>
internal sealed class TaskExecutor(TaskExecutorSettings settings)
{
    private readonly IReadOnlyList<string> secrets = Secrets.OfEnvironment();
    private readonly DataLineage lineage = new(settings.Store, settings.Time);

    public async Task<TaskResult> RunAsync(
        TaskCall call,
        ITaskJournal journal,
        Action<TaskRecord> observe,
        CancellationToken cancellationToken
    )
    {
        var record = new TaskRecord
        {
            Path = call.Path,
            Attempt = call.Attempt,
            State = TaskState.Running,
            StartedAt = settings.Time.GetUtcNow(),
            Parameters = Recorded(call),
        };
        var log = new TaskLog(settings.Store.Logs, TaskLog.NameOf(call, record.StartedAt.Value), settings.Time, secrets);
        TaskResult result;
        CacheEntry? entry = null;
        try
        {
            var inputs = await ResolveAsync(call, cancellationToken);
            var component = call.Component is ComponentSpec.InProcess uses ? Find(uses.Uses) : null;
            record = record with { CacheKey = CacheKey.Of(call, inputs, component?.Identity) };
            if (
                !call.AlwaysChanged
                && await FindCachedAsync(call, inputs, record.CacheKey, component, journal, cancellationToken) is { } hit
            )
            {
                result = hit;
            }
            else
            {
                // With the log's name: it can be read while the task runs.
                record = record with
                {
                    Log = log.Name,
                };
                journal.Post(record);
                observe(record);
                result = await RunFreshAsync(call, inputs, component, log, cancellationToken);
                entry =
                    result.State == TaskState.Succeeded && !call.AlwaysChanged
                        ? new CacheEntry(result, call.RunId, call.Path, settings.Time.GetUtcNow())
                        : null;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            result = TaskResult.Cancel("The run was cancelled while the task ran.");
        }
        catch (Exception e)
        {
            result = Failed(e, log);
        }

        try
        {
            await log.CloseAsync();
        }
        catch (ServerlessException e)
        {
            result = result with { Reason = $"The log is not complete: {e.Message}" };
        }

        record = record with
        {
            State = result.State,
            EndedAt = settings.Time.GetUtcNow(),
            Log = log.IsUsed ? log.Name : null,
            Result = result,
        };
        await Task.WhenAll(journal.EndAsync(record, entry), TraceAsync(call, result));
        observe(record);
        return result;
    }

    /// <summary>Takes the result from the cache if it is there, and records that; null if the task has to run.</summary>
    public async Task<TaskResult?> TakeCachedAsync(
        TaskCall call,
        ITaskJournal journal,
        Action<TaskRecord> observe,
        CancellationToken cancellationToken
    )
    {
        if (call.AlwaysChanged)
        {
            return null;
        }

        var start = settings.Time.GetUtcNow();
        var inputs = await ResolveAsync(call, cancellationToken);
        var component = call.Component is ComponentSpec.InProcess uses ? Find(uses.Uses) : null;
        var key = CacheKey.Of(call, inputs, component?.Identity);
        if (await FindCachedAsync(call, inputs, key, component, journal, cancellationToken) is not { } hit)
        {
            return null;
        }

        var record = new TaskRecord
        {
            Path = call.Path,
            Attempt = call.Attempt,
            State = hit.State,
            StartedAt = start,
            EndedAt = settings.Time.GetUtcNow(),
            Parameters = Recorded(call),
            CacheKey = key,
            Result = hit,
        };
        await journal.EndAsync(record, null);
        await TraceAsync(call, hit);
        observe(record);
        return hit;
    }

    /// <summary>Which content this run used and made, for whoever asks from the data's side.</summary>
    private async Task TraceAsync(TaskCall call, TaskResult result)
    {
        if (result.State != TaskState.Succeeded)
        {
            return;
        }

        try
        {
            // What a hit of the cache gave was made by another run.
            await lineage.RecordAsync(
                call.RunId,
                call.Path,
                call.Inputs.Select(i => (i.Path, i.Content.Digest)),
                result.IsCacheHit ? [] : result.Artifacts.Select(a => (a.Key, a.Value.Digest))
            );
        }
        catch (ServerlessException)
        {
            // The store is away: the task's own record decides what that means; lineage is told again when the task runs again.
        }
    }

    private TaskResult Failed(Exception e, TaskLog log)
    {
        var error = e switch
        {
            IOException io when IsDiskFull(io) => new ServerlessException(
                ErrorCodes.StorageFull,
                $"There is no space left on the disk: {io.Message}",
                "Make space, then `mlops retry` the run."
            ),
            _ => e,
        };
        log.WriteLine(error is ServerlessException ? error.Message : error.ToString());
        var recorded = RunError.Of(error);
        return new TaskResult
        {
            State = TaskState.Failed,
            Error = recorded with
            {
                Message = Secrets.Masked(recorded.Message, secrets),
                Fix = recorded.Fix is { } fix ? Secrets.Masked(fix, secrets) : null,
            },
        };
    }

    /// <summary>EFBIG, ENOSPC and EDQUOT on Unix, ERROR_DISK_FULL on Windows.</summary>
    private static bool IsDiskFull(IOException e) => e.HResult is 27 or 28 or 122 or unchecked((int)0x80070070);

    private static Dictionary<string, JsonElement> Recorded(TaskCall call)
    {
        var values = new Dictionary<string, JsonElement>();
        foreach (var (name, value) in call.Parameters.Concat(call.Tracked))
        {
            var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
            values[name] = Secrets.IsSecret(name, text) ? JsonSerializer.SerializeToElement(Secrets.Mask) : value;
        }

        return values;
    }

    private ComponentDescriptor Find(string uses) =>
        settings.Catalog.Find(uses)
        ?? throw ServerlessException.Invalid(
            $"This host has no component '{uses}'.",
            $"It has: {string.Join(", ", settings.Catalog.All.Select(c => c.Name))}."
        );

    /// <summary>Inputs that are a part of a folder become that part.</summary>
    private async Task<IReadOnlyList<StagedInput>> ResolveAsync(TaskCall call, CancellationToken cancellationToken)
    {
        if (call.Inputs.All(i => i.SubPath is null))
        {
            return call.Inputs;
        }

        var resolved = new List<StagedInput>();
        foreach (var input in call.Inputs)
        {
            resolved.Add(
                input.SubPath is null
                    ? input
                    : input with
                    {
                        Content = await settings.Store.Content.FindInsideAsync(input.Content, input.SubPath, cancellationToken),
                        SubPath = null,
                    }
            );
        }

        return resolved;
    }

    private async Task<TaskResult?> FindCachedAsync(
        TaskCall call,
        IReadOnlyList<StagedInput> inputs,
        string key,
        ComponentDescriptor? component,
        ITaskJournal journal,
        CancellationToken cancellationToken
    )
    {
        if (await journal.FindCachedAsync(key, cancellationToken) is not { } entry)
        {
            return null;
        }

        var present = await Task.WhenAll(
            entry.Result.Artifacts.Values.Select(a => settings.Store.Content.ExistsAsync(a.Digest, cancellationToken))
        );
        if (!present.All(p => p))
        {
            return null;
        }

        if (component is not null && !await StillHoldsAsync(call, inputs, component, entry, cancellationToken))
        {
            return null;
        }

        return entry.Result with
        {
            IsCacheHit = true,
        };
    }

    private Task<bool> StillHoldsAsync(
        TaskCall call,
        IReadOnlyList<StagedInput> inputs,
        ComponentDescriptor component,
        CacheEntry entry,
        CancellationToken cancellationToken
    )
    {
        var values = new System.Text.Json.Nodes.JsonObject(
            entry.Result.Values.Select(v =>
                KeyValuePair.Create(v.Key, (System.Text.Json.Nodes.JsonNode?)System.Text.Json.Nodes.JsonNode.Parse(v.Value.GetRawText()))
            )
        );
        var recorded = new ComponentOutputs { Values = values, Metrics = new Dictionary<string, double>(entry.Result.Metrics) };
        return component.StillHoldsAsync(
            call.Parameters,
            new Unstaged(inputs),
            recorded,
            ContextOf(call, "", TextWriter.Null),
            cancellationToken
        );
    }

    private async Task<TaskResult> RunFreshAsync(
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
                    $"This host runs no containers, and the task needs the image '{container.Image}'.",
                    "Run it where container jobs are set up."
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
                    log.WriteLine("This host has no container jobs: the command runs as a subprocess, whatever `resources` asks for.");
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
                $"The task did not end within its timeout of {call.Timeout}; it was killed with all its processes.",
                "Raise `timeout`, or find in the log where it waits."
            );
        }
    }

    /// <summary>An artifact that lies elsewhere: what is stored of it is where.</summary>
    private async Task<TaskResult> ImportAsync(TaskCall call, string name, CancellationToken cancellationToken)
    {
        var uri =
            call.Parameters.TryGetValue(name, out var value)
            && value.ValueKind == JsonValueKind.String
            && value.GetString() is { Length: > 0 } text
                ? text
                : throw ServerlessException.Invalid($"The import needs the address of its artifact in '{name}'.");
        var output =
            call.Outputs.Count == 1
                ? call.Outputs[0]
                : throw ServerlessException.Invalid($"An import has one output, and this one has {call.Outputs.Count}.");
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
        // A component that does not look at its token is left behind when the time is over.
        try
        {
            return await Task.Run(
                    () => component.RunAsync(call.Parameters, workspace, ContextOf(call, workspace.Scratch, log), cancellationToken),
                    cancellationToken
                )
                .WaitAsync(cancellationToken);
        }
        catch (ServerlessException e)
        {
            throw workspace.InItsWords(e);
        }
    }

    private ComponentContext ContextOf(TaskCall call, string scratch, TextWriter log) =>
        new()
        {
            Workspace = settings.Store.Workspace,
            RunId = call.RunId,
            ExperimentId = call.ExperimentId,
            Pipeline = call.Pipeline,
            TaskPath = call.Path,
            Attempt = call.Attempt,
            ScratchDirectory = scratch,
            Log = log,
            Time = settings.Time,
            Services = settings.Services,
        };

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
                    ? "The shell did not find the program: install it on this machine, or name its full path."
                    : $"A command sees only what its stage declares under deps and params (here: {staged}). `mlops logs` has the whole "
                        + $"output."
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
                    "The task ended without writing it: check the path, which counts from the stage's wdir."
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

    /// <summary>For a component without files, and for the question whether a recorded result still holds: digests, but no files.</summary>
    private sealed class Unstaged(IReadOnlyList<StagedInput> inputs) : ArtifactPaths
    {
        public override InputPath Input(string name) => new("", name, DigestOf(name, inputs));

        public override OutputPath Output(string name) => new("", name);
    }
}
