using System.Globalization;
using System.Numerics;
using Serverless.Core;
using Serverless.Data.Values;
using Serverless.Pipelines.Model;

namespace Serverless.Automation.Policies.Document;

/// <summary>
/// A map in a policy: reads the values of its keys and collects all errors.
/// </summary>
internal sealed class PolicySection(DataMap map, string owner, string file, List<Diagnostic> findings)
{
    private readonly List<string> known = [];

    public string Owner => owner;

    public int Line => map.Line;

    public IEnumerable<string> Keys => map.TextKeys;

    public bool Has(string key) => Find(key) is not null;

    /// <summary>The line of a key, or of the section if the key does not exist.</summary>
    public int LineOf(string key) => map.LineOf(key);

    public void Wrong(string key, string message, string? fix = null) => findings.Add(new Diagnostic(file, LineOf(key), message, fix));

    public void Wrong(int line, string message, string? fix = null) => findings.Add(new Diagnostic(file, line, message, fix));

    public string? Text(string key) =>
        Find(key) switch
        {
            null => null,
            { AsText: { Length: > 0 } text } => text,
            var value => Bad<string>(key, value, "text"),
        };

    public string Required(string key, string fix)
    {
        if (Find(key) is null)
        {
            findings.Add(new Diagnostic(file, map.Line, $"{owner} has no '{key}'.", fix));
            return "";
        }

        return Text(key) ?? "";
    }

    public bool? Bool(string key) =>
        Find(key) switch
        {
            null => null,
            { AsBool: { } truth } => truth,
            var value => Bad<bool?>(key, value, "true or false"),
        };

    public int? Whole(string key, int least = 0, int most = int.MaxValue) =>
        Find(key) switch
        {
            null => null,
            DataScalar { Value: BigInteger whole } when whole >= least && whole <= most => (int)whole,
            var value => Bad<int?>(
                key,
                value,
                most == int.MaxValue ? $"a whole number of at least {least}" : $"a whole number from {least} to {most}"
            ),
        };

    public double? Number(string key, double least = double.MinValue, double most = double.MaxValue, bool aboveLeast = false)
    {
        if (Find(key) is not { } value)
        {
            return null;
        }

        var number = value switch
        {
            DataScalar { Value: BigInteger whole } => (double)whole,
            DataScalar { Value: double real } => real,
            _ => double.NaN,
        };
        return number >= least && number <= most && !(aboveLeast && number == least)
            ? number
            : Bad<double?>(
                key,
                value,
                (least, most) switch
                {
                    (double.MinValue, double.MaxValue) => "a number",
                    (_, double.MaxValue) => $"a number {(aboveLeast ? "above" : "from")} {Show(least)}{(aboveLeast ? "" : " on")}",
                    _ => $"a number {(aboveLeast ? "above" : "from")} {Show(least)} {(aboveLeast ? "and up" : "")} to {Show(most)}".Replace(
                        "  ",
                        " ",
                        StringComparison.Ordinal
                    ),
                }
            );
    }

    /// <summary>A duration. Zero only if it is allowed.</summary>
    public TimeSpan? Time(string key, bool mayBeZero = false) =>
        Find(key) switch
        {
            null => null,
            DataScalar { Value: BigInteger { IsZero: true } } when mayBeZero => TimeSpan.Zero,
            { AsText: "0s" or "0" } when mayBeZero => TimeSpan.Zero,
            var value => Duration.Read(value) is { } time ? time : Bad<TimeSpan?>(key, value, Duration.Expected),
        };

    public IReadOnlyList<string>? Texts(string key)
    {
        switch (Find(key))
        {
            case null:
                return null;
            case { AsText: { Length: > 0 } one }:
                return [one];
            case DataList list when list.Items.All(i => i.AsText is { Length: > 0 }):
                return [.. list.Items.Select(i => i.AsText!)];
            case var value:
                return Bad<IReadOnlyList<string>>(key, value, "a list of strings");
        }
    }

    public T? OneOf<T>(string key, IReadOnlyDictionary<string, T> choices)
        where T : struct
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        if (choices.TryGetValue(text, out var found))
        {
            return found;
        }

        Wrong(key, $"'{key}' of {owner} is '{text}', not one of {string.Join(", ", choices.Keys)}.", Nearest(text, choices.Keys));
        return null;
    }

    public TimeZoneInfo? Zone(string key)
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        if (TimeZoneInfo.TryFindSystemTimeZoneById(text, out var zone))
        {
            return zone;
        }

        Wrong(
            key,
            $"Unknown time zone '{text}'.",
            Nearest(text, TimeZoneInfo.GetSystemTimeZones().Select(z => z.Id)) ?? "Use a name such as Europe/Berlin or UTC."
        );
        return null;
    }

    /// <summary>Numbers by name.</summary>
    public IReadOnlyDictionary<string, double>? Numbers(string key) =>
        Find(key) is null ? null
        : Section(key) is { } section ? section.Keys.ToDictionary(k => k, k => section.Number(k) ?? 0, StringComparer.Ordinal)
        : null;

    public PolicySection? Section(string key) =>
        Find(key) switch
        {
            null => null,
            DataMap inner => new PolicySection(inner, $"'{key}'{(owner == PolicyReader.Root ? "" : " of " + owner)}", file, findings),
            var value => Bad<PolicySection>(key, value, "a map"),
        };

    /// <summary>The maps of a list.</summary>
    public IEnumerable<PolicySection> Sections(string key, string each)
    {
        switch (Find(key))
        {
            case null:
                yield break;
            case DataList list:
                for (var i = 0; i < list.Items.Count; i++)
                {
                    var name = string.Create(CultureInfo.InvariantCulture, $"{each} {i + 1}");
                    if (list.Items[i] is DataMap inner)
                    {
                        yield return new PolicySection(inner, name, file, findings);
                    }
                    else
                    {
                        findings.Add(new Diagnostic(file, list.Items[i].Line, $"{name} is {Describe(list.Items[i])}, not a map."));
                    }
                }

                yield break;
            case var value:
                Bad<PolicySection>(key, value, "a list");
                yield break;
        }
    }

    public DataNode? Raw(string key) => Find(key);

    /// <summary>Reports unknown keys.</summary>
    public void Done()
    {
        foreach (var entry in map.Entries)
        {
            var key = PythonText.Str(entry.Key);
            if (!known.Contains(key))
            {
                findings.Add(
                    new Diagnostic(
                        file,
                        entry.Key.Line,
                        $"Unknown key '{key}' in {owner}.",
                        Nearest(key, known) ?? $"Valid keys: {string.Join(", ", known.Distinct())}."
                    )
                );
            }
        }
    }

    public static string? Nearest(string written, IEnumerable<string> candidates) =>
        NearestName.Find(written, candidates) is { } near ? $"Did you mean '{near}'?" : null;

    private DataNode? Find(string key)
    {
        known.Add(key);
        return map[key] is { IsNull: false } value ? value : null;
    }

    private T? Bad<T>(string key, DataNode value, string expected)
    {
        findings.Add(new Diagnostic(file, value.Line, $"'{key}' of {owner} must be {expected}, but is {Describe(value)}."));
        return default;
    }

    private static string Describe(DataNode value) =>
        value switch
        {
            DataMap => "a map",
            DataList => "a list",
            { IsNull: true } => "empty",
            _ => PythonText.Repr(value),
        };

    private static string Show(double value) => value.ToString(CultureInfo.InvariantCulture);
}
