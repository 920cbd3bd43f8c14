using System.Text.Json;
using Serverless.Core;
using Serverless.Core.Security;
using Serverless.Data.Datasets;
using Serverless.Pipelines.Components;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Tracking.Runs;

namespace Serverless.Pipelines.Execution;

/// <summary>
/// Runs one attempt of a task: cache lookup → stage inputs → run component → store outputs → record. Idempotent: the same run, task path
/// and attempt leave the same record.
/// </summary>
internal sealed class TaskExecutor
{
    private readonly TaskExecutorSettings settings;
    private readonly IReadOnlyList<string> secrets = Secrets.OfEnvironment();
    private readonly DataLineage lineage;
    private readonly CachedResults cache;
    private readonly TaskWork work;

    public TaskExecutor(TaskExecutorSettings settings)
    {
        this.settings = settings;
        lineage = new DataLineage(settings.Store, settings.Time);
        cache = new CachedResults(settings);
        work = new TaskWork(settings, secrets);
    }

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
                && await cache.FindAsync(call, inputs, record.CacheKey, component, journal, cancellationToken) is { } hit
            )
            {
                result = hit;
            }
            else
            {
                // With the log's name, so that it can be read while the task runs.
                record = record with
                {
                    Log = log.Name,
                };
                journal.Post(record);
                observe(record);
                result = await work.RunAsync(call, inputs, component, log, cancellationToken);
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

    /// <summary>Returns and records the cached result, or returns null if the task has to run.</summary>
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
        if (await cache.FindAsync(call, inputs, key, component, journal, cancellationToken) is not { } hit)
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

    /// <summary>Records which content this run used and produced, for queries by data.</summary>
    private async Task TraceAsync(TaskCall call, TaskResult result)
    {
        if (result.State != TaskState.Succeeded)
        {
            return;
        }

        try
        {
            // The result of a cache hit was produced by another run.
            await lineage.RecordAsync(
                call.RunId,
                call.Path,
                call.Inputs.Select(i => (i.Path, i.Content.Digest)),
                result.IsCacheHit ? [] : result.Artifacts.Select(a => (a.Key, a.Value.Digest))
            );
        }
        catch (ServerlessException)
        {
            // The store is unavailable. The task's own record decides what that means; lineage is recorded when the task runs again.
        }
    }

    private TaskResult Failed(Exception e, TaskLog log)
    {
        var error = e switch
        {
            IOException io when IsDiskFull(io) => new ServerlessException(
                ErrorCodes.StorageFull,
                $"There is no space left on the disk: {io.Message}",
                "Free some space, then retry the run with `mlops retry`."
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

    /// <summary>Returns true for EFBIG, ENOSPC and EDQUOT on Unix, ERROR_DISK_FULL on Windows.</summary>
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
            $"Component '{uses}' does not exist on this host.",
            $"Components: {string.Join(", ", settings.Catalog.All.Select(c => c.Name))}."
        );

    /// <summary>Replaces inputs that are a part of a folder by that part.</summary>
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
}
