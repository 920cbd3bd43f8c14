using System.Globalization;
using Serverless.Core;
using Serverless.Tracking.Runs;
using Serverless.Tracking.Writing;

namespace Serverless.Tracking.Comparison;

/// <summary>One name in all compared runs; null where a run lacks it.</summary>
public sealed record ComparedValue(string Name, IReadOnlyList<string?> Values)
{
    public bool IsDifferent => Values.Distinct(StringComparer.Ordinal).Skip(1).Any();

    /// <summary>The same as numbers, if all that there are are numbers.</summary>
    public IReadOnlyList<double?>? Numbers { get; init; }
}

/// <summary>A metric's points in one run, in the order of steps.</summary>
public sealed record MetricCurve(string Name, IReadOnlyList<IReadOnlyList<MetricEntry>> Points);

/// <summary>Runs side by side: what they were told, what came out, and how the metrics went.</summary>
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

    /// <summary>The latest values.</summary>
    public IReadOnlyList<ComparedValue> Metrics { get; }

    /// <summary>Without those that MLflow sets itself.</summary>
    public IReadOnlyList<ComparedValue> Tags { get; }

    /// <summary>Metrics of which some run has more than one point.</summary>
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
                "A comparison needs two runs or more, and these are one.",
                "Name at least two: `mlops runs compare 3f2a 81bc`."
            );
        }

        if (runs.Count > MostRuns)
        {
            throw ServerlessException.Invalid(
                $"{runs.Count} runs do not fit side by side; {MostRuns} is the most.",
                "Compare the best of them."
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
