using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Serverless.Core;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Storage;

namespace Serverless.Pipelines.Jobs;

/// <summary>
/// Runs attempts of tasks as executions of a container job. The launcher in the container records the result. An execution that ended
/// without a record was ended by the platform, which is not the task's fault: it is replaced, up to a maximum number of times.
/// </summary>
internal sealed class ContainerJobs(ContainerJobOptions options, JobClient client, TimeProvider time)
{
    /// <summary>An environment variable that identifies the execution, so that a start whose response was lost can be found.</summary>
    public const string StartVariable = "MLOPS_START";

    /// <summary>The launcher's time for staging and storing, in addition to the task's own time.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(30);

    public static bool Takes(TaskCall call) =>
        call.Component is ComponentSpec.Container || (call.Component is ComponentSpec.Command && call.Resources is not null);

    public async Task<JobStep> StartAsync(Store store, int generation, TaskCall call, string? waiter, CancellationToken cancellationToken)
    {
        var order = JsonSerializer.SerializeToUtf8Bytes(new JobOrder(store.Workspace, generation, call, waiter), StorageJson.Options);
        var handle = new JobHandle
        {
            JobId = JobIdOf(call.Resources),
            Execution = "",
            Order = (await store.Content.PutBytesAsync(order, cancellationToken)).Digest,
            Path = call.Path,
            Attempt = call.Attempt,
            IsShielded = call.IsShielded,
            Timeout = call.Timeout,
            StartedAt = time.GetUtcNow(),
        };
        return JobStep.On(await LaunchAsync(store, call, handle, cancellationToken));
    }

    /// <summary>Checks an execution without a recorded result. Returns null if it should be left alone.</summary>
    /// <param name="store">The workspace.</param>
    /// <param name="handle">The execution.</param>
    /// <param name="isBegun">Whether its launcher has started.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<JobStep> PollAsync(Store store, JobHandle handle, bool isBegun, CancellationToken cancellationToken)
    {
        var execution = await client.FindAsync(handle.JobId, handle.Execution, cancellationToken);
        var age = time.GetUtcNow() - handle.StartedAt;
        if (execution is { IsOver: false })
        {
            if (!isBegun && age > options.StartDeadline)
            {
                await client.StopAsync(handle.JobId, handle.Execution, cancellationToken);
                return await ReplaceAsync(store, handle, $"did not start within {options.StartDeadline}", cancellationToken);
            }

            if (handle.Timeout is { } timeout && age > timeout + options.StartDeadline + Grace)
            {
                await client.StopAsync(handle.JobId, handle.Execution, cancellationToken);
                return JobStep.Over(
                    TaskResult.Fail(
                        new ServerlessException(
                            ErrorCodes.TaskTimedOut,
                            $"The container job did not end within its timeout of {timeout}, and was stopped.",
                            "Increase `timeout`, or check in the log what the task is waiting for."
                        )
                    )
                );
            }

            return JobStep.On(handle);
        }

        return await ReplaceAsync(
            store,
            handle,
            execution is null ? "no longer exists" : $"ended as {execution.Status} without a result",
            cancellationToken
        );
    }

    public Task StopAsync(JobHandle handle, CancellationToken cancellationToken) =>
        client.StopAsync(handle.JobId, handle.Execution, cancellationToken);

    private async Task<JobStep> ReplaceAsync(Store store, JobHandle handle, string why, CancellationToken cancellationToken)
    {
        if (handle.Restart >= options.Restarts)
        {
            return JobStep.Over(
                TaskResult.Fail(
                    new ServerlessException(
                        ErrorCodes.TaskFailed,
                        $"The container job's execution {handle.Execution} {why}, as did the {handle.Restart} before it.",
                        "The image may not exist or may lack the launcher, or the container ran out of memory. See the platform's log of "
                            + "the execution."
                    )
                )
            );
        }

        var order = JsonSerializer.Deserialize<JobOrder>(
            await store.Content.ReadAsync(handle.Order, cancellationToken),
            StorageJson.Options
        )!;
        return JobStep.On(
            await LaunchAsync(
                store,
                order.Call,
                handle with
                {
                    Restart = handle.Restart + 1,
                    Polls = 0,
                    StartedAt = time.GetUtcNow(),
                },
                cancellationToken
            )
        );
    }

    private async Task<JobHandle> LaunchAsync(Store store, TaskCall call, JobHandle handle, CancellationToken cancellationToken)
    {
        // Deterministic for this execution: a redelivered start finds what the first one started.
        var start = Convert.ToHexStringLower(
            SHA256.HashData(
                Encoding.UTF8.GetBytes(
                    string.Create(CultureInfo.InvariantCulture, $"{handle.Order}|{handle.Path}|{handle.Attempt}|{handle.Restart}")
                )
            )
        )[..32];
        if (await client.FindAsync(handle.JobId, StartVariable, start, cancellationToken) is { } there)
        {
            return handle with { Execution = there.Name };
        }

        var job = await client.GetJobAsync(handle.JobId, cancellationToken);
        var size = JobSize.Of(call.Resources);
        var profile = (string?)job["properties"]?["workloadProfileName"];
        if (JobSize.GpuOf(call.Resources) is { } gpu && profile is not null && profile != size!.Profile)
        {
            throw new ServerlessException(
                ErrorCodes.Environment,
                $"The task requires the workload profile {size.Profile}, but job {handle.JobId} has {profile}.",
                $"Set {ContainerJobOptions.JobSetting}_{gpu.ToUpperInvariant()} to a job with that profile.",
                500
            );
        }

        var template = JobTemplate.For(
            job["properties"]?["template"]
                ?? throw new ServerlessException(ErrorCodes.Environment, $"Job {handle.JobId} has no template.", status: 500),
            options.Container,
            call.Component is ComponentSpec.Container container ? container.Image : call.Resources?.Image,
            [options.Launcher, "task", "exec", handle.Order],
            new Dictionary<string, string> { ["MLOPS_WORKSPACE"] = store.Workspace, [StartVariable] = start },
            (call.Platform?.Secrets ?? []).ToDictionary(s => s.Variable, s => $"{s.Secret}-{s.Key}".ToLowerInvariant()),
            // A job on a GPU profile runs everything there, so its own size applies.
            size is not null
            && profile is not null
            && profile != size.Profile
                ? null
                : size
        );
        try
        {
            return handle with { Execution = await client.StartAsync(handle.JobId, template, cancellationToken) };
        }
        catch (Exception e) when (e is not OperationCanceledException and not ServerlessException { Code: ErrorCodes.Environment })
        {
            // The response was lost, or says that a retry may work: the execution may have started anyway.
            return await client.FindAsync(handle.JobId, StartVariable, start, cancellationToken) is { } begun
                ? handle with
                {
                    Execution = begun.Name,
                }
                : throw e as ServerlessException
                    ?? ServerlessException.Unavailable($"Cannot start the container job: {e.Message}", inner: e);
        }
    }

    private string JobIdOf(ResourceSpec? resources) =>
        JobSize.GpuOf(resources) is { } gpu && options.GpuJobIds.TryGetValue(gpu, out var own) ? own : options.JobId;
}
