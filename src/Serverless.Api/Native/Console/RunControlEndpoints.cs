using System.Globalization;
using System.Text.Json;
using Serverless.Api.Http;
using Serverless.Core;
using Serverless.Pipelines.Engines.Local;
using Serverless.Tracking.Runs;

namespace Serverless.Api.Native.Console;

/// <summary>What people do with a pipeline's run: cancel it, retry what failed, run it again, answer a task that waits.</summary>
internal static class RunControlEndpoints
{
    public static void Map(Action<string, string, Func<ConsoleCall, Task<object?>>> on)
    {
        on("POST", "runs/{run_id}/cancel", CancelAsync);
        on("POST", "runs/{run_id}/retry", RetryAsync);
        on("POST", "runs/{run_id}/rerun", RerunAsync);
        on("POST", "runs/{run_id}/approve", ApproveAsync);
    }

    private static async Task<object?> CancelAsync(ConsoleCall call)
    {
        var body = await ConsoleApi.BodyAsync<CancelBody>(call.Http);
        var run = await PipelineRunAsync(call);
        return Answer(await call.Workspace.Pipelines.CancelAsync(run, body.Reason, call.Stopped));
    }

    private static async Task<object?> RetryAsync(ConsoleCall call)
    {
        var run = await call.Workspace.Pipelines.RetryAsync(await PipelineRunAsync(call), call.Stopped);
        call.Workspaces.RunSubmitted(call.Workspace);
        return Answer(run);
    }

    /// <summary>
    /// Without changes the same definition runs once more. Parameters can be changed where the pipeline file was kept: with a policy of a
    /// model that this pipeline trains.
    /// </summary>
    private static async Task<object?> RerunAsync(ConsoleCall call)
    {
        var body = await ConsoleApi.BodyAsync<RerunBody>(call.Http);
        var run = await PipelineRunAsync(call);
        var by = Caller.Of(call.Http).Name;
        if (body.Params is not { Count: > 0 } changes)
        {
            var again = await call.Workspace.Pipelines.RerunAsync(run, by, call.Stopped);
            call.Workspaces.RunSubmitted(call.Workspace);
            return Answer(again);
        }

        var policy =
            (await call.Workspace.Engine.ListAsync(call.Stopped)).FirstOrDefault(p => p.Pipeline.Name == run.Pipeline!.Pipeline)
            ?? throw ServerlessException.Invalid(
                $"Parameters of '{run.Pipeline!.Pipeline}' cannot be changed here: its pipeline file is not kept on the server. "
                    + "Apply a policy with `mlops policy apply`, which keeps the file, or edit params.yaml and run `mlops run`."
            );
        var parameters = changes.ToDictionary(
            p => $"params.{p.Key}",
            p => p.Value.ValueKind == JsonValueKind.String ? p.Value.GetString()! : p.Value.GetRawText()
        );
        return Answer(await call.Workspace.Engine.TrainAsync(policy.Policy.Model, parameters, by, null, call.Stopped));
    }

    private static async Task<object?> ApproveAsync(ConsoleCall call)
    {
        var body = await ConsoleApi.BodyAsync<ApproveBody>(call.Http);
        var task = body.Task ?? throw ServerlessException.Invalid("The task is missing.", """Send {"task": "deploy", "approve": true}.""");
        var run = await PipelineRunAsync(call);
        var by = Caller.Of(call.Http).Name;
        await call.Workspace.Pipelines.ApproveAsync(run, task, body.Approve ?? true, body.Reason, by, body.Role, call.Stopped);
        return new
        {
            run_id = run.Id,
            task,
            approved = body.Approve ?? true,
        };
    }

    private static async Task<Run> PipelineRunAsync(ConsoleCall call) =>
        await RunViewEndpoints.RunAsync(call) is { Pipeline: not null } run
            ? run
            : throw ServerlessException.Invalid(
                string.Create(CultureInfo.InvariantCulture, $"The run {call.Route("run_id")[..8]} is not a pipeline's run."),
                "Its client controls it."
            );

    private static object Answer(Run run) =>
        new
        {
            run_id = run.Id,
            experiment_id = run.ExperimentId,
            status = RunEdits.FormatStatus(run.Status),
        };

    internal sealed class CancelBody
    {
        public string? Reason { get; init; }
    }

    internal sealed class RerunBody
    {
        public Dictionary<string, JsonElement>? Params { get; init; }
    }

    internal sealed class ApproveBody
    {
        public string? Task { get; init; }

        public bool? Approve { get; init; }

        public string? Reason { get; init; }

        public string? Role { get; init; }
    }
}
