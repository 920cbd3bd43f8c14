using System.Globalization;
using Serverless.Core;
using Serverless.Tracking.Runs;
using Serverless.Tracking.Writing;

namespace Serverless.Tracking.Comparison;

/// <summary>A parameter or metric across all compared runs; null where a run lacks it.</summary>
public sealed record ComparedValue(string Name, IReadOnlyList<string?> Values)
{
    public bool IsDifferent => Values.Distinct(StringComparer.Ordinal).Skip(1).Any();

    /// <summary>Gets the values as numbers, if all of them are.</summary>
    public IReadOnlyList<double?>? Numbers { get; init; }
}

/// <summary>The points of a metric in one run, ordered by step.</summary>
public sealed record MetricCurve(string Name, IReadOnlyList<IReadOnlyList<MetricEntry>> Points);

/// <summary>A comparison of runs: parameters, results and metric histories.</summary>
public sealed class RunComparison
{
    public const int MostRuns = 50;

    private RunComparison(IReadOnlyList<Run> runs, IReadOnlyList<MetricCurve> curves)
    {
        Runs = runs;
        Curves = curves;
        Parameters = Of(runs, r => r.Params);
        Metrics =
        [
            .. Names(runs.SelectMany(r => r.Metrics.Keys))
                .Select(name =>
                {
                    var numbers = runs.Select(r => r.Metrics.TryGetValue(name, out var point) ? point.Value : (double?)null).ToList();
                    return new ComparedValue(name, [.. numbers.Select(n => n?.ToString("R", CultureInfo.InvariantCulture))])
                    {
                        Numbers = numbers,
                    };
                }),
        ];
        Tags = Of(runs, r => r.Tags.Where(t => !t.Key.StartsWith("mlflow.", StringComparison.Ordinal)).ToDictionary());
    }

    public IReadOnlyList<Run> Runs { get; }

    public IReadOnlyList<ComparedValue> Parameters { get; }

    /// <summary>Gets the latest values.</summary>
    public IReadOnlyList<ComparedValue> Metrics { get; }

    /// <summary>Gets the tags, except those that MLflow sets itself.</summary>
    public IReadOnlyList<ComparedValue> Tags { get; }

    /// <summary>Gets the metrics for which some run has more than one point.</summary>
    public IReadOnlyList<MetricCurve> Curves { get; }

    /// <summary>Compares runs of any experiments.</summary>
    public static async Task<RunComparison> LoadAsync(
        RunStore store,
        IReadOnlyList<string> ids,
        CancellationToken cancellationToken = default
    )
    {
        var runs = (await Task.WhenAll(ids.Select(id => store.GetAsync(id, cancellationToken)))).DistinctBy(r => r.Id).ToList();
        if (runs.Count < 2)
        {
            throw ServerlessException.Invalid(
                "A comparison needs at least two different runs.",
                "Specify at least two: `mlops runs compare 3f2a 81bc`."
            );
        }

        if (runs.Count > MostRuns)
        {
            throw ServerlessException.Invalid(
                $"Cannot compare {runs.Count} runs. The maximum is {MostRuns}.",
                "Compare fewer runs, for example the best ones."
            );
        }

        runs = [.. await Task.WhenAll(runs.Select(r => WithTaskParamsAsync(store, r, cancellationToken)))];
        var histories = await Task.WhenAll(runs.Select(r => store.GetHistoryAsync(r, null, cancellationToken)));
        var curves = Names(histories.SelectMany(h => h.Select(p => p.Key)))
            .Select(name => new MetricCurve(
                name,
                [
                    .. histories.Select(h =>
                        (IReadOnlyList<MetricEntry>)[.. h.Where(p => p.Key == name).OrderBy(p => p.Step).ThenBy(p => p.Timestamp)]
                    ),
                ]
            ))
            .Where(c => c.Points.Any(p => p.Count > 1));
        return new RunComparison(runs, [.. curves]);
    }

    /// <summary>What a pipeline's stages were told is recorded with their own runs; here it is `stage.name`.</summary>
    private static async Task<Run> WithTaskParamsAsync(RunStore store, Run run, CancellationToken cancellationToken)
    {
        if (run.Pipeline is null)
        {
            return run;
        }

        var parameters = new Dictionary<string, string>(run.Params);
        foreach (var task in await store.ListAsync(run.ExperimentId, cancellationToken))
        {
            if (task.Task is not { } own || own.RunId != run.Id)
            {
                continue;
            }

            foreach (var (name, value) in task.Params.Where(p => run.Params.GetValueOrDefault(p.Key) != p.Value))
            {
                parameters[$"{own.Path}.{name}"] = value;
            }
        }

        return run with
        {
            Params = parameters,
        };
    }

    private static List<ComparedValue> Of(IReadOnlyList<Run> runs, Func<Run, IReadOnlyDictionary<string, string>> values) =>
        [
            .. Names(runs.SelectMany(r => values(r).Keys))
                .Select(name =>
                {
                    var texts = runs.Select(r => values(r).GetValueOrDefault(name)).ToList();
                    var numbers = texts
                        .Select(t =>
                            t is not null && double.TryParse(t, NumberStyles.Float, CultureInfo.InvariantCulture, out var n)
                                ? n
                                : (double?)null
                        )
                        .ToList();
                    return new ComparedValue(name, texts)
                    {
                        Numbers = texts.Zip(numbers).All(p => p.First is null || p.Second is not null) ? numbers : null,
                    };
                }),
        ];

    private static IEnumerable<string> Names(IEnumerable<string> names) =>
        names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
}
