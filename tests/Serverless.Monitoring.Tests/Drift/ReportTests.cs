using System.Text;
using System.Text.Json;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Monitoring.Drift;
using Serverless.Monitoring.Drift.Profiles;
using Serverless.Monitoring.Drift.Reports;

namespace Serverless.Monitoring.Tests.Drift;

public sealed class ReportTests
{
    [Fact]
    public void A_profile_that_was_stored_gives_the_report_that_the_data_gives()
    {
        var (reference, current) = (Frame(1, 900, 0), Frame(2, 700, 0.5));
        var stored = ReferenceProfile.FromJson(ReferenceProfile.Of(reference, new ReferenceProfileOptions { By = "plan" }).ToJson());
        foreach (var preset in DriftPresets.All)
        {
            var options = new DriftOptions { Preset = preset, By = "plan" };
            Assert.Equal(
                DriftDetector.Compare(reference, current, options).ToJson(),
                DriftDetector.Compare(stored, current, options).ToJson()
            );
        }
    }

    [Fact]
    public void A_window_of_pieces_is_a_window_of_one()
    {
        var current = Frame(2, 900, 0.5);
        var profile = ReferenceProfile.Of(Frame(1, 900, 0), new ReferenceProfileOptions { By = "plan" });
        foreach (var buffered in new[] { 250_000, 100 })
        {
            var options = new DriftOptions { By = "plan", BufferedValues = buffered };
            var window = new DriftWindow(profile, options);
            for (var start = 0; start < 900; start += 90)
            {
                window.Add(current.Take([.. Enumerable.Range(start, 90)]));
            }

            var (whole, pieces) = (DriftDetector.Compare(profile, current, options), window.ToReport());
            Assert.Equal(900, pieces.Current.Rows);
            Assert.Equal(
                whole.DriftByColumns.Values.Select(column => column.DriftDetected),
                pieces.DriftByColumns.Values.Select(column => column.DriftDetected)
            );
            foreach (var (name, column) in whole.DriftByColumns)
            {
                // Moments are joined in another order, and nothing else differs.
                Assert.Equal(column.DriftScore!.Value, pieces.DriftByColumns[name].DriftScore!.Value, 1e-9);
                Assert.Equal(column.Current.Mean ?? 0, pieces.DriftByColumns[name].Current.Mean ?? 0, 1e-9);
            }
        }
    }

    [Fact]
    public void A_long_window_keeps_the_exact_distance_of_a_reference_that_is_kept_exactly()
    {
        var (reference, current) = (
            new ColumnFrame(Column.FromNumbers("x", DefaultPresetTests.Normal(1, 3000))),
            new ColumnFrame(Column.FromNumbers("x", DefaultPresetTests.Normal(2, 4000)))
        );
        var exact = DriftDetector.Compare(reference, current).DriftByColumns["x"].Distances!;
        var counted = DriftDetector
            .Compare(ReferenceProfile.Of(reference), current, new DriftOptions { BufferedValues = 0 })
            .DriftByColumns["x"];

        Assert.False(counted.IsExact);
        Assert.Equal(exact.KsStatistic!.Value, counted.Distances!.KsStatistic!.Value, 1e-12);
        Assert.Equal(exact.Psi!.Value, counted.Distances.Psi!.Value, 5e-3);
        Assert.Equal(exact.WassersteinNormed!.Value, counted.Distances.WassersteinNormed!.Value, 1e-2);
    }

    [Fact]
    public void The_names_in_the_JSON_are_Evidentlys()
    {
        var report = DriftDetector.Compare(
            Frame(1, 300, 0),
            Frame(2, 300, 0.5),
            new DriftOptions { Preset = DriftPresets.Evidently, By = "plan" }
        );
        using var json = JsonDocument.Parse(report.ToJson());
        var root = json.RootElement;

        foreach (
            var name in new[]
            {
                "number_of_columns",
                "number_of_drifted_columns",
                "share_of_drifted_columns",
                "dataset_drift",
                "drift_share",
            }
        )
        {
            Assert.True(root.TryGetProperty(name, out _), name);
        }

        var column = root.GetProperty("drift_by_columns").GetProperty("x");
        Assert.Equal("x", column.GetProperty("column_name").GetString());
        Assert.Equal("num", column.GetProperty("column_type").GetString());
        Assert.Equal("K-S p_value", column.GetProperty("stattest_name").GetString());
        Assert.Equal(0.05, column.GetProperty("stattest_threshold").GetDouble());
        Assert.True(column.GetProperty("drift_score").GetDouble() < 0.05);
        Assert.True(column.GetProperty("drift_detected").GetBoolean());
        Assert.Equal(report.ToJson(), DriftReport.FromJson(report.ToJson()).ToJson());
    }

