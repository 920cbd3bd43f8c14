using Serverless.Core.Columns;

namespace Serverless.Core.Tests.Columns;

/// <summary>The rule that every door shares: which values are of which type.</summary>
public sealed class ColumnConversionTests
{
    [Theory]
    [InlineData("2.0,,5.0", ColumnType.Integer, "2,,5")]
    [InlineData("2.5,5.0", ColumnType.Integer, null)]
    [InlineData("True,False", ColumnType.Integer, "1,0")]
    [InlineData("1,0,", ColumnType.Boolean, "true,false,")]
    [InlineData("1.0,0.0", ColumnType.Boolean, "true,false")]
    [InlineData("1,2", ColumnType.Boolean, null)]
    [InlineData("1,2", ColumnType.Number, "1,2")]
    [InlineData("True,False", ColumnType.Number, "1,0")]
    [InlineData("1,2", ColumnType.Text, null)]
    [InlineData("a,b", ColumnType.Number, null)]
    [InlineData("1e300,2.0", ColumnType.Integer, null)]
    public void A_value_is_of_a_type_whatever_wrote_it(string values, ColumnType type, string? expected)
    {
        var column = Read(values);

        var converted = ColumnConversion.To(column, type);

        Assert.Equal(
            expected,
            converted is null ? null : string.Join(',', Enumerable.Range(0, converted.Length).Select(converted.GetText))
        );
        Assert.Equal(expected is not null, ColumnConversion.Fits(column, type));
        Assert.True(converted is null || converted.Type == type);
    }

    [Fact]
    public void Numbers_that_a_file_holds_as_text_are_numbers_and_codes_with_leading_zeros_are_not()
    {
        var texts = Column.FromTexts("x", ["1.5", null, "NA", "9007199254740993"]);

        Assert.Equal([1.5, double.NaN, double.NaN, 9007199254740992d], ColumnConversion.To(texts, ColumnType.Number)!.Numbers.ToArray());
        Assert.Equal(9007199254740993, ColumnConversion.To(Column.FromTexts("x", ["9007199254740993"]), ColumnType.Integer)!.GetInteger(0));
        Assert.Null(ColumnConversion.To(Column.FromTexts("x", ["007", "8"]), ColumnType.Integer));
        Assert.Null(ColumnConversion.To(Column.FromTexts("x", ["3,14"]), ColumnType.Number));
    }

    [Theory]
    [InlineData("1", ColumnType.Boolean, "true")]
    [InlineData("1.0", ColumnType.Integer, "1")]
    [InlineData("True", ColumnType.Integer, "1")]
    [InlineData("yes", ColumnType.Boolean, "yes")]
    public void A_value_is_looked_up_as_the_column_writes_it(string text, ColumnType type, string expected) =>
        Assert.Equal(expected, ColumnConversion.TextIn(text, type));

    [Theory]
    [InlineData("2026-01-01 05:00:00", "2026-01-01T04:00:00", 1)]
    [InlineData("2026-01-01T10:00Z", "2026-01-01T10:30+02:00", 1)]
    [InlineData("2026-10-25T02:59+02:00", "2026-10-25T02:00+01:00", -1)]
    [InlineData("2026-9-30", "2026-10-01", -1)]
    [InlineData("2026-09-30T10:00:00.5Z", "2026-09-30T10:00:00.25Z", 1)]
    public void Times_are_instants(string first, string second, int order)
    {
        Assert.True(Instant.TryParse(first, out var a) && Instant.TryParse(second, out var b) && Math.Sign(a.Ticks - b.Ticks) == order);
    }

    [Theory]
    [InlineData("09/30/2026")]
    [InlineData("Sep 2026")]
    [InlineData("2026-13-01")]
    [InlineData("2026-02-30")]
    [InlineData("2026")]
    [InlineData("")]
    public void A_time_that_can_be_read_in_two_ways_is_not_read(string text) => Assert.False(Instant.TryParse(text, out _));

    [Theory]
    [InlineData("3,14|2,50|7,00", "numbers with a decimal comma (as '3,14')")]
    [InlineData("1.234,5|2,0", "numbers with a decimal comma (as '1.234,5')")]
    [InlineData("12%|7%|3.5%", "numbers with signs around them (as '12%')")]
    [InlineData("$1,200|$30", "numbers with signs around them (as '$1,200')")]
    [InlineData("2026-01-02|2026-01-03", "dates (as '2026-01-02')")]
    [InlineData("09/30/2026|10/01/2026", "dates (as '09/30/2026')")]
    [InlineData("1|2|3|4|5|6|7|8|9|10|11|error", "numbers (11 of 12 are, and 'error' is not)")]
    [InlineData("free|pro|basic", null)]
    [InlineData("007|012|113", null)]
    [InlineData("1|2|n/a|basic", null)]
    [InlineData("north|12|south", null)]
    public void Text_that_was_meant_to_be_numbers_or_dates_is_found(string values, string? expected) =>
        Assert.Equal(expected, TextLook.Of(Column.FromTexts("x", values.Split('|')))?.What);

    private static Column Read(string values)
    {
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes($"x,n\n{string.Join(",1\n", values.Split(','))},1\n"));
        return ColumnReader.ReadAsync(stream, ColumnFormat.Csv).GetAwaiter().GetResult()["x"];
    }
}
