using System.Text.Json;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Monitoring.Drift;
using Serverless.Monitoring.Drift.Reports;

namespace Serverless.Monitoring.Tests.Drift;

/// <summary>The preset's scores and verdicts against those of Evidently itself.</summary>
public sealed class EvidentlyPresetTests
{
    public static TheoryData<string> Names => [.. DriftGolden.Numeric, .. DriftGolden.Categorical];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Verdicts_are_Evidentlys(string name)
    {
        var golden = await DriftGolden.ReadAsync(name);
        var versions = DriftGolden.Document("evidently.json");
        foreach (var version in versions.EnumerateObject())
        {
            foreach (var method in version.Value.GetProperty(name).EnumerateObject())
            {
                // Infinities were an error to some versions and methods; with us they are counted and left out.
                if (method.Value.TryGetProperty("score", out var score))
                {
                    var forced = method.Name == "default" ? null : method.Name;
                    var column = Report(golden, forced).DriftByColumns["value"];
                    Check(score, column);
                    Assert.Equal(IsDrift(method.Value), column.DriftDetected);
                    if (method.Value.TryGetProperty("stattest", out var title))
                    {
                        Assert.Equal(title.GetString(), column.StattestName);
                        Assert.Equal(method.Value.GetProperty("threshold").GetDouble(), column.StattestThreshold);
                        Assert.Equal(method.Value.GetProperty("column_type").GetString(), column.ColumnType);
                    }
                }
            }
        }
    }

    [Fact]
    public async Task A_frame_has_Evidentlys_verdicts()
    {
        var (reference, current) = (await DriftGolden.FrameAsync("reference"), await DriftGolden.FrameAsync("current"));
        var expected = DriftGolden.Document("evidently.json").EnumerateObject().Last().Value.GetProperty("50_frame_preset_900");
        var options = new DriftOptions { Preset = DriftPresets.Evidently, Exclude = ["id"] };

        Check("inferred_types", options);
        Check("declared_types", options with { Categorical = ["n_calls"] });
        Check("psi_num_chisquare_cat", options with { Categorical = ["n_calls"], NumericMethod = "psi", CategoricalMethod = "chisquare" });

        void Check(string form, DriftOptions with)
        {
            var report = DriftDetector.Compare(reference, current, with);
            var dataset = expected.GetProperty(form).GetProperty("dataset");
            Assert.Equal(dataset.GetProperty("number_of_columns").GetInt32(), report.NumberOfColumns);
            Assert.Equal(dataset.GetProperty("number_of_drifted_columns").GetInt32(), report.NumberOfDriftedColumns);
            Assert.Equal(dataset.GetProperty("dataset_drift").GetBoolean(), report.DatasetDrift);
            foreach (var column in expected.GetProperty(form).GetProperty("columns").EnumerateObject())
            {
                var actual = report.DriftByColumns[column.Name];
                EvidentlyPresetTests.Check(column.Value.GetProperty("score"), actual);
                Assert.Equal(column.Value.GetProperty("stattest").GetString(), actual.StattestName);
                Assert.Equal(column.Value.GetProperty("column_type").GetString(), actual.ColumnType);
                Assert.Equal(column.Value.GetProperty("drift_detected").GetBoolean(), actual.DriftDetected);
            }
        }
    }

    [Fact]
    public void A_method_that_does_not_fit_is_an_error_that_lists_those_that_do()
    {
        var error = Assert.Throws<ServerlessException>(() =>
            DriftDetector.Compare(
                Frame(1, 2, 3),
                Frame(1, 2, 3),
                new DriftOptions { Preset = DriftPresets.Evidently, NumericMethod = "chisquare" }
            )
        );
        Assert.Contains("wasserstein", error.Message, StringComparison.Ordinal);
        Assert.Throws<ServerlessException>(() => DriftDetector.Compare(Frame(1), Frame(1), new DriftOptions { Preset = "evidendly" }));
    }

    [Fact]
    public void An_empty_column_is_said_to_be_so()
    {
        var report = DriftDetector.Compare(
            Frame(1, 2, 3),
            Frame(double.NaN, double.PositiveInfinity),
            new DriftOptions { Preset = DriftPresets.Evidently }
        );
        var column = report.DriftByColumns["value"];
        Assert.True(column.DriftDetected);
        Assert.Null(column.DriftScore);
        Assert.Contains("no value", column.Note, StringComparison.Ordinal);
    }

    private static ColumnFrame Frame(params double[] values) => new(Column.FromNumbers("value", values));

    private static DriftReport Report(DriftGolden golden, string? method) =>
        DriftDetector.Compare(
            new ColumnFrame(golden.Reference),
            new ColumnFrame(golden.Current),
            new DriftOptions
            {
                Preset = DriftPresets.Evidently,
                NumericMethod = golden.IsNumeric ? method : null,
                CategoricalMethod = golden.IsNumeric ? null : method,
            }
        );

    private static void Check(JsonElement expected, ColumnDrift column)
    {
        if (expected.ValueKind == JsonValueKind.String)
        {
            Assert.Equal("nan", expected.GetString());
            Assert.Null(column.DriftScore);
        }
        else
        {
            Assert.Equal(expected.GetDouble(), column.DriftScore!.Value, 1e-6);
        }
    }

    private static bool IsDrift(JsonElement method) =>
        method.TryGetProperty("drift_detected", out var detected)
            ? detected.GetBoolean()
            : method.GetProperty("status").GetString() == "TestStatus.FAIL";
}
