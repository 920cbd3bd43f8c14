using Serverless.Core.Columns;

namespace Serverless.Core.Tests.Columns;

public sealed class TypeInferenceTests
{
    [Theory]
    [InlineData(ColumnType.Integer, "1", "-2", "+3", " 4 ")]
    [InlineData(ColumnType.Integer, "0", "-0", "", "10")]
    [InlineData(ColumnType.Number, "1", "2.5")]
    [InlineData(ColumnType.Number, "1e3", "-.5", "2.")]
    [InlineData(ColumnType.Number, "1", "inf", "-Infinity")]
    [InlineData(ColumnType.Boolean, "true", "FALSE", "True", "")]
    [InlineData(ColumnType.Text, "true", "1")]
    [InlineData(ColumnType.Text, "yes", "no")]
    [InlineData(ColumnType.Text, "1", "2", "x")]
    [InlineData(ColumnType.Text, "1.50", "2", "2024-01-01")]
    [InlineData(ColumnType.Text, "007", "8")]
    [InlineData(ColumnType.Text, "0.5", "01")]
    [InlineData(ColumnType.Text, "1", "99999999999999999999")]
    [InlineData(ColumnType.Text, "99999999999999999999", "1")]
    [InlineData(ColumnType.Number, "1", "99999999999999999999", "0.5")]
    [InlineData(ColumnType.Number, "", "NA", "NaN")]
    [InlineData(ColumnType.Text, "0x1F", "1")]
    [InlineData(ColumnType.Text, "infinite", "1")]
    public async Task A_column_has_the_type_of_all_its_values_whatever_their_order(ColumnType expected, params string[] values)
    {
        var column = await Csv.ColumnAsync(values);
        var reversed = await Csv.ColumnAsync([.. values.Reverse()]);

        Assert.Equal(expected, column.Type);
        Assert.Equal(expected, reversed.Type);
        Assert.Equal(column.Texts(), reversed.Texts().Reverse());
    }

    [Fact]
    public async Task A_column_that_turns_into_text_in_its_last_row_keeps_every_text_as_it_was_written()
    {
        string[] values = ["1.50", "+2", "NA", " ", "", .. Enumerable.Repeat("1e0", 5000), "x"];

        var column = await Csv.ColumnAsync(values);

        Assert.Equal(ColumnType.Text, column.Type);
        Assert.Equal(values.Select(value => value.Length == 0 ? null : value), column.Texts());
    }

    [Theory]
    [InlineData("NA")]
    [InlineData("N/A")]
    [InlineData("NaN")]
    [InlineData("nan")]
    [InlineData("null")]
    [InlineData("NULL")]
    [InlineData("<NA>")]
    [InlineData("  ")]
    public async Task Marks_of_missing_values_are_null_in_numeric_columns_and_text_in_text_columns(string mark)
    {
        Assert.Equal(["1", null, "2"], (await Csv.ColumnAsync("1", mark, "2")).Texts());
        Assert.Equal([null, "0.5"], (await Csv.ColumnAsync(mark, "0.5")).Texts());
        Assert.Equal(["true", null], (await Csv.ColumnAsync("true", mark)).Texts());
        Assert.Equal(["a", mark], (await Csv.ColumnAsync("a", mark)).Texts());
        Assert.Equal([mark, "a"], (await Csv.ColumnAsync(mark, "a")).Texts());
    }

    [Fact]
    public async Task Infinities_are_numbers_and_not_null()
    {
        var column = await Csv.ColumnAsync("inf", "-inf", "1.5", "nan");

        Assert.Equal([double.PositiveInfinity, double.NegativeInfinity, 1.5, double.NaN], column.Numbers.ToArray());
        Assert.Equal(1, column.NullCount);
        Assert.Equal(["inf", "-inf", "1.5", null], column.Texts());
    }

    [Fact]
    public async Task Whole_numbers_of_64_bits_are_exact()
    {
        var column = await Csv.ColumnAsync("9007199254740993", "9223372036854775807", "-9223372036854775808");

        Assert.Equal(ColumnType.Integer, column.Type);
        Assert.Equal(["9007199254740993", "9223372036854775807", "-9223372036854775808"], column.Texts());
        Assert.Equal(9007199254740993, column.GetInteger(0));
    }

    [Fact]
    public async Task Identifiers_longer_than_64_bits_stay_exact_as_text()
    {
        var column = await Csv.ColumnAsync("18446744073709551616", "18446744073709551617");

        Assert.Equal(["18446744073709551616", "18446744073709551617"], column.Texts());
    }

    [Fact]
    public async Task Forced_types_are_taken()
    {
        var types = new Dictionary<string, ColumnType> { ["x"] = ColumnType.Text };
        Assert.Equal(
            ["007", "1.50", "NA", null],
            (await Csv.ColumnAsync(new ColumnReaderOptions { Types = types }, "007", "1.50", "NA", "")).Texts()
        );

        types["x"] = ColumnType.Integer;
        Assert.Equal(
            ["7", "3", null, null],
            (await Csv.ColumnAsync(new ColumnReaderOptions { Types = types }, "007", "3.0", "NA", "")).Texts()
        );

        types["x"] = ColumnType.Boolean;
        Assert.Equal(
            ["true", "false", "true"],
            (await Csv.ColumnAsync(new ColumnReaderOptions { Types = types }, "1", "0", "TRUE")).Texts()
        );

        types["x"] = ColumnType.Number;
        var numbers = await Csv.ColumnAsync(new ColumnReaderOptions { Types = types }, "1", "2");
        Assert.Equal(ColumnType.Number, numbers.Type);
        Assert.Equal([1.0, 2.0], numbers.Numbers.ToArray());
    }

    [Fact]
    public async Task A_value_that_does_not_fit_a_forced_type_is_named_with_its_line()
    {
        var options = new ColumnReaderOptions { Types = new Dictionary<string, ColumnType> { ["b"] = ColumnType.Integer } };

        var error = await Csv.ErrorAsync("a,b\n\"two\nlines\",1\nx,2.5\ny,z\n", options);

        Assert.Equal(ErrorCodes.ValidationFailed, error.Code);
        Assert.Equal("data.csv:4: Column 'b' must be Integer, but contains '2.5' and 1 more invalid values.", error.Message);
    }

    [Fact]
    public async Task A_forced_type_for_a_column_that_is_not_there_names_the_nearest()
    {
        var options = new ColumnReaderOptions { Types = new Dictionary<string, ColumnType> { ["tenur"] = ColumnType.Integer } };

        var error = await Csv.ErrorAsync("tenure,b\n1,2\n", options);

        Assert.Contains("'tenur'", error.Message);
        Assert.Equal("Did you mean 'tenure'?", error.Fix);
    }

    [Fact]
    public async Task Texts_that_mean_null_can_be_added()
    {
        var options = new ColumnReaderOptions { NullTexts = ["?", "-999"] };

        Assert.Equal(["1", null, null], (await Csv.ColumnAsync(options, "1", "?", "-999")).Texts());
        Assert.Equal(["a", null], (await Csv.ColumnAsync(options, "a", "?")).Texts());
    }
}
