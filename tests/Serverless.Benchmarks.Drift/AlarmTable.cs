using System.Globalization;
using System.Text;
using Serverless.Core;
using Serverless.Monitoring.Drift;
using Serverless.Monitoring.Drift.Presets;

namespace Serverless.Benchmarks.Drift;

/// <summary>How often each preset raises an alarm on columns that did not change, and on columns that did.</summary>
internal static class AlarmTable
{
    private const int Together = 10;

    private sealed record Rates(double Evidently, double Alone, double AmongTen);

    public static void Write(string file, int columns)
    {
        var groups = columns / Together;
        var text = new StringBuilder();
        var (losses, alarms) = (0, 0);
        foreach (var (index, setting) in Setting.All.Index())
        {
            var (falseAlarms, power) = Measure(setting, groups, seed: 1000 + index);
            var isBound = falseAlarms.Evidently < 0.1;
            var isLoss = isBound && power.Alone < power.Evidently;
            var isAlarm = Math.Max(falseAlarms.Alone, falseAlarms.AmongTen) > 0.05;
            losses += isLoss ? 1 : 0;
            alarms += isAlarm ? 1 : 0;
            var remark = string.Join(
                ", ",
                new[]
                {
                    isAlarm ? "**alarms**" : "",
                    isLoss ? "**power**"
                    : isBound ? ""
                    : "not bound",
                }.Where(part => part != "")
            );
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {setting.Column} | {setting.Reference:#,0} / {setting.Current:#,0} | {P(falseAlarms.Evidently)} | "
                    + $"{P(falseAlarms.Alone)} | {P(falseAlarms.AmongTen)} | {setting.Change} | {P(power.Evidently)} | "
                    + $"{P(power.Alone)} | {P(power.AmongTen)} | {remark} |"
            );
            Console.WriteLine(text.ToString().TrimEnd().Split('\n')[^1]);
        }

        File.WriteAllText(file, Head(columns, losses, alarms) + text);
    }

    private static (Rates FalseAlarms, Rates Power) Measure(Setting setting, int groups, int seed)
    {
        var random = new StableRandom(seed);
        var (ours, theirs) = (new DefaultPreset(), new EvidentlyPreset());
        var (alone, theirsAlone) = (new DriftOptions(), new DriftOptions { Preset = DriftPresets.Evidently });
        var (nulls, changes) = (new int[3], new int[3]);
        for (var group = 0; group < groups; group++)
        {
            var usual = Enumerable.Range(0, Together).Select(_ => setting.Draw(random, false)).ToList();
            Count(nulls, theirs.Judge(usual, theirsAlone), Each(usual), ours.Judge(usual, alone));

            // Each changed column stands among nine that did not change.
            var changed = Enumerable.Range(0, Together).Select(_ => setting.Draw(random, true)).ToList();
            Count(
                changes,
                theirs.Judge(changed, theirsAlone),
                Each(changed),
                [.. changed.Select(column => ours.Judge([column, .. usual.Skip(1)], alone)[0])]
            );
        }

        var total = (double)groups * Together;
        return (Of(nulls), Of(changes));

        Rates Of(int[] counts) => new(counts[0] / total, counts[1] / total, counts[2] / total);

        List<PresetVerdict> Each(List<ColumnPair> columns) => [.. columns.Select(column => ours.Judge([column], alone)[0])];

        static void Count(int[] counts, params ReadOnlySpan<IReadOnlyList<PresetVerdict>> verdicts)
        {
            for (var i = 0; i < counts.Length; i++)
            {
                counts[i] += verdicts[i].Count(verdict => verdict.IsDrift);
            }
        }
    }

    private static string P(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);

    private static string Head(int columns, int losses, int alarms) =>
        $"""
            # False alarms and power of the drift presets

            Made by `dotnet run -c Release --project tests/Serverless.Benchmarks.Drift -- alarms docs/drift-false-alarms.md {columns}`: {columns:#,0} columns a row and half,
            so a rate of 5 % has a standard error of {Math.Sqrt(0.05 * 0.95 / columns)
                * 100:0.0}. Figures are percent of columns said to drift. *E* is the preset `evidently`
            (Evidently's default rules, which judge each column by itself), *D* is `default` on a report of one column, *D10* is `default` on a report of ten:
            all ten unchanged for false alarms; the changed one among nine unchanged for power.

            Targets: false alarms of `default` at most 5 %, and its power at least Evidently's wherever Evidently's false alarms stay under 10 % ("not bound": they do
            not). Rows that miss one say which: {alarms} on alarms, {losses} on power (D against E). A correction for ten columns costs power: where D10 is below E,
            Evidently pays with a false alarm in {100 * (1 - Math.Pow(0.95, 10)):0} % of reports on ten unchanged columns at 5 % each.

            | unchanged column | rows | E | D | D10 | change | E | D | D10 | misses |
            |---|---|--:|--:|--:|---|--:|--:|--:|---|

            """;
}
