using Serverless.Core.Columns;

namespace Serverless.Core.Tests.Columns;

public sealed class ColumnFrameTests
{
    private static readonly ColumnFrame Frame = new(
        Column.FromIntegers("id", [long.MaxValue, 2L, 3L]),
        Column.FromNumbers("charges", [0.5, double.NaN, 1.5]),
        Column.FromTexts("contract", ["a", null, "b"]),
        Column.FromBooleans("churn", [true, null, false])
    );

    [Fact]
    public void Values_are_read_as_numbers_and_as_text()
    {
        Assert.Equal(["9223372036854775807", "2", "3"], Frame["id"].Texts());
        Assert.Equal([0.5, double.NaN, 1.5], Frame["charges"].Numbers.ToArray());
        Assert.Equal([1, double.NaN, 0], Frame["churn"].Numbers.ToArray());
        Assert.Equal([0, 1, 1, 1], Frame.Columns.Select(column => column.NullCount));
        Assert.True(Frame["contract"].IsNull(1));
        Assert.Contains(
            "contains text, not numbers (for example 'a')",
            Assert.Throws<ServerlessException>(() => Frame["contract"].GetNumber(0)).Message
        );
    }

    [Fact]
    public void A_missing_column_names_what_there_is_and_what_is_near()
    {
        var error = Assert.Throws<ServerlessException>(() => Frame["Charge"]);

        Assert.Equal("There is no column 'Charge'. Existing columns: id, charges, contract, churn.", error.Message);
        Assert.Equal("Did you mean 'charges'?", error.Fix);
        Assert.False(Frame.TryGet("Charge", out _));
    }

    [Fact]
    public void Rows_can_be_taken_in_any_order_and_more_than_once()
    {
        var taken = Frame.Take([2, 0, 0]);

        Assert.Equal(["3", "9223372036854775807", "9223372036854775807"], taken["id"].Texts());
        Assert.Equal(["b", "a", "a"], taken["contract"].Texts());
        Assert.Equal(0, taken["charges"].NullCount);
    }

    [Fact]
    public void Columns_are_added_replaced_removed_and_selected()
    {
        var more = Frame.With(Column.FromTexts("new", ["x", "y", "z"])).With(Column.FromNumbers("id", [1, 2, 3]));

        Assert.Equal("3 rows; id: Number, charges: Number, contract: Text, churn: Boolean, new: Text", more.ToString());
        Assert.Equal("3 rows; charges: Number, contract: Text", Frame.Without("id", "churn").ToString());
        Assert.Equal("3 rows; churn: Boolean, id: Integer", Frame.Select(["churn", "id"]).ToString());
        Assert.Throws<ServerlessException>(() => Frame.Without("ident"));
        Assert.Throws<ServerlessException>(() => Frame.With(Column.FromNumbers("short", [1])));
        Assert.Throws<ServerlessException>(() => new ColumnFrame(Frame["id"], Frame["id"]));
    }
}
