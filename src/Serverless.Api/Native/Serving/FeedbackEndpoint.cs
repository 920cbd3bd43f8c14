using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Serverless.Api.Hosting;
using Serverless.Core;
using Serverless.Monitoring.Performance.Estimation;
using Serverless.Serving.Logging;

namespace Serverless.Api.Native.Serving;

/// <summary>Records labels, and reports the performance of versions by their labels.</summary>
internal static class FeedbackEndpoint
{
    private const string Shapes =
        """Send {"request_id": …, "label": …}, with "row" for one of several rows or "labels" for all of them, """
        + """or {"feedback": [ … ]} with several of those.""";
    private const int MostHours = 24 * 366;

    public static async Task PostAsync(HttpContext http, WorkspaceServices workspace, string name)
    {
        var labels = Read(await InvocationBody.ReadAsync(http), workspace.Time.GetUtcNow());
        var server = workspace.Serving;
        var model = await server.FindAsync(name, http.RequestAborted);
        var result = await server.Feedback.RecordAsync(model.Model.Id, labels, http.RequestAborted);
        if (result.Recorded == 0 && result.Refused.Count > 0)
        {
            var isUnknown = result.Refused.Any(l => l.Why!.StartsWith("The request '", StringComparison.Ordinal));
            var more =
                result.Refused.Count > 1
                    ? string.Create(CultureInfo.InvariantCulture, $" ({result.Refused.Count} labels were rejected, none recorded.)")
                    : "";
            throw isUnknown
                ? ServerlessException.NotFound(result.Refused[0].Why + more, "Use the X-Request-Id of the response.")
                : ServerlessException.Invalid(result.Refused[0].Why + more);
        }

        await ServingEndpoints.ReplyAsync(http, new { recorded = result.Recorded, refused = result.Refused });
    }

    public static async Task ListAsync(HttpContext http, WorkspaceServices workspace, string name)
    {
        var model = await workspace.Serving.FindAsync(name, http.RequestAborted);
        await ServingEndpoints.ReplyAsync(
            http,
            new { refused = await workspace.Serving.Feedback.RefusedAsync(model.Model.Id, cancellationToken: http.RequestAborted) }
        );
    }

    /// <summary>The performance in the last hours, by version.</summary>
    public static async Task QualityAsync(HttpContext http, WorkspaceServices workspace, string name)
    {
        var text = http.Request.Query["hours"].ToString();
        var hours =
            text.Length == 0 ? 24
            : double.TryParse(text, CultureInfo.InvariantCulture, out var given) && given is > 0 and <= MostHours ? given
            : throw ServerlessException.Invalid($"hours has the invalid value '{text}'.", $"Use a number above 0, at most {MostHours}.");
        var model = await workspace.Serving.FindAsync(name, http.RequestAborted);
        // Include the most recent responses in the window.
        await workspace.Serving.FlushAsync(http.RequestAborted);
        var now = workspace.Time.GetUtcNow();
        var window = await workspace.Serving.Log.ReadAsync(
            model.Model.Id,
            new PredictionQuery(now.AddHours(-hours), now),
            http.RequestAborted
        );
        var versions = new List<object>();
        foreach (var quality in window.Quality())
        {
            versions.Add(
                new
                {
                    quality.Version,
                    quality.Rows,
                    quality.Labelled,
                    quality.Unscored,
                    quality.MeanScore,
                    quality.Metrics,
                    Estimate = Shown(
                        model.Find(quality.Version) is { } version
                            ? await workspace.Estimates.OfAsync(version, window, http.RequestAborted)
                            : new LoggedEstimate(quality.Rows, null, "the version was deleted")
                    ),
                }
            );
        }

        await ServingEndpoints.ReplyAsync(
            http,
            new
            {
                model = model.Model.Name,
                from = now.AddHours(-hours),
                to = now,
                is_logged = workspace.Serving.IsLogged(model),
                versions,
                is_truncated = window.IsTruncated,
                unreadable_lines = window.UnreadableLines,
            }
        );
    }

    /// <summary>Estimates without labels are separate from measured values, with a note.</summary>
    private static object Shown(LoggedEstimate estimate) =>
        new
        {
            is_estimate = true,
            note = estimate.Note,
            rows = estimate.Rows,
            metrics = EstimatedPerformance
                .Metrics.Where(_ => estimate.Performance is not null)
                .Select(name => (Name: name, Metric: estimate.Performance!.Of(name)))
                .ToDictionary(
                    m => m.Name,
                    m => new
                    {
                        value = Finite(m.Metric.Value),
                        low = Finite(m.Metric.Interval.Lower),
                        high = Finite(m.Metric.Interval.Upper),
                    }
                ),
        };

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private static List<Label> Read(ReadOnlyMemory<byte> body, DateTimeOffset now)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            var items =
                root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("feedback", out var several)
                && several.ValueKind == JsonValueKind.Array
                    ? several.EnumerateArray().ToList()
                    : [root];
            return [.. items.SelectMany(i => LabelsOf(i, now))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw ServerlessException.Invalid("The feedback is not in the expected JSON format.", Shapes);
        }
    }

    private static IEnumerable<Label> LabelsOf(JsonElement item, DateTimeOffset now)
    {
        if (
            item.ValueKind != JsonValueKind.Object
            || !item.TryGetProperty("request_id", out var id)
            || id.ValueKind != JsonValueKind.String
        )
        {
            throw ServerlessException.Invalid("A label has no request_id.", Shapes);
        }

        var request = id.GetString()!;
        if (item.TryGetProperty("labels", out var all))
        {
            return
            [
                .. all.EnumerateArray().Select((value, row) => new Label(request, row, TextOf(value), now)).Where(l => l.Value.Length > 0),
            ];
        }

        var row = item.TryGetProperty("row", out var at)
            ? at.ValueKind == JsonValueKind.Number && at.TryGetInt32(out var number)
                ? number
                : throw ServerlessException.Invalid("row is not a whole number.", Shapes)
            : 0;
        var text = item.TryGetProperty("label", out var label) ? TextOf(label) : "";
        return text.Length > 0
            ? [new Label(request, row, text, now)]
            : throw ServerlessException.Invalid("A label is missing or null.", Shapes);
    }

    /// <summary>A null among several labels means that the row's label is not known yet.</summary>
    private static string TextOf(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Number => value.TryGetInt64(out var whole)
                ? whole.ToString(CultureInfo.InvariantCulture)
                : value.GetDouble().ToString("R", CultureInfo.InvariantCulture),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            JsonValueKind.Null => "",
            _ => throw ServerlessException.Invalid("A label must be a string, a number or a boolean.", Shapes),
        };
}
