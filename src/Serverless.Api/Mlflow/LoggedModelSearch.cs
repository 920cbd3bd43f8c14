using System.Text;
using System.Text.Json;
using Serverless.Api.Http;
using Serverless.Core;
using Serverless.Tracking.LoggedModels;
using Serverless.Tracking.Search;

namespace Serverless.Api.Mlflow;

/// <summary>MLflow 3's search for logged models.</summary>
internal static class LoggedModelSearch
{
    private const int DefaultResults = 100;
    private const int MostResults = 10_000;

    public static RestEndpoint Endpoint { get; } =
        new(
            "POST",
            "logged-models/search",
            [
                new("experiment_ids", RestType.TextList, IsRequired: true),
                new("filter", RestType.Text),
                new("datasets", RestType.List),
                new("max_results", RestType.Int64),
                new("order_by", RestType.List),
                new("page_token", RestType.Text),
            ],
            SearchAsync
        );

    private static async Task SearchAsync(RestCall call)
    {
        var ids = call.Texts("experiment_ids").Distinct().ToList();
        if (ids.Count == 0)
        {
            throw ServerlessException.Invalid(
                "Missing value for required parameter 'experiment_ids'. See the API docs for more information about request parameters."
            );
        }

        var filter = SearchFilter.Parse(call.Text("filter"), SearchTarget.LoggedModels);
        var terms = call.List("order_by").Select(TermOf).ToList();
        var order = new LoggedModelOrder(terms);
        var accessor = new LoggedModelAccessor([.. call.List("datasets").Select(DatasetOf)]);
        var question = new Question(ids, call.TextOr("filter"), terms);
        var offset = question.OffsetOf(call.Text("page_token"));
        var most = call.Int64("max_results") is { } given and not 0 ? given : DefaultResults;
        if (most is < 1 or > MostResults)
        {
            throw ServerlessException.Invalid(
                $"Invalid value {most} for parameter 'max_results' supplied. It must be between 1 and {MostResults}."
            );
        }

        var lists = await Task.WhenAll(ids.Select(id => call.Workspace.LoggedModels.ListAsync(id, call.Aborted)));
        var found = lists.SelectMany(l => l).Where(m => !m.IsDeleted && accessor.HasDataset(m) && filter.Matches(m, accessor));
        var page = TopItems.Page(found, order, offset, (int)most + 1);
        await call.ReplyAsync(json =>
        {
            if (page.Count > 0)
            {
                json.WriteStartArray("models");
                foreach (var model in page.Take((int)most))
                {
                    LoggedModelJson.Write(json, model);
                }

                json.WriteEndArray();
            }

            if (page.Count > most)
            {
                json.WriteString("next_page_token", question.TokenAt(offset + (int)most));
            }
        });
    }

    private static LoggedModelTerm TermOf(JsonElement item)
    {
        var field = RestJson.TextOf(item, "field_name") is { Length: > 0 } given
            ? given
            : throw ServerlessException.Invalid(
                "Missing value for required parameter 'order_by.field_name'. See the API docs for more information about request "
                    + "parameters."
            );
        var isDescending = item.TryGetProperty("ascending", out var ascending) && ascending.ValueKind == JsonValueKind.False;
        return new LoggedModelTerm(field, !isDescending, RestJson.TextOf(item, "dataset_name"), RestJson.TextOf(item, "dataset_digest"));
    }

    private static (string Name, string? Digest) DatasetOf(JsonElement item) =>
        RestJson.TextOf(item, "dataset_name") is { Length: > 0 } name
            ? (name, RestJson.TextOf(item, "dataset_digest") is { Length: > 0 } digest ? digest : null)
            : throw ServerlessException.Invalid("`dataset_name` in the `datasets` clause must be specified.");

    /// <summary>The query of a page token. A token is valid only for its own query.</summary>
    private sealed record Question(IReadOnlyList<string> ExperimentIds, string Filter, IReadOnlyList<LoggedModelTerm> Order)
    {
        public string TokenAt(int offset) =>
            Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(new Token(ExperimentIds, Filter, Order, offset)));

        public int OffsetOf(string? token)
        {
            if (string.IsNullOrEmpty(token))
            {
                return 0;
            }

            try
            {
                var read = JsonSerializer.Deserialize<Token>(Encoding.UTF8.GetString(Convert.FromBase64String(token)))!;
                return !read.ExperimentIds.SequenceEqual(ExperimentIds) ? throw Other("Experiment IDs", "experiment IDs")
                    : read.Filter != Filter ? throw Other("Filter string", "filter string")
                    : !read.Order.SequenceEqual(Order) ? throw Other("Order by", "order by")
                    : Math.Max(0, read.Offset);
            }
            catch (Exception e) when (e is FormatException or JsonException or ArgumentNullException or NullReferenceException)
            {
                throw ServerlessException.Invalid($"Invalid page token: {token}.");
            }
        }

        private static ServerlessException Other(string what, string same) =>
            ServerlessException.Invalid($"{what} in the page token {(what.EndsWith('s') ? "do" : "does")} not match the requested {same}.");
    }

    private sealed record Token(IReadOnlyList<string> ExperimentIds, string Filter, IReadOnlyList<LoggedModelTerm> Order, int Offset);
}
