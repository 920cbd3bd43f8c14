using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Automation.Policies.Document;
using Serverless.Automation.Policies.Engine;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Serving.Logging;
using Serverless.Serving.Rollouts;
using Serverless.Storage;

namespace Serverless.Local.Hosting;

/// <summary>
/// While a rollout is open and the model's policy requests a replay, sends the rows of a file to the model over HTTP, as any client
/// would, and reports their labels afterwards. Without such a policy, it does not query the store.
/// </summary>
internal sealed class ReplayService(
    Uri address,
    WorkspaceFolder folder,
    Serverless.Api.Hosting.WorkspaceServices workspace,
    ILogger logger,
    TimeProvider time
) : IDisposable
{
    private const int TurnsPerSecond = 5;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan IdleInterval = TimeSpan.FromSeconds(20);
    private readonly HttpClient http = new() { BaseAddress = address };
    private readonly SemaphoreSlim woken = new(0);

    /// <summary>Wakes the service because a run has ended and may have started a rollout.</summary>
    public void Wake() => woken.Release();

    public void Dispose()
    {
        http.Dispose();
        woken.Dispose();
    }

    public async Task RunAsync(CancellationToken stopped)
    {
        while (!stopped.IsCancellationRequested)
        {
            var wait = IdleInterval;
            try
            {
                foreach (var policy in (await workspace.Engine.ListAsync(stopped)).Where(p => p.Policy.Replay is not null))
                {
                    if (
                        (await workspace.Rollouts.Rollouts.ListOpenAsync(stopped)).Any(r =>
                            r.Model == policy.Policy.Model && r.State == RolloutState.Running
                        )
                    )
                    {
                        await ReplayAsync(policy, stopped);
                        wait = Interval;
                    }
                }
            }
            catch (OperationCanceledException) when (stopped.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                PolicyLog.Failed(logger, e is ServerlessException or HttpRequestException ? e.Message : e.ToString());
            }

            using var turn = CancellationTokenSource.CreateLinkedTokenSource(stopped);
            await Task.WhenAny(Task.Delay(wait, time, turn.Token), woken.WaitAsync(turn.Token));
            await turn.CancelAsync();
        }
    }

    /// <summary>Sends rows until the rollout is over.</summary>
    private async Task ReplayAsync(LoadedPolicy policy, CancellationToken stopped)
    {
        var model = policy.Policy.Model;
        var replay = policy.Policy.Replay!;
        var frame = await ReadAsync(policy, replay, stopped);
        var asked = frame.Columns.Where(c => c.Name != replay.Label).ToList();
        PolicyLog.Replaying(logger, model, replay.Data, replay.PerSecond);
        var row = 0;
        var turn = 0;
        while (!stopped.IsCancellationRequested)
        {
            var began = time.GetTimestamp();
            var rows = Enumerable.Range(row, Math.Max(1, replay.PerSecond / TurnsPerSecond)).Select(r => r % frame.RowCount).ToList();
            row += rows.Count;
            var ids = await Task.WhenAll(rows.Select(r => AskAsync(model, asked, r, stopped)));
            if (replay.Label is { } label)
            {
                await TellAsync(
                    model,
                    rows.Zip(ids).Where(a => a.Second is not null).Select(a => (a.Second!, frame[label].GetText(a.First))),
                    stopped
                );
            }

            if (
                ++turn % (TurnsPerSecond * 2) == 0
                && !(await workspace.Rollouts.Rollouts.ListOpenAsync(stopped)).Any(r => r.Model == model && r.State == RolloutState.Running)
            )
            {
                return;
            }

            var left = (TimeSpan.FromSeconds(1) / TurnsPerSecond) - time.GetElapsedTime(began);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(left, time, stopped);
            }
        }
    }

    /// <returns>The request ID. Null if there was no successful response.</returns>
    private async Task<string?> AskAsync(string model, List<Column> asked, int row, CancellationToken stopped)
    {
        var body = new JsonObject
        {
            ["dataframe_split"] = new JsonObject
            {
                ["columns"] = new JsonArray([.. asked.Select(c => (JsonNode)c.Name)]),
                ["data"] = new JsonArray(new JsonArray([.. asked.Select(c => ValueOf(c, row))])),
            },
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{folder.Prefix}models/{Uri.EscapeDataString(model)}/invocations")
        {
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("X-Request-Key", string.Create(CultureInfo.InvariantCulture, $"replay-{row}"));
        using var answer = await http.SendAsync(request, stopped);
        return answer.IsSuccessStatusCode && answer.Headers.TryGetValues("X-Request-Id", out var ids) ? ids.First() : null;
    }

    private async Task TellAsync(string model, IEnumerable<(string Id, string? Label)> answers, CancellationToken stopped)
    {
        var told = answers
            .Where(a => a.Label is not null)
            .Select(a => (JsonNode)new JsonObject { ["request_id"] = a.Id, ["label"] = a.Label })
            .ToArray();
        if (told.Length == 0)
        {
            return;
        }

        using var content = new StringContent(
            new JsonObject { ["feedback"] = new JsonArray(told) }.ToJsonString(),
            Encoding.UTF8,
            "application/json"
        );
        using var _ = await http.PostAsync($"{folder.Prefix}models/{Uri.EscapeDataString(model)}/feedback", content, stopped);
    }

    private static JsonNode? ValueOf(Column column, int row) =>
        column.IsNull(row)
            ? null
            : column.Type switch
            {
                ColumnType.Integer => column.GetInteger(row),
                ColumnType.Number => column.GetNumber(row),
                ColumnType.Boolean => column.GetNumber(row) != 0,
                _ => column.GetText(row),
            };

    private async Task<ColumnFrame> ReadAsync(LoadedPolicy policy, TrafficReplay replay, CancellationToken stopped)
    {
        var content =
            policy.Pipeline.Sources.GetValueOrDefault(replay.Data)
            ?? throw ServerlessException.NotFound(
                $"The replay file '{replay.Data}' was not stored with the policy.",
                "Apply the policy again from its folder."
            );
        var path = Path.Combine(folder.Work, $"replay-{content.Digest}{Path.GetExtension(replay.Data)}");
        if (!File.Exists(path))
        {
            await workspace.Store.Content.GetAsync(content, path, stopped);
        }

        return await ColumnReader.ReadAsync(path, new ColumnReaderOptions { RequireRows = true }, stopped);
    }
}

/// <summary>The location of a workspace, for a service of this host.</summary>
/// <param name="Prefix">Prefix of its URL paths: empty, or `w/NAME/`.</param>
/// <param name="Work">Folder for files.</param>
internal sealed record WorkspaceFolder(string Prefix, string Work);
