using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Monitoring.Validation;

namespace Serverless.Monitoring.Tests.Validation;

public sealed class ValidationTests
{
    [Fact]
    public void Data_that_fit_have_no_findings()
    {
        var frame = new ColumnFrame(
            Column.FromIntegers("id", [1, 2, 3]),
            Column.FromNumbers("x", [0, 0.5, double.NaN]),
            Column.FromTexts("t", ["a", "b", "a"])
        );
        var report = Validate(
            frame,
            new ColumnSchema
            {
                Name = "id",
                Type = ColumnType.Integer,
                MaxNullShare = 0,
                Unique = true,
                Pattern = "[0-9]+",
            },
            new ColumnSchema
            {
                Name = "x",
                Type = ColumnType.Number,
                Min = 0,
                Max = 0.5,
                MaxNullShare = 0.34,
            },
            new ColumnSchema
            {
                Name = "t",
                Type = ColumnType.Text,
                AllowedValues = ["a", "b"],
            },
            new ColumnSchema { Name = "optional", Required = false }
        );

        Assert.True(report.Ok, string.Join("\n", report.Findings));
        report.ThrowIfInvalid("data.csv");
    }

    [Fact]
    public void All_findings_are_told_at_once()
    {
        var frame = new ColumnFrame(
            Column.FromIntegers("id", [1L, 2L, 1L, null]),
            Column.FromNumbers("age", [-1, 20, 200, double.PositiveInfinity]),
            Column.FromTexts("plan", ["basic", "gold", "Basic", null]),
            Column.FromTexts("code", ["A1", "b2", "A1x", "A9"]),
            Column.FromTexts("extra", ["", "", "", ""])
        );
        var schema = new DataSchema
        {
            MinRows = 10,
            AllowUnexpectedColumns = false,
            Columns =
            [
                new ColumnSchema
                {
                    Name = "id",
                    MaxNullShare = 0,
                    Unique = true,
                },
                new ColumnSchema
                {
                    Name = "age",
                    Min = 0,
                    Max = 120,
                },
                new ColumnSchema
                {
                    Name = "plan",
                    AllowedValues = ["basic", "gold"],
                    MaxNullShare = 0.1,
                },
                new ColumnSchema { Name = "code", Pattern = "[A-Z][0-9]" },
                new ColumnSchema { Name = "extras" },
            ],
        };

        var report = DataValidator.Validate(frame, schema);

        Assert.Equal(
            [
                "min_rows : There are 4 rows, fewer than 10.",
                "nulls id: Column 'id' has 1 nulls, but none are allowed.",
                "unique id: 1 value of column 'id' repeats an earlier one: '1' (first in row 3).",
                "min age: 1 value of column 'age' is below 0: '-1' (first in row 1).",
                "max age: 2 values of column 'age' are above 120: '200', 'inf' (first in row 3).",
                "nulls plan: 25% of column 'plan' are null, more than 10%.",
                "allowed_values plan: 1 value of column 'plan' is not allowed: 'Basic' (first in row 3). Allowed: basic, gold.",
                "pattern code: 2 values of column 'code' do not match [A-Z][0-9]: 'b2', 'A1x' (first in row 2).",
                "missing_column extras: Column 'extras' is missing.",
                "unexpected_column extra: Column 'extra' is not in the schema.",
            ],
            report.Findings.Select(finding => $"{finding.Rule} {finding.Column}: {finding.Message}")
        );
        Assert.Equal([3, 4], report.Findings[4].FirstRows);
        Assert.Contains("'extra'", report.Findings[8].Fix);
        Assert.All(report.Findings, finding => Assert.NotEmpty(finding.Fix));

        var error = Assert.Throws<ServerlessException>(() => report.ThrowIfInvalid("data.csv"));
        Assert.Equal(ErrorCodes.ValidationFailed, error.Code);
        Assert.Equal("data.csv: There are 4 rows, fewer than 10. (9 more findings.)", error.Message);
        Assert.Equal(10, error.Diagnostics.Count);
    }

    [Theory]
    [InlineData(ColumnType.Number, 0)]
    [InlineData(ColumnType.Integer, 1)]
    [InlineData(ColumnType.Boolean, 2)]
    [InlineData(ColumnType.Text, 0)]
    public void The_type_is_that_of_the_values(ColumnType type, int expected)
    {
        var frame = new ColumnFrame(Column.FromNumbers("x", [1, 2, 0.5, double.NaN]));

        Assert.Equal(expected, Validate(frame, new ColumnSchema { Name = "x", Type = type }).Findings.Sum(finding => finding.Count));
    }

