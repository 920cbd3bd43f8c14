using System.Globalization;
using Serverless.Core;
using Serverless.Tracking.Writing;

namespace Serverless.Tracking.Runs;

/// <summary>Edits of a run as pure functions of its state. The writer repeats them if another host was faster.</summary>
public static class RunEdits
{
    public const string NameTag = "mlflow.runName";
    private const double Largest = 1.7976931348623157e308;

    public static Run CheckActive(this Run run) =>
        run.IsDeleted
            ? throw ServerlessException.Invalid($"The run {run.Id} must be in the 'active' state. Current state is deleted.")
            : run;

    /// <summary>Deletes softly, or restores.</summary>
    public static Run WithDeletion(this Run run, bool isDeleted, long now) =>
        run.IsDeleted == isDeleted ? run
        : run.IsCollected ? throw ServerlessException.Invalid($"The run {run.Id} is being permanently removed and cannot be restored.")
        : run with { DeletedMilliseconds = isDeleted ? now : null };

    /// <summary>Logs params, which never change: the same value again is accepted, a different one is an error.</summary>
    public static Run WithParams(this Run run, IReadOnlyList<KeyValuePair<string, string>> added)
    {
        if (added.Count == 0)
        {
            return run;
        }

        var values = new Dictionary<string, string>(run.Params);
        var different = new List<(string Key, string Old, string New)>();
        foreach (var (key, value) in added)
        {
            if (!values.TryAdd(key, value) && values[key] != value)
            {
                different.Add((key, values[key], value));
            }
        }

        var shown = different.Select(d => $"{{'key': '{d.Key}', 'old_value': '{d.Old}', 'new_value': '{d.New}'}}");
        return different switch
        {
            [] => run with { Params = values },
            [var one] when added.Count == 1 => throw ServerlessException.Invalid(
                $"Changing param values is not allowed. Param with key='{one.Key}' was already logged with value='{one.Old}' for run "
                    + $"ID='{run.Id}'. Attempted logging new value '{one.New}'."
            ),
            _ => throw ServerlessException.Invalid(
                $"Changing param values is not allowed. Params were already "
                    + $"logged='[{string.Join(", ", shown)}]' for run ID='{run.Id}'."
            ),
        };
    }

    /// <summary>Sets the name and its tag, which are the same value.</summary>
    public static Run WithTags(this Run run, IReadOnlyList<KeyValuePair<string, string>> added)
    {
        if (added.Count == 0)
        {
            return run;
        }

        var tags = new Dictionary<string, string>(run.Tags);
        foreach (var (key, value) in added)
        {
            tags[key] = value;
        }

        return run with
        {
            Tags = tags,
            Name = tags.GetValueOrDefault(NameTag, run.Name),
        };
    }

    public static Run WithoutTag(this Run run, string key)
    {
        if (!run.Tags.ContainsKey(key))
        {
            throw ServerlessException.NotFound($"No tag with name: {key} in run with id {run.Id}");
        }

        return run with
        {
            Tags = run.Tags.Where(t => t.Key != key).ToDictionary(),
        };
    }

    /// <summary>
    /// Logs the latest value of each metric. Infinities are stored as the largest finite numbers, as MLflow's server does.
    /// </summary>
    public static (Run Run, IReadOnlyList<MetricEntry> Points) WithMetrics(this Run run, IReadOnlyList<MetricEntry> added)
    {
        if (added.Count == 0)
        {
            return (run, added);
        }

        var points = added
            .Distinct()
            .Select(p => p with { Value = double.IsInfinity(p.Value) ? Math.CopySign(Largest, p.Value) : p.Value })
            .ToList();
        var latest = new Dictionary<string, MetricPoint>(run.Metrics);
        foreach (var point in points)
        {
            var mine = new MetricPoint(point.Value, point.Step, point.Timestamp);
            if (!latest.TryGetValue(point.Key, out var there) || mine.IsAfter(there))
            {
                latest[point.Key] = mine;
            }
        }

        return (run with { Metrics = latest }, points);
    }

    public static Run WithInputs(this Run run, IReadOnlyList<DatasetInput> added)
    {
        var inputs = run.Inputs.ToList();
        foreach (var input in added)
        {
            if (!inputs.Exists(i => i.Name == input.Name && i.Digest == input.Digest))
            {
                inputs.Add(input);
            }
        }

        return run with
        {
            Inputs = inputs,
        };
    }

    public static Run WithModels(this Run run, IReadOnlyList<string> inputs, IReadOnlyList<ModelOutput> outputs) =>
        run with
        {
            ModelInputs = [.. run.ModelInputs.Union(inputs)],
            ModelOutputs = [.. run.ModelOutputs.Union(outputs)],
        };

    /// <summary>Updates name, status and end time, as far as given.</summary>
    public static Run WithInfo(this Run run, RunStatus? status, long? end, string? name)
    {
        run = run with { Status = status ?? run.Status, EndMilliseconds = end ?? run.EndMilliseconds };
        return string.IsNullOrEmpty(name) ? run : run.WithTags([new(NameTag, name)]);
    }

    public static string FormatStatus(RunStatus status) => status.ToString().ToUpperInvariant();

    /// <summary>Parses a status by its name or its number in the protocol.</summary>
    public static RunStatus ParseStatus(string status) =>
        status.ToUpper(CultureInfo.InvariantCulture) switch
        {
            "RUNNING" or "1" => RunStatus.Running,
            "SCHEDULED" or "2" => RunStatus.Scheduled,
            "FINISHED" or "3" => RunStatus.Finished,
            "FAILED" or "4" => RunStatus.Failed,
            "KILLED" or "5" => RunStatus.Killed,
            _ => throw ServerlessException.Invalid(
                $"Invalid run status '{status}'. Use one of RUNNING, SCHEDULED, FINISHED, FAILED, KILLED."
            ),
        };
}
