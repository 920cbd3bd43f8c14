using System.Security.Cryptography;
using System.Text;
using Serverless.Core;
using Serverless.Data.Values;
using Serverless.Data.Yaml;
using Serverless.Tracking.Alerts;
using Serverless.Training.Promotion;

namespace Serverless.Automation.Policies.Document;

/// <summary>Reads a policy. Reports all errors at once, with line and fix.</summary>
public static class PolicyReader
{
    internal const string Root = "the policy";

    private const string ModelFix = "Name the registered model: `model: churn`.";

    /// <param name="text">The YAML document.</param>
    /// <param name="file">The file name for messages.</param>
    public static TrainingPolicy Read(string text, string file)
    {
        var findings = new List<Diagnostic>();
        var root = YamlReader.Parse(text, file);
        if (root is not DataMap map)
        {
            throw ServerlessException.Invalid($"'{file}' is not a policy.", [new Diagnostic(file, 1, "A policy must be a map.", ModelFix)]);
        }

        var section = new PolicySection(map, Root, file, findings);
        var policy = new TrainingPolicy
        {
            Model = section.Required("model", ModelFix),
            ModelLine = section.LineOf("model"),
            Description = section.Text("description"),
            Pipeline = section.Text("pipeline") ?? ".",
            Data = [.. ReadData(section)],
            Params = ReadParams(section),
            Triggers = [.. TriggerReader.Read(section)],
            Limits = ReadLimits(section),
            Promotion = PlanSections.Read<PromotionRules>(section, "promotion", p => p.Check()),
            Rollout = PlanSections.Read<RolloutPlan>(section, "rollout", p => p.Check()),
            Alerts = PlanSections.ReadList<AlertTarget>(section, "alerts", a => a.Check()),
            Replay = ReadReplay(section),
        };
        section.Done();
        PolicyRules.Check(policy, section);
        if (findings.Count > 0)
        {
            throw ServerlessException.Invalid(
                $"'{file}' has {(findings.Count == 1 ? "one error" : $"{findings.Count} errors")}: nothing was applied.",
                [.. findings.OrderBy(f => f.Line)]
            );
        }

        return policy;
    }

    /// <summary>The digest that identifies a policy's text.</summary>
    public static string DigestOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];

    private static IEnumerable<DataBinding> ReadData(PolicySection root)
    {
        if (root.Section("data") is not { } data)
        {
            yield break;
        }

        foreach (var path in data.Keys.ToList())
        {
            if (data.Raw(path) is { AsText: { Length: > 0 } dataset })
            {
                yield return new DataBinding
                {
                    Path = path,
                    Dataset = dataset,
                    Line = data.LineOf(path),
                };
            }
            else if (data.Section(path) is { } one)
            {
                var versions = one.Raw("take") is DataScalar { Value: System.Numerics.BigInteger } ? one.Whole("take", 1, 1000) : null;
                yield return new DataBinding
                {
                    Path = path,
                    Line = data.LineOf(path),
                    Dataset = one.Required("dataset", "Name the dataset whose versions replace this path."),
                    Take = versions is not null
                        ? DataTake.Last
                        : one.OneOf("take", new Dictionary<string, DataTake> { ["latest"] = DataTake.Latest, ["all"] = DataTake.All })
                            ?? DataTake.Latest,
                    Versions = versions ?? 1,
                    AllowNewColumns = one.Bool("allow_new_columns") ?? false,
                };
                one.Done();
            }
        }
    }

    private static Dictionary<string, string> ReadParams(PolicySection root)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        if (root.Section("params") is { } section)
        {
            foreach (var key in section.Keys.ToList())
            {
                values[key] = PythonJson.Dump(section.Raw(key) ?? DataScalar.Null());
            }
        }

        return values;
    }

    private static TrafficReplay? ReadReplay(PolicySection root)
    {
        if (root.Section("replay") is not { } replay)
        {
            return null;
        }

        var read = new TrafficReplay
        {
            Data = replay.Required("data", "Name a file with rows to send: `replay: {data: traffic.csv, label: churn}`."),
            Label = replay.Text("label"),
            PerSecond = replay.Whole("per_second", 1, 1000) ?? 50,
            Line = root.LineOf("replay"),
        };
        replay.Done();
        return read;
    }

    private static PolicyLimits ReadLimits(PolicySection root)
    {
        if (root.Section("limits") is not { } limits)
        {
            return new PolicyLimits();
        }

        var read = new PolicyLimits
        {
            Cooldown = limits.Time("cooldown", mayBeZero: true) ?? TimeSpan.Zero,
            RunsPerDay = limits.Whole("runs_per_day", 1),
            QuietHours = limits.Section("quiet_hours") is { } quiet ? ReadQuiet(quiet) : null,
        };
        limits.Done();
        return read;
    }

    private static QuietHours? ReadQuiet(PolicySection quiet)
    {
        var days = new List<DayOfWeek>();
        foreach (var day in quiet.Texts("days") ?? [])
        {
            if (
                Enum.GetValues<DayOfWeek>()
                    .Where(d => day.Length >= 3 && d.ToString().StartsWith(day, StringComparison.OrdinalIgnoreCase))
                    .ToList()
                is [var one]
            )
            {
                days.Add(one);
            }
            else
            {
                quiet.Wrong("days", $"'{day}' is not a day of the week.", "Use mon, tue, wed, thu, fri, sat or sun.");
            }
        }

        var zone = quiet.Zone("time_zone") ?? TimeZoneInfo.Utc;
        var (from, to) = (At(quiet, "from"), At(quiet, "to"));
        quiet.Done();
        if (from is not { } start || to is not { } end)
        {
            return null;
        }

        if (start == end)
        {
            quiet.Wrong(
                "to",
                "The quiet hours begin and end at the same time.",
                "To stop all automatic runs, pause the model: `mlops pause MODEL`."
            );
        }

        return new QuietHours
        {
            From = start,
            To = end,
            TimeZone = zone,
            Days = days,
        };
    }

    private static TimeOnly? At(PolicySection section, string key)
    {
        var text = section.Required(key, "Give a time of day in quotes, such as '22:00'.");
        if (text.Length > 0 && !TimeOnly.TryParseExact(text, ["HH:mm", "H:mm"], out _))
        {
            section.Wrong(key, $"'{text}' is not a time of day.", "Give it in quotes, such as '22:00'.");
            return null;
        }

        return text.Length == 0 ? null : TimeOnly.ParseExact(text, ["HH:mm", "H:mm"]);
    }
}