    [Fact]
    public void Text_that_is_no_number_is_shown_and_the_rest_is_still_checked()
    {
        var report = Validate(
            new ColumnFrame(Column.FromTexts("x", ["1", "two", "300", null, "three"])),
            new ColumnSchema
            {
                Name = "x",
                Type = ColumnType.Number,
                Max = 100,
            }
        );

        Assert.Equal(
            [
                "2 values of column 'x' are not Number: 'two', 'three' (first in row 2).",
                "1 value of column 'x' is above 100: '300' (first in row 3).",
            ],
            report.Findings.Select(finding => finding.Message)
        );
    }

    [Fact]
    public void Booleans_may_be_zeros_and_ones_and_a_column_of_nulls_is_of_any_type()
    {
        var frame = new ColumnFrame(
            Column.FromIntegers("flag", [0, 1]),
            Column.FromNumbers("none", [double.NaN, double.NaN]),
            Column.FromNumbers("level", [1, 2])
        );

        Assert.True(Validate(frame, new ColumnSchema { Name = "flag", Type = ColumnType.Boolean }).Ok);
        Assert.All(Enum.GetValues<ColumnType>(), type => Assert.True(Validate(frame, new ColumnSchema { Name = "none", Type = type }).Ok));
        Assert.True(Validate(frame, new ColumnSchema { Name = "level", AllowedValues = ["1.0", "2.0"] }).Ok);
    }

    [Fact]
    public void Only_the_first_five_rows_are_kept_of_many()
    {
        var frame = new ColumnFrame(Column.FromIntegers("x", [.. Enumerable.Range(0, 1000).Select(i => (long)i)]));
        var finding = Validate(frame, new ColumnSchema { Name = "x", Max = 99 }).Findings.Single();

        Assert.Equal(900, finding.Count);
        Assert.Equal([101, 102, 103, 104, 105], finding.FirstRows);
        Assert.EndsWith("'100', '101', '102', '103', '104', … (first in row 101).", finding.Message);
    }

    [Fact]
    public void Ids_on_both_sides_of_a_split_are_found()
    {
        var train = new ColumnFrame(Column.FromIntegers("id", [1L, 2L, null, 3L]));
        var test = new ColumnFrame(Column.FromTexts("id", ["4", "2", null, "3"]));

        var finding = DataValidator.CheckOverlap(train, test, "id").Findings.Single();
        Assert.Equal("2 of 4 test rows have an id in 'id' that training rows have, too: '2', '3' (first in row 2).", finding.Message);
        Assert.Equal([2, 4], finding.FirstRows);
        Assert.True(DataValidator.CheckOverlap(train, new ColumnFrame(Column.FromIntegers("id", [5L])), "id").Ok);
        Assert.Throws<ServerlessException>(() => DataValidator.CheckOverlap(train, test, "ids"));
    }

    [Fact]
    public void A_schema_that_makes_no_sense_is_refused_with_all_its_faults()
    {
        var error = Assert.Throws<ServerlessException>(() =>
            Validate(
                new ColumnFrame(Column.FromNumbers("x", [1])),
                new ColumnSchema
                {
                    Name = "a",
                    Min = 2,
                    Max = 1,
                },
                new ColumnSchema { Name = "b", Pattern = "(" },
                new ColumnSchema { Name = "c", MaxNullShare = 5 },
                new ColumnSchema
                {
                    Name = "c",
                    Type = ColumnType.Text,
                    Min = 1,
                }
            )
        );

        Assert.Equal(ErrorCodes.InvalidParameterValue, error.Code);
        Assert.Equal(5, error.Diagnostics.Count);
    }

    [Fact]
    public void Patterns_that_look_around_work_and_ones_that_never_end_are_stopped()
    {
        var frame = new ColumnFrame(Column.FromTexts("x", ["ab", "aab"]));
        Assert.Equal(1, Validate(frame, new ColumnSchema { Name = "x", Pattern = "(?!aa).*" }).Findings.Single().Count);

        // Without look-around, nested repetition is harmless.
        var hard = new ColumnFrame(Column.FromTexts("x", [new string('a', 5000) + "!"]));
        Assert.False(Validate(hard, new ColumnSchema { Name = "x", Pattern = "(a+)+" }).Ok);
    }

    private static ValidationReport Validate(ColumnFrame frame, params ColumnSchema[] columns) =>
        DataValidator.Validate(frame, new DataSchema { Columns = columns });
}
