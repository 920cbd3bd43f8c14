using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Serverless.Api.Artifacts;
using Serverless.Api.Hosting;
using Serverless.Core;
using Serverless.Pipelines.Execution;
using Serverless.Tracking.Runs;

namespace Serverless.Api.Native.Console;

/// <summary>A pipeline's run: its graph with what became of each task, its logs, and pages that it wrote.</summary>
internal static class RunViewEndpoints
{
    /// <summary>How much of a log one answer carries.</summary>
    private const int LogPart = 1 << 20;

    private const int LongestPage = 64 << 20;
    private const string Reports = "drift/";

    public static void Map(Action<string, string, Func<ConsoleCall, Task<object?>>> on)
    {
        on("GET", "runs/{run_id}/pipeline", PipelineAsync);
        on("GET", "runs/{run_id}/log", LogAsync);
        on("GET", "runs/{run_id}/view", ViewAsync);
        on("GET", "reports/view", ReportAsync);
    }

    public static async Task<Run> RunAsync(ConsoleCall call) =>
        await call.Workspace.Runs.FindAsync(call.Route("run_id"), call.Stopped)
        ?? throw ServerlessException.NotFound($"Run with id={call.Route("run_id")} not found");

    private static async Task<object?> PipelineAsync(ConsoleCall call)
    {
        var run = await RunAsync(call);
        if (run.Pipeline is null)
        {
            // A client's run has no graph. The page asks this of every run, so it is no error.
            return new { run = RunPart.Of(run) };
        }

        var definition = await RunDefinitions.ReadAsync(call.Workspace.Store.Content, run, call.Stopped);
        var tasks = await TaskRecords.ListAsync(call.Workspace.Runs, run, call.Stopped);
        return PipelineView.Of(run, definition, tasks);
    }

    /// <summary>A part of a task's log from a byte on; only whole lines, so that no character is cut in two.</summary>
    private static async Task<object?> LogAsync(ConsoleCall call)
    {
        var run = await RunAsync(call);
        var offset =
            call.Query("offset") is not { } text ? 0
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw ServerlessException.Invalid($"offset is '{text}'.", "Give a whole number of bytes, as next_offset says it.");
        var tasks = await TaskRecords.ListAsync(call.Workspace.Runs, run, call.Stopped);
        var path = call.Query("task") ?? run.Task?.Path;
        var task = tasks.FirstOrDefault(t => t.Path == path);
        if (task is null)
        {
            // A task that has not started has no record; while the run goes on, its log may still come.
            return path is not null && !run.IsEnded
                ? new
                {
                    task = path,
                    offset,
                    next_offset = offset,
                    text = "",
                    is_ended = false,
                }
                : throw ServerlessException.NotFound(
                    path is null ? $"The run {run.Id[..8]} has several tasks." : $"The run {run.Id[..8]} has no task '{path}'.",
                    $"Give one as `task`: {string.Join(", ", tasks.Select(t => t.Path))}."
                );
        }

        var isEnded = task.EndedAt is not null || run.IsEnded;
        var (part, next) = task.Log is null ? ("", offset) : await ReadAsync(call, task.Log, offset, isEnded);
        return new
        {
            task = task.Path,
            offset,
            next_offset = next,
            text = part,
            is_ended = isEnded,
        };
    }

    private static async Task<(string Text, long Next)> ReadAsync(ConsoleCall call, string log, long offset, bool isEnded)
    {
        await using var stream = await call.Workspace.Store.Logs.OpenAsync(log, 0, call.Stopped);
        if (stream is null || offset >= stream.Length)
        {
            return ("", offset);
        }

        stream.Seek(offset, SeekOrigin.Begin);
        var bytes = new byte[Math.Min(LogPart, stream.Length - offset)];
        var read = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, call.Stopped);
        var whole = bytes.AsSpan(0, read).LastIndexOf((byte)'\n') + 1;
        // A line longer than a part, and the last one of a log that has ended, come as they are.
        var length = whole > 0 && !(isEnded && offset + read == stream.Length) ? whole : read;
        return (Encoding.UTF8.GetString(bytes, 0, length), offset + length);
    }

    /// <summary>
    /// A page that a run wrote, shown in place: in a sandbox without an origin, so that it reaches neither this site nor its cookies. It
    /// has no network, and scripts only if the reader asks for them.
    /// </summary>
    private static async Task<object?> ViewAsync(ConsoleCall call)
    {
        var run = await RunAsync(call);
        return await SendPageAsync(call, ArtifactPath.Join(ArtifactLocation.PathOf(run), PathOf(call)));
    }

    /// <summary>A drift report, which belongs to no run.</summary>
    private static Task<object?> ReportAsync(ConsoleCall call) =>
        PathOf(call) is var path && path.StartsWith(Reports, StringComparison.Ordinal)
            ? SendPageAsync(call, path)
            : throw ServerlessException.NotFound($"There is no report '{path}'.", $"Reports are below '{Reports}'.");

    private static string PathOf(ConsoleCall call) =>
        ArtifactPath.ParseFile(
            call.Query("path") ?? throw ServerlessException.Invalid("The path is missing.", "Give the page's path as `path`.")
        );

    private static async Task<object?> SendPageAsync(ConsoleCall call, string path)
    {
        if (!path.EndsWith(".html", StringComparison.OrdinalIgnoreCase) && !path.EndsWith(".htm", StringComparison.OrdinalIgnoreCase))
        {
            throw ServerlessException.Invalid($"'{path}' is not an HTML page.", "Download it with the artifact API.");
        }

        await using var content =
            await call.Workspace.Artifacts.OpenAsync(path, call.Stopped)
            ?? throw ServerlessException.NotFound($"No such artifact: '{path}'");
        if (content.Info.Length > LongestPage)
        {
            throw ServerlessException.Invalid($"'{path}' is larger than {LongestPage >> 20} MiB.", "Download it, and open it from there.");
        }

        Sandbox(call.Http.Response, call.Query("scripts") == "1");
        await content.Body.CopyToAsync(call.Http.Response.Body, call.Stopped);
        return null;
    }

    public static void Sandbox(HttpResponse response, bool withScripts)
    {
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentSecurityPolicy =
            (withScripts ? "sandbox allow-scripts; script-src 'unsafe-inline' 'unsafe-eval'; " : "sandbox; ")
            + "default-src 'none'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; media-src data:; frame-ancestors 'self'";
    }
}