    [Fact]
    public void Segments_say_what_is_new_and_what_is_gone()
    {
        var reference = Frame(1, 600, 0);
        var current = new ColumnFrame(
            Frame(2, 600, 0)
                .Columns.Select(column => column.Name == "plan" ? Column.FromTexts("plan", [.. Enumerable.Repeat("gold", 600)]) : column)
        );
        var report = DriftDetector.Compare(reference, current, new DriftOptions { By = "plan" });

        Assert.Equal(
            ["basic", "plus"],
            report
                .Segments.Where(segment => segment.Note!.Contains("no rows in this segment", StringComparison.Ordinal))
                .Select(segment => segment.Value)
                .Order()
        );
        Assert.Contains(
            report.Segments,
            segment => segment.Value == "gold" && segment.Note!.Contains("600 rows", StringComparison.Ordinal)
        );
        Assert.Throws<ServerlessException>(() => new DriftWindow(ReferenceProfile.Of(reference), new DriftOptions { By = "plan" }));
    }

    [Fact]
    public void The_page_is_small_and_needs_nothing_else()
    {
        var (reference, current) = (Wide(1, 0), Wide(2, 0.2));
        var page = DriftDetector.Compare(reference, current, new DriftOptions { By = "plan" }).ToHtml();

        Assert.InRange(Encoding.UTF8.GetByteCount(page), 20_000, 300_000);
        foreach (var foreign in new[] { "http:", "https:", "<script", "<link", "<img", "@import", "url(", "NaN", "<evil>" })
        {
            Assert.DoesNotContain(foreign, page, StringComparison.Ordinal);
        }

        Assert.Contains("&lt;evil&gt;", page, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme:dark", page, StringComparison.Ordinal);
        Assert.Equal(50, page.Split("<svg").Length - 1);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"version":2,"rows":1,"columns":[]}""")]
    [InlineData("""{"version":1,"rows":1,"columns":[{"name":"x","type":"Number","rows":1,"nulls":0,"infinities":0}]}""")]
    public void What_is_not_a_profile_is_an_error(string json) => Assert.Throws<ServerlessException>(() => ReferenceProfile.FromJson(json));

    private static ColumnFrame Frame(int seed, int rows, double shift)
    {
        var random = new StableRandom(seed);
        return new ColumnFrame(
            Column.FromTexts("plan", [.. Enumerable.Range(0, rows).Select(_ => random.NextInt(2) == 0 ? "basic" : "plus")]),
            Column.FromNumbers("x", [.. DefaultPresetTests.Normal(seed + 10, rows).Select(value => value + shift)]),
            Column.FromIntegers(
                "few",
                [.. Enumerable.Range(0, rows).Select(_ => random.NextInt(10) == 0 ? (long?)null : random.NextInt(4))]
            ),
            Column.FromBooleans("flag", [.. Enumerable.Range(0, rows).Select(_ => random.NextInt(3) == 0)]),
            Column.FromTexts("name", DefaultPresetTests.Texts(seed + 20, rows, 40))
        );
    }

    private static ColumnFrame Wide(int seed, double shift)
    {
        var columns = Frame(seed, 500, shift).Columns.ToList();
        columns.Add(Column.FromTexts("<evil>", [.. DefaultPresetTests.Texts(seed, 500, 30).Select(text => $"<evil> {text}")]));
        for (var i = columns.Count; i < 50; i++)
        {
            columns.Add(
                i % 2 == 0
                    ? Column.FromNumbers(
                        $"n{i}",
                        [.. DefaultPresetTests.Normal((seed * 100) + i, 500).Select(value => value * 1e4 * (1 + shift))]
                    )
                    : Column.FromTexts($"t{i}", DefaultPresetTests.Texts((seed * 100) + i, 500, 25))
            );
        }

        return new ColumnFrame(columns);
    }
}
