using System.Globalization;
using Serverless.Api.Http;
using Serverless.Core;
using Serverless.Tracking.Search;

namespace Serverless.Api.Mlflow;

/// <summary>MLflow's searches for runs, experiments and datasets.</summary>
internal static class SearchEndpoints
{
    private const int MaxRuns = 50_000;
    private const int DefaultRuns = 1_000;
    private const int MaxExperiments = 50_000;
    private const int MaxDatasets = 1_000;

    public static IReadOnlyList<RestEndpoint> All { get; } =
    [
        new(
            "POST",
            "runs/search",
            [
                new("experiment_ids", RestType.List),
                new("filter", RestType.Text),
                new("max_results", RestType.Int64, Max: MaxRuns),
                new("order_by", RestType.TextList),
            ],
            RunsAsync
        ),
        new("POST", "experiments/search", Experiments, call => ExperimentsAsync(call, 0)),
        new("GET", "experiments/search", Experiments, call => ExperimentsAsync(call, 0)),
        // MLflow 1 clients, such as the npm package, list where later ones search.
        new("GET", "experiments/list", Experiments, call => ExperimentsAsync(call, MaxExperiments)),
        new("POST", "experiments/search-datasets", [new("experiment_ids", RestType.List)], DatasetsAsync)
        {
            Prefixes = ["/ajax-api/2.0/mlflow/"],
        },
    ];

    private static IReadOnlyList<RestField> Experiments =>
        [
            new("view_type", RestType.TextOrNumber),
            new("max_results", RestType.Int64),
            new("filter", RestType.Text),
            new("order_by", RestType.TextList),
            new("page_token", RestType.Text),
        ];

    private static async Task RunsAsync(RestCall call)
    {
        var filter = SearchFilter.Parse(call.Text("filter"), SearchTarget.Runs);
        var order = SearchOrder.Parse(call.Texts("order_by"), SearchTarget.Runs);
        var token = call.Text("page_token");
        PageToken.ParseOffset(token);
        var most = (int)(call.Int64("max_results") ?? DefaultRuns);
        CheckPositive(most);
        var view = ViewOf(call.Text("run_view_type"));
        var lists = await Task.WhenAll(
            call.Texts("experiment_ids").Distinct().Select(id => call.Workspace.Runs.ListAsync(id, call.Aborted))
        );
        var found = lists.SelectMany(l => l).Where(r => view(r.IsDeleted) && filter.Matches(r, RunAccessor.Instance));
        var (items, offset) = order.From(token, found, RunAccessor.Instance);
        var page = await Task.WhenAll(
            TopItems
                .Page(items, order.Comparer(RunAccessor.Instance), offset, most)
                .Select(r => DatasetTexts.LoadAsync(r, call.Workspace.Store.Content, call.Aborted))
        );
        await call.ReplyAsync(json =>
        {
            if (page.Length > 0)
            {
                json.WriteStartArray("runs");
                foreach (var run in page)
                {
                    json.WriteStartObject();
                    RunJson.Write(json, run);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            // As in MLflow, a full page has a next page token, even if the next page is empty.
            if (page.Length == most)
            {
                json.WriteString("next_page_token", order.TokenAfter(page[^1], token, most, RunAccessor.Instance));
            }
        });
    }

    private static async Task ExperimentsAsync(RestCall call, long unless)
    {
        var most = call.Int64("max_results") ?? unless;
        if (most < 1)
        {
            throw ServerlessException.Invalid(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Invalid value {most} for parameter 'max_results' supplied. It must be a positive integer"
                )
            );
        }

        if (most > MaxExperiments)
        {
            throw ServerlessException.Invalid(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Invalid value {most} for parameter 'max_results' supplied. It must be at most {MaxExperiments}"
                )
            );
        }

        var filter = SearchFilter.Parse(call.Text("filter"), SearchTarget.Experiments);
        var order = SearchOrder.Parse(call.Texts("order_by"), SearchTarget.Experiments);
        var token = call.Text("page_token");
        PageToken.ParseOffset(token);
        var view = ViewOf(call.Text("view_type"));
        var all = await call.Workspace.Runs.Experiments.ListAsync(call.Aborted);
        var found = all.Where(e => view(e.IsDeleted) && filter.Matches(e, ExperimentAccessor.Instance));
        var (items, offset) = order.From(token, found, ExperimentAccessor.Instance);
        var page = TopItems.Page(items, order.Comparer(ExperimentAccessor.Instance), offset, (int)most + 1);
        await call.ReplyAsync(json =>
        {
            if (page.Count > 0)
            {
                json.WriteStartArray("experiments");
                foreach (var experiment in page.Take((int)most))
                {
                    json.WriteStartObject();
                    ExperimentEndpoints.Write(json, experiment);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            if (page.Count > most)
            {
                json.WriteString("next_page_token", order.TokenAfter(page[(int)most - 1], token, (int)most, ExperimentAccessor.Instance));
            }
        });
    }

    private static async Task DatasetsAsync(RestCall call)
    {
        const string Request = "SearchDatasets request";
        var ids = call.Texts("experiment_ids");
        if (ids.Count == 0)
        {
            throw ServerlessException.Invalid($"{Request} must specify at least one experiment_id.");
        }

        if (ids.Count > 20)
        {
            throw ServerlessException.Invalid(
                $"{Request} cannot specify more than 20 experiment_ids. Received {ids.Count} experiment_ids."
            );
        }

        var lists = await Task.WhenAll(ids.Distinct().Select(id => call.Workspace.Runs.ListAsync(id, call.Aborted)));
        var summaries = lists
            .SelectMany(l => l)
            .SelectMany(run => run.Inputs.Select(i => (run.ExperimentId, i.Name, i.Digest, Context: RunAccessor.ContextOf(i))))
            .Distinct()
            .Take(MaxDatasets)
            .ToList();
        await call.ReplyAsync(json =>
        {
            if (summaries.Count == 0)
            {
                return;
            }

            json.WriteStartArray("dataset_summaries");
            foreach (var (experiment, name, digest, context) in summaries)
            {
                json.WriteStartObject();
                json.WriteString("experiment_id", experiment);
                json.WriteString("name", name);
                json.WriteString("digest", digest);
                if (context is not null)
                {
                    json.WriteString("context", context);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    private static void CheckPositive(int most)
    {
        if (most < 1)
        {
            throw ServerlessException.Invalid(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Invalid value {most} for parameter 'max_results' supplied. It must be a positive integer"
                )
            );
        }
    }

    /// <summary>The lifecycle stages that a search includes, by name or by number in the protocol.</summary>
    private static Func<bool, bool> ViewOf(string? view) =>
        view?.ToUpperInvariant() switch
        {
            null or "" or "ACTIVE_ONLY" or "1" => isDeleted => !isDeleted,
            "DELETED_ONLY" or "2" => isDeleted => isDeleted,
            "ALL" or "3" => _ => true,
            _ => throw ServerlessException.Invalid($"Invalid view type '{view}': it is one of ACTIVE_ONLY, DELETED_ONLY, ALL."),
        };
}
